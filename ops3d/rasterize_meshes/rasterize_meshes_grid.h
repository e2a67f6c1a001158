// What the stages of the rasterizers share: the grid that decides coverage, the picture, its vertices. Free of SIMD.
//
// Vertices are snapped to a grid of 1/4096 pixel whose origin is the centre of the upper left pixel, so that centres
// are multiples of 4096. Coverage is decided on it in integers, exactly: E(p) = dx (p.y - a.y) - dy (p.x - a.x) >= 0
// for the three edges a -> a + (dx, dy), taken so that the inside is positive; a centre on an edge (E = 0) belongs to
// the side for which the edge is a left or top one. The two directions of an edge are never both, so that a centre on a
// shared edge has one owner on either side. Results are interpolated from the vertices as given, not the snapped ones.
#pragma once
#include <algorithm>
#include <cmath>
#include <cstdint>

#include <bisque/core/ops/host_device.h>
#include <bisque/ops3d/rasterize_meshes/rasterize_meshes_kernels.h>

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

/// A convex piece of a face in front of the near plane: 3 or 4 corners, in order; 0 if nothing is left.
struct Polygon {
  int corners = 0;
  int64_t x[4], y[4];  // grid coordinates
  double depth[4];
};

/// The nearest near plane of a perspective camera, which it has where none is given: PyTorch3D's kEpsilon.
inline constexpr double kMinDepth = 1e-8;

/// What all stages must know of the picture and the settings.
template <class T>
struct Viewport {
  BISQUE_HOST_DEVICE Viewport(int64_t height, int64_t width, bool perspective, double z_clip, bool clips_bary)
      : width(static_cast<int32_t>(width)),
        height(static_cast<int32_t>(height)),
        tiles_x((this->width + kTileWidth - 1) >> kTileWidthBits),
        tiles_y((this->height + kTileHeight - 1) >> kTileHeightBits),
        scale(static_cast<T>(std::min(width, height)) / 2),
        perspective(perspective),
        z_clip(static_cast<T>((perspective || z_clip < 0) && !(z_clip > kMinDepth) ? kMinDepth : z_clip)),
        clips(perspective || z_clip >= 0),
        clips_bary(clips_bary) {}
  explicit Viewport(const RasterizeMeshes<T>& params)
      : Viewport(params.height, params.width, params.perspective_correct, params.z_clip,
                 params.clip_barycentric_coords) {
    cull = params.cull_backfaces;
    faces_per_pixel = static_cast<int32_t>(params.faces_per_pixel);
    blur = static_cast<T>(params.blur_radius);
    blur_pixels = std::min(std::sqrt(params.blur_radius) * static_cast<double>(scale), 2.0 * kRasterMaxSide);
    if (blur > 0) blur_grid = static_cast<int32_t>(std::ceil(blur_pixels * kGridUnit)) + 2;
  }

  int32_t tiles() const { return tiles_x * tiles_y; }
  /// Whether only the nearest face that covers a pixel is requested.
  bool nearest_only() const { return faces_per_pixel == 1 && blur == 0 && !clips_bary; }
  /// Grid coordinates of the middle of the picture.
  BISQUE_HOST_DEVICE int32_t middle_x() const { return (width - 1) * (kGridUnit / 2); }
  BISQUE_HOST_DEVICE int32_t middle_y() const { return (height - 1) * (kGridUnit / 2); }

  int32_t width, height, tiles_x, tiles_y;
  T scale;  // pixels in a unit of NDC
  bool perspective, cull = false;
  T z_clip;    // the near plane, above 0 if perspective
  bool clips;  // faces are cut at z_clip; else one with a nearer vertex is not drawn
  bool clips_bary;
  int32_t faces_per_pixel = 1;
  T blur = 0;              // a face also takes pixels nearer to it than this, a squared distance in NDC
  double blur_pixels = 0;  // that distance, bounded by twice the longest side
  int32_t blur_grid = 0;   // and what bounds on the grid grow by: rounding up, and the rounding of vertices
};

// Faces whose corners are farther apart are interpolated in double.
inline constexpr int kFloatExtent = 1 << 14;  // pixels
// So are slivers thinner than this, 64 times the worst rounding to the grid.
inline constexpr double kSliver = 1.0 / 128;        // pixels
inline constexpr double kOutsideSliver = 1.0 / 32;  // what is extrapolated is more than a rounding wrong before that

}  // namespace bisque::raster
