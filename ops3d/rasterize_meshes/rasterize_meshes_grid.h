// What the stages of the CPU rasterizer share: the grid that decides coverage, vertices, bins. Free of SIMD.
//
// Vertices are snapped to a grid of 1/4096 pixel whose origin is the centre of the upper left pixel, so that centres are
// multiples of 4096. Coverage is decided on it in integers, exactly: E(p) = dx (p.y - a.y) - dy (p.x - a.x) >= 0 for
// the three edges a -> a + (dx, dy), taken so that the inside is positive; a centre on an edge (E = 0) belongs to the
// side for which the edge is a left or top one. The two directions of an edge are never both, so that a centre on a
// shared edge has one owner on either side. Results are interpolated from the vertices as given, not the snapped ones.
#pragma once
#include <algorithm>
#include <cstdint>
#include <memory>
#include <vector>

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

/// A face that is drawn by the exact wide-integer path: larger than a small one, or cut by the near plane.
struct BigFace {
  int32_t face;
  uint16_t tile_x0, tile_y0, tile_x1, tile_y1;  // inclusive
};

/// A run of faces of one mesh, binned by one thread. The cut into chunks depends on the number of faces alone.
struct Chunk {
  int64_t mesh;
  int64_t begin, end;  // faces, relative to the first of the mesh
  int64_t scratch;     // where its faces begin in the scratch arrays
};

/// Faces of each chunk, sorted by tile. `Int` is as wide as the float type, for the sake of SIMD.
template <class Int>
struct Bins {
  std::vector<Chunk> chunks;
  std::vector<int64_t> mesh_to_chunk;  // [N + 1]
  int32_t tiles;                       // of a picture
  // Per chunk and tile: where its entries end, relative to the chunk's first. They begin where those of the tile
  // before end.
  std::unique_ptr<uint32_t[]> ends;
  // Per scratch place: small faces as found, with 4 * first tile + 2 * (also the tile below) + (also the one to the right),
  std::unique_ptr<Int[]> kept, codes;
  std::unique_ptr<Int[]> entries;       // the same sorted by tile (four places each), rising within a tile,
  std::unique_ptr<BigFace[]> big;       // and big faces, rising.
  std::unique_ptr<int64_t[]> num_big;   // per chunk
  std::unique_ptr<int64_t[]> bad_face;  // per chunk: the first face with a bad vertex index, or -1
};

/// Cuts the meshes into chunks and allocates.
template <class Int, class T>
Bins<Int> make_bins(const RasterizeMeshesParams<T>& params, int32_t tiles);

}  // namespace bisque::raster
