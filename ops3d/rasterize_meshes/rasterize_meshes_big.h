// The exact path for faces that the 32-bit one cannot hold: large ones, and those cut by the near plane or by z_clip.
#pragma once
#include <cstdint>

#include <bisque/ops3d/rasterize_meshes/rasterize_meshes_grid.h>
#include <bisque/ops3d/rasterize_meshes/rasterize_meshes_scratch.h>

namespace bisque::raster {

/// A convex piece of a face in front of the near plane: 3 or 4 corners, in order; 0 if nothing is left.
struct Polygon {
  int corners = 0;
  int64_t x[4], y[4];  // grid coordinates
  double depth[4];
};

/// A triangle fan's i-th triangle within one tile: the pixels it covers, and its depth there.
struct TileSpans {
  int row_begin, row_end;
  int16_t begin[kTileHeight], end[kTileHeight];  // columns of these rows; none where end <= begin
  double depth, depth_x, depth_y;                // at the tile's first pixel, and its steps
};

template <class T>
Polygon visible_polygon(const Vertex<T>* const corners[3], const Frame<T>& frame);

/// Tiles that the polygon may touch. Returns false if it meets no pixel centre of the picture.
bool tiles_of(const Polygon& polygon, int32_t width, int32_t height, BigFace* out);

/// Pixels of triangle (0, i + 1, i + 2) of the polygon in a tile. Returns false if there are none.
bool spans_in_tile(const Polygon& polygon, int i, bool cull, int32_t tile_x, int32_t tile_y, TileSpans* out);

/// Barycentric coordinates and depth of a pixel (in Vertex coordinates) in double precision, for faces that float does
/// not serve: cut by the near plane, far larger than the picture, or slivers thinner than kSliver, which are
/// interpolated on the grid that says they cover the pixel.
template <class T>
void interpolate_carefully(const Vertex<T>* const corners[3], const Frame<T>& frame, double x, double y, T bary[3],
                           T* z);

/// Squared distance in pixels from a pixel to the outline of the visible part of a face.
template <class T>
T distance_to_visible(const Vertex<T>* const corners[3], const Frame<T>& frame, double x, double y);

inline constexpr double kSliver = 1.0 / 128;  // pixels; 64 times the worst rounding to the grid

}  // namespace bisque::raster
