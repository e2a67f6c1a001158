// The exact path for faces that the 32-bit one cannot hold: large ones, and those cut by the near plane or by z_clip.
#pragma once
#include <cstdint>

#include <bisque/ops3d/rasterize_meshes/rasterize_meshes_grid.h>
#include <bisque/ops3d/rasterize_meshes/rasterize_meshes_scratch.h>

namespace bisque::raster {

/// A triangle fan's i-th triangle within one tile: the pixels it covers, and its depth there.
struct TileSpans {
  int row_begin, row_end;
  int16_t begin[kTileHeight], end[kTileHeight];  // columns of these rows; none where end <= begin
  double depth, depth_x, depth_y;                // at the tile's first pixel, and its steps
};

// Defined in rasterize_meshes_math.h, which the SIMD files do not include: they call what is compiled for the baseline.
template <class T>
Polygon visible_polygon(const Vertex<T>* const corners[3], const Viewport<T>& viewport);

/// Tiles that the polygon may touch. Returns false if it meets no pixel centre of the picture.
template <class T>
bool tiles_of(const Polygon& polygon, const Viewport<T>& viewport, BigFace* out);

/// Pixels of triangle (0, i + 1, i + 2) of the polygon in a tile. Returns false if there are none.
bool spans_in_tile(const Polygon& polygon, int i, bool cull, int32_t tile_x, int32_t tile_y, TileSpans* out);

template <class T>
void interpolate_carefully(const Vertex<T>* const corners[3], const Viewport<T>& viewport, double x, double y,
                           bool inside, T bary[3], T* z);
template <class T>
T distance_to_visible(const Vertex<T>* const corners[3], const Viewport<T>& viewport, double x, double y);

}  // namespace bisque::raster
