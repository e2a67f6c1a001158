// What the stages of the CPU rasterizer share: the grid that decides coverage, the picture, its vertices. Free of SIMD.
//
// Vertices are snapped to a grid of 1/4096 pixel whose origin is the centre of the upper left pixel, so that centres
// are multiples of 4096. Coverage is decided on it in integers, exactly: E(p) = dx (p.y - a.y) - dy (p.x - a.x) >= 0
// for the three edges a -> a + (dx, dy), taken so that the inside is positive; a centre on an edge (E = 0) belongs to
// the side for which the edge is a left or top one. The two directions of an edge are never both, so that a centre on a
// shared edge has one owner on either side. Results are interpolated from the vertices as given, not the snapped ones.
#pragma once
#include <algorithm>
#include <cstdint>

#include <bisque/ops3d/rasterize_meshes/rasterize_meshes_params.h>

namespace bisque::raster {

inline constexpr int kGridBits = 12;
inline constexpr int kGridUnit = 1 << kGridBits;
// Depth and face of a tile's pixels stay in the L1 cache; rows are long because results are written by rows.
inline constexpr int kTileWidthBits = 6, kTileHeightBits = 6;
inline constexpr int kTileWidth = 1 << kTileWidthBits, kTileHeight = 1 << kTileHeightBits;
inline constexpr int kTilePixels = kTileWidth * kTileHeight;
// A face this large or smaller (in grid units, both ways) meets at most 2 x 2 tiles, and its edge functions at pixel
// centres, divided by the grid unit, fit 32 bits (25 bits and a sign within the tile).
inline constexpr int kSmallWidth = kTileWidth * kGridUnit, kSmallHeight = kTileHeight * kGridUnit;

/// A vertex in pixels from the middle of the picture, +x right, +y down: a scaled turn of NDC, so no digit is lost.
template <class T>
struct alignas(4 * sizeof(T)) Vertex {
  T x, y;
  T z;
  T depth;  // what the z-buffer compares, linear on the screen: -1/z if perspective, else z; kBehind or NaN (unusable)
};

// The depth of vertices in front of a perspective camera is negative.
inline constexpr int kBehind = 1;

/// What all stages must know of the picture and the settings.
template <class T>
struct Frame {
  explicit Frame(const RasterizeMeshesParams<T>& params)
      : width(static_cast<int32_t>(params.width)),
        height(static_cast<int32_t>(params.height)),
        tiles_x((width + kTileWidth - 1) >> kTileWidthBits),
        tiles_y((height + kTileHeight - 1) >> kTileHeightBits),
        scale(static_cast<T>(std::min(width, height)) / 2),
        perspective(params.perspective_correct),
        cull(params.cull_backfaces),
        z_clip(static_cast<T>(params.z_clip)),
        clips(perspective ? params.z_clip > 0 : params.z_clip >= 0) {}

  int32_t tiles() const { return tiles_x * tiles_y; }
  /// Grid coordinates of the middle of the picture.
  int32_t middle_x() const { return (width - 1) * (kGridUnit / 2); }
  int32_t middle_y() const { return (height - 1) * (kGridUnit / 2); }

  int32_t width, height, tiles_x, tiles_y;
  T scale;  // pixels in a unit of NDC
  bool perspective, cull;
  T z_clip;
  bool clips;  // perspective: faces are cut at z_clip; else pixels nearer than it are left out
};

/// PyTorch3D's kEpsilon: without a near plane, a face with a vertex nearer than this is not drawn.
inline constexpr double kMinDepth = 1e-8;

}  // namespace bisque::raster
