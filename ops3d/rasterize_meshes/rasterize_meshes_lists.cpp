#include <bisque/ops3d/rasterize_meshes/rasterize_meshes_lists.h>
#include <bisque/ops3d/rasterize_meshes/rasterize_meshes_math.h>

namespace bisque::raster {
template <class T>
ListTile<T>::ListTile(const RasterizeMeshesParams<T>& params, const Frame<T>& frame, const Scratch<T>& scratch)
    : params_(params), frame_(frame), scratch_(scratch) {
  const int64_t pixels = int64_t{std::min(frame.width, kTileWidth)} * std::min(frame.height, kTileHeight);
  const size_t entries = static_cast<size_t>(pixels * frame.faces_per_pixel);
  depth_ = std::make_unique_for_overwrite<T[]>(entries);
  code_ = std::make_unique_for_overwrite<int32_t[]>(entries);
}

template <class T>
void ListTile<T>::draw(int64_t mesh, int32_t tile_x, int32_t tile_y) {
  mesh_ = mesh;
  tile_x_ = tile_x;
  tile_y_ = tile_y;
  columns_ = std::min(kTileWidth, frame_.width - tile_x * kTileWidth);
  rows_ = std::min(kTileHeight, frame_.height - tile_y * kTileHeight);
  const int64_t entries = int64_t{columns_} * rows_ * frame_.faces_per_pixel;
  std::fill_n(depth_.get(), entries, std::numeric_limits<T>::infinity());
  std::fill_n(code_.get(), entries, -1);
  for (int64_t chunk = scratch_.mesh_to_chunk[mesh]; chunk < scratch_.mesh_to_chunk[mesh + 1]; ++chunk) {
    draw_chunk(chunk);
  }
  write();
}

// In rising order, so that of equal depths the lower face comes first.
template <class T>
void ListTile<T>::draw_chunk(int64_t chunk) {
  const int32_t index = tile_y_ * frame_.tiles_x + tile_x_;
  const int64_t place = scratch_.chunks[static_cast<size_t>(chunk)].place;
  const uint32_t* const ends = scratch_.ends + chunk * scratch_.tiles;
  const auto* small = scratch_.entries + 4 * place + (index > 0 ? ends[index - 1] : 0);
  const auto* const small_end = scratch_.entries + 4 * place + ends[index];
  for (int64_t i = 0; i < scratch_.num_big[chunk]; ++i) {
    const BigFace& next = scratch_.big[place + i];
    if (!next.may_touch(tile_x_, tile_y_)) continue;
    for (; small < small_end && *small < next.face; ++small) draw_face(static_cast<int32_t>(*small));
    draw_face(next.face);
  }
  for (; small < small_end; ++small) draw_face(static_cast<int32_t>(*small));
}

template <class T>
void ListTile<T>::draw_face(int32_t face) {
  const int64_t* const index = params_.faces + 3 * (params_.mesh_to_face_first_idx[mesh_] + face);
  const Vertex<T>* const corners[3] = {scratch_.verts + index[0], scratch_.verts + index[1], scratch_.verts + index[2]};
  const Polygon polygon = visible_polygon(corners, frame_);
  PixelBox box = pixels_of(polygon, frame_);
  const int32_t x0 = tile_x_ * kTileWidth, y0 = tile_y_ * kTileHeight;
  const Coverage coverage = cover(polygon, frame_.cull, int64_t{x0} * kGridUnit, int64_t{y0} * kGridUnit);
  if (coverage.triangles == 0) return;
  int64_t lowest[3];
  lowest_edges(polygon, coverage, box, frame_, lowest);
  box = {std::max(box.x0 - x0, 0), std::max(box.y0 - y0, 0), std::min(box.x1 - x0, columns_ - 1),
         std::min(box.y1 - y0, rows_ - 1)};
  draw_box(corners, box, coverage, lowest, face);
}

template <class T>
void ListTile<T>::draw_box(const Vertex<T>* const corners[3], const PixelBox& box, const Coverage& coverage,
                           const int64_t lowest[3], int32_t face) {
  const bool blurred = frame_.blur > 0, one = coverage.triangles == 1;
  const int64_t last = frame_.faces_per_pixel - 1;
  const T middle_x = T(0.5) * (frame_.width - 1), middle_y = T(0.5) * (frame_.height - 1);
  const TileEdge* const edge = coverage.edge[0];
  for (int row = box.y0; row <= box.y1; ++row) {
    const T y = tile_y_ * kTileHeight + row - middle_y;
    for (int column = box.x0; column <= box.x1; ++column) {
      bool inside;
      if (one) {
        const int64_t e0 = edge[0].at(column, row), e1 = edge[1].at(column, row), e2 = edge[2].at(column, row);
        if (e0 < lowest[0] || e1 < lowest[1] || e2 < lowest[2]) continue;
        inside = (e0 | e1 | e2) >= 0;
      } else {
        inside = coverage.contains(column, row);
      }
      if (!inside && !blurred) continue;
      const int64_t list = (int64_t{row} * columns_ + column) * frame_.faces_per_pixel;
      const FaceAtPixel<T> at(corners, frame_, tile_x_ * kTileWidth + column - middle_x, y, inside);
      T z;
      if (at.takes(depth_[list + last], &z)) insert(list, z, list_code(face, !inside));
    }
  }
}

template <class T>
void ListTile<T>::insert(int64_t list, T z, int32_t code) {
  T* const depth = depth_.get() + list;
  int32_t* const codes = code_.get() + list;
  int32_t place = frame_.faces_per_pixel - 1;
  if (!(z < depth[place])) return;
  for (; place > 0 && z < depth[place - 1]; --place) {
    depth[place] = depth[place - 1];
    codes[place] = codes[place - 1];
  }
  depth[place] = z;
  codes[place] = code;
}

template <class T>
void ListTile<T>::write() {
  const int64_t k = frame_.faces_per_pixel, first_face = params_.mesh_to_face_first_idx[mesh_];
  for (int32_t r = 0; r < rows_; ++r) {
    const int32_t row = tile_y_ * kTileHeight + r;
    const int64_t pixel = (mesh_ * frame_.height + row) * frame_.width + tile_x_ * kTileWidth;
    const int32_t* const codes = code_.get() + int64_t{r} * columns_ * k;
    for (int64_t i = 0; i < columns_ * k; ++i) {
      const int32_t column = tile_x_ * kTileWidth + static_cast<int32_t>(i / k);
      write_entry(params_, frame_, scratch_.verts, first_face, codes[i], column, row, pixel * k + i);
    }
  }
}

template class ListTile<float>;
template class ListTile<double>;

}  // namespace bisque::raster
