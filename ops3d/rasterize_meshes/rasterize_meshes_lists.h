// Stage 3 and 4 where more than the nearest covering face is asked for: the K nearest faces of each pixel of a tile.
#pragma once
#include <cstdint>
#include <memory>

#include <bisque/ops3d/rasterize_meshes/rasterize_meshes_grid.h>
#include <bisque/ops3d/rasterize_meshes/rasterize_meshes_scratch.h>

namespace bisque::raster {

struct Coverage;
struct PixelBox;

/// What a thread needs to draw tiles: a list a pixel, rising by depth and then by face.
template <class T>
class ListTile {
 public:
  ListTile(const RasterizeMeshesParams<T>& params, const Frame<T>& frame, const Scratch<T>& scratch);

  /// Writes all results of a tile.
  void draw(int64_t mesh, int32_t tile_x, int32_t tile_y);

 private:
  void draw_chunk(int64_t chunk);
  void draw_face(int32_t face);
  void draw_box(const Vertex<T>* const corners[3], const PixelBox& box, const Coverage& coverage,
                const int64_t lowest[3], int32_t face);
  void insert(int64_t list, T z, int32_t code);
  void write();

  const RasterizeMeshesParams<T>& params_;
  const Frame<T>& frame_;
  const Scratch<T>& scratch_;
  int64_t mesh_ = 0;
  int32_t tile_x_ = 0, tile_y_ = 0;
  int32_t columns_ = 0, rows_ = 0;   // of this tile: at the picture's end it is cut
  std::unique_ptr<T[]> depth_;       // [pixels, K], infinite where the list has ended
  std::unique_ptr<int32_t[]> code_;  // [pixels, K], see list_code
};

}  // namespace bisque::raster
