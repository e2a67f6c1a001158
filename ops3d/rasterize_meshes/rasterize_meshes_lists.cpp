#include <bisque/ops3d/rasterize_meshes/rasterize_meshes_lists.h>
#include <bisque/ops3d/rasterize_meshes/rasterize_meshes_math.h>

namespace bisque::raster {
namespace {

// Whether all values of a triangle's edge functions within a tile fit 32 bits.
bool fits_rows(const TileEdge edges[3]) {
  constexpr int64_t kMost = INT64_C(1) << 30;
  return std::all_of(edges, edges + 3, [&](const TileEdge& edge) {
    return std::abs(edge.base) + (std::abs(edge.dx) + std::abs(edge.dy)) * kTileWidth < kMost;
  });
}

}  // namespace

template <class T>
ListTile<T>::ListTile(const RasterizeMeshes<T>& params, const Viewport<T>& viewport, const Scratch<T>& scratch,
                      FindRow<T> find_row)
    : params_(params), frame_(viewport), scratch_(scratch), find_row_(find_row) {
  const int64_t pixels = int64_t{std::min(viewport.width, kTileWidth)} * std::min(viewport.height, kTileHeight);
  const size_t entries = static_cast<size_t>(pixels * viewport.faces_per_pixel);
  depth_ = std::make_unique_for_overwrite<T[]>(entries);
  code_ = std::make_unique_for_overwrite<int32_t[]>(entries);
}

template <class T>
void ListTile<T>::draw(int64_t mesh, int32_t tile_x, int32_t tile_y) {
  mesh_ = mesh;
  verts_ = scratch_.verts + vert_offset(params_, mesh);
  tile_x_ = tile_x;
  tile_y_ = tile_y;
  columns_ = std::min(kTileWidth, frame_.width - tile_x * kTileWidth);
  rows_ = std::min(kTileHeight, frame_.height - tile_y * kTileHeight);
  const int64_t entries = int64_t{columns_} * rows_ * frame_.faces_per_pixel;
  std::fill_n(depth_.get(), entries, std::numeric_limits<T>::infinity());
  std::fill_n(code_.get(), entries, -1);
  for (int64_t chunk = scratch_.first_chunk(mesh); chunk < scratch_.first_chunk(mesh + 1); ++chunk) {
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
  const Vertex<T>* const corners[3] = {verts_ + index[0], verts_ + index[1], verts_ + index[2]};
  const Polygon polygon = visible_polygon(corners, frame_);
  PixelBox box = pixels_of(polygon, frame_);
  const int32_t x0 = tile_x_ * kTileWidth, y0 = tile_y_ * kTileHeight;
  const Coverage coverage = cover(polygon, frame_.cull, int64_t{x0} * kGridUnit, int64_t{y0} * kGridUnit);
  if (coverage.triangles == 0) return;
  int64_t lowest[3];
  lowest_edges(polygon, coverage, box, frame_, lowest);
  box = {std::max(box.x0 - x0, 0), std::max(box.y0 - y0, 0), std::min(box.x1 - x0, columns_ - 1),
         std::min(box.y1 - y0, rows_ - 1)};
  const bool whole =
      !is_behind(*corners[0], frame_) && !is_behind(*corners[1], frame_) && !is_behind(*corners[2], frame_);
  if (whole && fits_rows(coverage.edge[0])) {
    draw_rows(corners, box, coverage, lowest, face);
  } else {
    draw_box(corners, box, coverage, lowest, face);
  }
}

// Any face: cut by the near plane, or with edge functions that 32 bits do not hold.
template <class T>
void ListTile<T>::draw_box(const Vertex<T>* const corners[3], const PixelBox& box, const Coverage& coverage,
                           const int64_t lowest[3], int32_t face) {
  const TileEdge* const edge = coverage.edge[0];
  for (int row = box.y0; row <= box.y1; ++row) {
    for (int column = box.x0; column <= box.x1; ++column) {
      if (edge[0].at(column, row) < lowest[0] || edge[1].at(column, row) < lowest[1] ||
          edge[2].at(column, row) < lowest[2]) {
        continue;
      }
      const bool inside = coverage.contains(column, row);
      if (inside || frame_.blur > 0) offer(corners, column, row, inside, face);
    }
  }
}

// A whole face, by SIMD.
template <class T>
void ListTile<T>::draw_rows(const Vertex<T>* const corners[3], const PixelBox& box, const Coverage& coverage,
                            const int64_t lowest[3], int32_t face) {
  RowFace<T> row_face;
  for (int k = 0; k < 3; ++k) {
    row_face.x[k] = corners[k]->x;
    row_face.y[k] = corners[k]->y;
    row_face.z[k] = corners[k]->z;
    row_face.depth[k] = corners[k]->depth;
  }
  const T pixel_x = tile_x_ * kTileWidth + box.x0 - T(0.5) * (frame_.width - 1);
  const int n = box.x1 - box.x0 + 1;
  const int64_t last = frame_.faces_per_pixel - 1;
  FoundRow<T> found;
  for (int row = box.y0; row <= box.y1; ++row) {
    RowEdge edge[3];
    for (int k = 0; k < 3; ++k) {
      edge[k] = {static_cast<int32_t>(coverage.edge[0][k].at(0, row)), static_cast<int32_t>(coverage.edge[0][k].dy),
                 static_cast<int32_t>(std::max(lowest[k], int64_t{INT32_MIN} + 1))};
    }
    const T pixel_y = tile_y_ * kTileHeight + row - T(0.5) * (frame_.height - 1);
    if (!find_row_(frame_, row_face, edge, box.x0, pixel_x, pixel_y, n, &found)) continue;
    for (int i = 0; i < n; ++i) {
      if (found.what[i] == kNotTaken) continue;
      const int column = box.x0 + i;
      if (found.what[i] == kUnsure) {
        offer(corners, column, row, coverage.contains(column, row), face);
        continue;
      }
      const int64_t list = (int64_t{row} * columns_ + column) * frame_.faces_per_pixel;
      if (found.z[i] < depth_[list + last]) insert(list, found.z[i], list_code(face, found.what[i] == kTakenOutside));
    }
  }
}

template <class T>
void ListTile<T>::offer(const Vertex<T>* const corners[3], int column, int row, bool inside, int32_t face) {
  const int64_t list = (int64_t{row} * columns_ + column) * frame_.faces_per_pixel;
  const T x = tile_x_ * kTileWidth + column - T(0.5) * (frame_.width - 1);
  const T y = tile_y_ * kTileHeight + row - T(0.5) * (frame_.height - 1);
  T z;
  const FaceAtPixel<T> at(corners, frame_, x, y, inside);
  if (at.takes(depth_[list + frame_.faces_per_pixel - 1], &z)) insert(list, z, list_code(face, !inside));
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
      write_entry(params_, frame_, verts_, first_face, codes[i], column, row, pixel * k + i);
    }
  }
}

template class ListTile<float>;
template class ListTile<double>;

}  // namespace bisque::raster
