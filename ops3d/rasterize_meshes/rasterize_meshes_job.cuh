// What the CUDA kernels of the rasterizer share.
#pragma once
#include <bisque/ops3d/rasterize_meshes/rasterize_meshes_math.h>
#include <bisque/core/ops/each.cuh>

namespace bisque::raster {

constexpr int kTile = 16;            // pixels, both ways: a thread a pixel. (The shape of the scratch has it too.)
using Counter = unsigned long long;  // what atomics take; -1 is its largest value

/// What the first pass finds.
struct Found {
  Counter tile_faces;           // how many, of all tiles
  Counter bad_mesh, bad_index;  // the first mesh that check_mesh rejects, the first index that is no vertex
  BadValue bad;                 // what is wrong with these
};
static_assert(sizeof(Found) == 8 * sizeof(int64_t));

template <class T>
struct Job {
  RasterizeMeshes<T> params;
  Viewport<T> viewport;
  const Vertex<T>* verts;
  int32_t tiles_x, tiles_y;
  Counter* tiles;  // counts of faces; summed up: ends of lists; filled: where they begin
  Found* found;
  int32_t* tile_faces;

  BISQUE_HOST_DEVICE int64_t tiles_a_mesh() const { return static_cast<int64_t>(tiles_x) * tiles_y; }
  BISQUE_HOST_DEVICE int64_t num_tiles() const { return params.N * tiles_a_mesh(); }
};

template <class T>
Job<T> job_of(const RasterizeMeshes<T>& params) {
  const auto tiles_along = [](int64_t pixels) { return static_cast<int32_t>((pixels + kTile - 1) / kTile); };
  return {params,
          Viewport<T>(params),
          reinterpret_cast<const Vertex<T>*>(params.placed),
          tiles_along(params.width),
          tiles_along(params.height),
          reinterpret_cast<Counter*>(params.tile_offsets),
          reinterpret_cast<Found*>(params.found),
          params.tile_faces};
}

/// Lists the faces of each tile.
template <class T>
void fill_tiles(const Job<T>& job, cudaStream_t stream);

}  // namespace bisque::raster
