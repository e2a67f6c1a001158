// What the CUDA kernels of the rasterizer share.
#pragma once
#include <bisque/ops3d/rasterize_meshes/rasterize_meshes_math.h>
#include <bisque/core/ops/launch.cuh>

namespace bisque::raster {

constexpr int kTile = kRasterCudaTile;
using Counter = unsigned long long;  // what atomics take; -1 is its largest value

template <class T>
struct Job {
  RasterizeMeshesParams<T> params;
  Frame<T> frame;
  const Vertex<T>* verts;
  int32_t tiles_x, tiles_y;
  Counter* tiles;   // counts of faces; summed up: ends of lists; filled: where they begin
  Counter* status;  // see StatusSlot
  int32_t* entries;

  BISQUE_HOST_DEVICE int64_t tiles_a_mesh() const { return static_cast<int64_t>(tiles_x) * tiles_y; }
  BISQUE_HOST_DEVICE int64_t num_tiles() const { return params.num_meshes * tiles_a_mesh(); }
};

template <class T>
Job<T> job_of(const RasterizeMeshesParams<T>& params, const RasterizeMeshesScratch<T>& scratch) {
  const auto tiles_along = [](int64_t pixels) { return static_cast<int32_t>((pixels + kTile - 1) / kTile); };
  return {params,
          Frame<T>(params),
          reinterpret_cast<const Vertex<T>*>(scratch.verts),
          tiles_along(params.width),
          tiles_along(params.height),
          reinterpret_cast<Counter*>(scratch.tiles),
          reinterpret_cast<Counter*>(scratch.status),
          scratch.entries};
}

}  // namespace bisque::raster
