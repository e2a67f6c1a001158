// Stage 3 and 4 where more than the nearest covering face is asked for: the K nearest faces of each pixel of a tile.
#pragma once
#include <cstdint>
#include <memory>
#include <type_traits>

#include <bisque/ops3d/rasterize_meshes/rasterize_meshes_grid.h>
#include <bisque/ops3d/rasterize_meshes/rasterize_meshes_scratch.h>

namespace bisque::raster {

struct Coverage;
struct PixelBox;

/// A whole face, as rows of pixels see it.
template <class T>
struct RowFace {
  T x[3], y[3], z[3], depth[3];
};

/// An edge function along a row of a tile: at_row - dy column, and the lowest value that a pixel it offers can have.
/// All values within the tile fit 32 bits.
struct RowEdge {
  int32_t at_row, dy, lowest;
};

enum FoundPixel { kNotTaken, kTakenInside, kTakenOutside, kUnsure };  // unsure: for FaceAtPixel to say

template <class T>
struct FoundRow {
  static constexpr int kSize = kTileWidth + 16;  // SIMD stores overrun
  T z[kSize];
  std::conditional_t<sizeof(T) == 4, int32_t, int64_t> what[kSize];  // FoundPixel
};

/// Looks at n pixels of a row, from `column` of the tile, which lies at (pixel_x, pixel_y). Returns false if none is
/// taken or unsure. One per SIMD target.
template <class T>
using FindRow = bool (*)(const Viewport<T>& viewport, const RowFace<T>& face, const RowEdge edge[3], int column,
                         T pixel_x, T pixel_y, int n, FoundRow<T>* found);

/// What a thread needs to draw tiles: a list a pixel, rising by depth and then by face.
template <class T>
class ListTile {
 public:
  ListTile(const RasterizeMeshes<T>& params, const Viewport<T>& viewport, const Scratch<T>& scratch,
           FindRow<T> find_row);

  /// Writes all results of a tile.
  void draw(int64_t mesh, int32_t tile_x, int32_t tile_y);

 private:
  void draw_chunk(int64_t chunk);
  void draw_face(int32_t face);
  void draw_box(const Vertex<T>* const corners[3], const PixelBox& box, const Coverage& coverage,
                const int64_t lowest[3], int32_t face);
  void draw_rows(const Vertex<T>* const corners[3], const PixelBox& box, const Coverage& coverage,
                 const int64_t lowest[3], int32_t face);
  void offer(const Vertex<T>* const corners[3], int column, int row, bool inside, int32_t face);
  void insert(int64_t list, T z, int32_t code);
  void write();

  const RasterizeMeshes<T>& params_;
  const Viewport<T>& frame_;
  const Scratch<T>& scratch_;
  const FindRow<T> find_row_;
  int64_t mesh_ = 0;
  const Vertex<T>* verts_ = nullptr;  // of the mesh: its faces' indices count from here
  int32_t tile_x_ = 0, tile_y_ = 0;
  int32_t columns_ = 0, rows_ = 0;   // of this tile: at the picture's end it is cut
  std::unique_ptr<T[]> depth_;       // [pixels, K], infinite where the list has ended
  std::unique_ptr<int32_t[]> code_;  // [pixels, K], see list_code
};

}  // namespace bisque::raster
