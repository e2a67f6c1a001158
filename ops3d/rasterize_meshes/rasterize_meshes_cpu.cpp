// The CPU kernel: vertices are placed, faces binned to tiles, and each tile is drawn and resolved in the cache. Where
// the nearest covering face is all that is asked for, that is done by SIMD (draw_tile), else by lists (ListTile). See
// rasterize_meshes_grid.h for how coverage is decided.
#include <atomic>
#include <vector>

#include <bisque/core/ops/each_cpu.h>
#include <bisque/ops3d/rasterize_meshes/rasterize_meshes_big.h>
#include <bisque/ops3d/rasterize_meshes/rasterize_meshes_grid.h>
#include <bisque/ops3d/rasterize_meshes/rasterize_meshes_lists.h>
#include <bisque/ops3d/rasterize_meshes/rasterize_meshes_scratch.h>

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "bisque/ops3d/rasterize_meshes/rasterize_meshes_cpu.cpp"
#include <hwy/foreach_target.h>
#include <hwy/highway.h>

#include <bisque/ops3d/rasterize_meshes/rasterize_meshes_bin-inl.h>
#include <bisque/ops3d/rasterize_meshes/rasterize_meshes_lists-inl.h>
#include <bisque/ops3d/rasterize_meshes/rasterize_meshes_resolve-inl.h>
#include <bisque/ops3d/rasterize_meshes/rasterize_meshes_tile-inl.h>

HWY_BEFORE_NAMESPACE();
namespace bisque::raster::HWY_NAMESPACE {

template <class T>
HWY_NOINLINE void draw_tile(const RasterizeMeshes<T>& params, const Viewport<T>& viewport, const Scratch<T>& scratch,
                            int64_t index, TileWork<T>* work) {
  const int64_t mesh = index / viewport.tiles();
  const int32_t tile = static_cast<int32_t>(index % viewport.tiles());
  work->tile.x = tile % viewport.tiles_x;
  work->tile.y = tile / viewport.tiles_x;
  std::fill_n(work->tile.depth, kTilePixels, std::numeric_limits<T>::infinity());
  std::fill_n(work->tile.face, kTilePixels, Int<T>{-1});
  const int64_t* const faces = params.faces + 3 * params.mesh_to_face_first_idx[mesh];
  const Vertex<T>* const verts = scratch.verts + vert_offset(params, mesh);
  for (int64_t chunk = scratch.first_chunk(mesh); chunk < scratch.first_chunk(mesh + 1); ++chunk) {
    draw_chunk(faces, verts, viewport, scratch, chunk, work);
  }
  resolve_tile(params, viewport, verts, mesh, work);
}

/// Bins the faces of the meshes that scratch has taken. Returns the first index that is no vertex.
template <class T>
BadValue bin_faces(const RasterizeMeshes<T>& params, const Viewport<T>& viewport, const Scratch<T>& scratch) {
  const int64_t num_chunks = static_cast<int64_t>(scratch.chunks.size());
  op::parallel_for(num_chunks, 1, [&](int64_t begin, int64_t end) {
    for (int64_t chunk = begin; chunk < end; ++chunk) bin_chunk(params, viewport, scratch, chunk);
  });
  for (int64_t chunk = 0; chunk < num_chunks; ++chunk) {
    if (scratch.bad_index[chunk] < 0) continue;
    const int64_t mesh = scratch.chunks[static_cast<size_t>(chunk)].mesh;
    return check_corner(params, scratch.bad_index[chunk], vert_offset(params, mesh));
  }
  return {};
}

template <class T>
void draw_tiles(const RasterizeMeshes<T>& params, const Viewport<T>& viewport, const Scratch<T>& scratch) {
  const std::vector<int64_t> tiles = scratch.tiles_by_work();
  std::atomic<size_t> next = 0;
  op::parallel_for(static_cast<int64_t>(tiles.size()), 1, [&](int64_t, int64_t) {
    if (viewport.nearest_only()) {
      TileWork<T> work;
      for (size_t i = next++; i < tiles.size(); i = next++) draw_tile(params, viewport, scratch, tiles[i], &work);
    } else {
      ListTile<T> lists(params, viewport, scratch, &find_row<T>);
      for (size_t i = next++; i < tiles.size(); i = next++) {
        const int32_t tile = static_cast<int32_t>(tiles[i] % viewport.tiles());
        lists.draw(tiles[i] / viewport.tiles(), tile % viewport.tiles_x, tile / viewport.tiles_x);
      }
    }
  });
}

/// Returns the first index that is no vertex, with results left unwritten.
template <class T>
BadValue rasterize(const RasterizeMeshes<T>& params) {
  const Viewport<T> viewport(params);
  Scratch<T> scratch(params, viewport);
  constexpr int64_t kVertsAtOnce = 4096;
  op::parallel_for(params.V, kVertsAtOnce,
                   [&](int64_t begin, int64_t end) { place_verts(params, viewport, begin, end, scratch.verts); });
  for (int64_t mesh = 0; mesh < params.N;) {
    mesh = scratch.take_meshes(params, mesh);
    if (const BadValue bad = bin_faces(params, viewport, scratch); bad.array) return bad;
    draw_tiles(params, viewport, scratch);
  }
  return {};
}

BadValue rasterize_float(const RasterizeMeshes<float>& params) { return rasterize(params); }
BadValue rasterize_double(const RasterizeMeshes<double>& params) { return rasterize(params); }

}  // namespace bisque::raster::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace bisque {
namespace raster {
HWY_EXPORT(rasterize_float);
HWY_EXPORT(rasterize_double);
}  // namespace raster

template <class T>
void RasterizeMeshes<T>::run(const OnCpu& on) const {
  using namespace raster;
  each<check_mesh<RasterizeMeshes>>(on, *this, N);
  BadValue bad;
  if constexpr (sizeof(T) == 4) {
    bad = HWY_DYNAMIC_DISPATCH(rasterize_float)(*this);
  } else {
    bad = HWY_DYNAMIC_DISPATCH(rasterize_double)(*this);
  }
  if (bad.array) throw bad;
}

template void RasterizeMeshes<float>::run(const OnCpu&) const;
template void RasterizeMeshes<double>::run(const OnCpu&) const;

}  // namespace bisque
#endif
