// Stage 3: which face is nearest at each pixel of a tile.
#if defined(BISQUE_RASTERIZE_MESHES_TILE_INL) == defined(HWY_TARGET_TOGGLE)
#ifdef BISQUE_RASTERIZE_MESHES_TILE_INL
#undef BISQUE_RASTERIZE_MESHES_TILE_INL
#else
#define BISQUE_RASTERIZE_MESHES_TILE_INL
#endif

#include <bisque/ops3d/rasterize_meshes/rasterize_meshes_big.h>
#include <bisque/ops3d/rasterize_meshes/rasterize_meshes_lanes-inl.h>

#include <limits>

HWY_BEFORE_NAMESPACE();
namespace bisque::raster::HWY_NAMESPACE {

// The nearest face of each pixel so far, and its depth (see Vertex).
template <class T>
struct Tile {
  alignas(64) T depth[kTilePixels];
  alignas(64) Int<T> face[kTilePixels];
  int32_t x, y;  // in tiles
};

// Small faces, ready to be drawn into a tile: bounds in pixels of the tile, edge functions and depth at the pixel
// (column0, row0), and their steps.
template <class T>
struct Setup {
  static constexpr int kSize = kBatch + kMaxLanes;
  alignas(64) Int<T> face[kSize];
  alignas(64) Int<T> column0[kSize], column1[kSize], row0[kSize], row1[kSize];
  alignas(64) Int<T> edge[3][kSize], edge_row[3][kSize];
  alignas(64) T edge_column[3][kSize];
  alignas(64) T depth[kSize], depth_column[kSize], depth_row[kSize];
  // On the way there:
  alignas(64) Int<T> x[3][kSize], y[3][kSize];  // on the grid, from the tile's first pixel
  alignas(64) T corner_depth[3][kSize];
  alignas(64) T area[kSize];  // twice the area on the grid: its sign and whether it is zero are exact
};

template <class T>
HWY_INLINE void fetch_list(const int64_t* faces, const Vertex<T>* verts, const Int<T>* list, int n, Corners<T>* out) {
  for (int i = 0; i < n; ++i) {
    const int64_t* index = faces + 3 * static_cast<int64_t>(list[i]);
    for (int k = 0; k < 3; ++k) out->corner[k][i] = verts[index[k]];
  }
}

template <class T>
HWY_INLINE void set_up_bounds(const Viewport<T>& viewport, const Tile<T>& tile, const Corners<T>& corners, int i,
                              Setup<T>* out) {
  const IntLanes<T> di;
  using I = Int<T>;
  const auto origin_x = hn::Set(di, static_cast<I>(viewport.middle_x() - tile.x * kSmallWidth));
  const auto origin_y = hn::Set(di, static_cast<I>(viewport.middle_y() - tile.y * kSmallHeight));
  hn::Vec<IntLanes<T>> x[3], y[3];
  for (int k = 0; k < 3; ++k) {
    const CornerLanes<T> corner(corners, k, i);
    x[k] = hn::Add(hn::ConvertTo(di, snapped<T>(corner.x)), origin_x);
    y[k] = hn::Add(hn::ConvertTo(di, snapped<T>(corner.y)), origin_y);
    hn::Store(x[k], di, out->x[k] + i);
    hn::Store(y[k], di, out->y[k] + i);
    hn::Store(corner.depth, Lanes<T>(), out->corner_depth[k] + i);
  }
  const auto up = hn::Set(di, static_cast<I>(kGridUnit - 1)), zero = hn::Zero(di);
  const auto last_x = hn::Set(di, static_cast<I>(std::min(kTileWidth, viewport.width - tile.x * kTileWidth) - 1));
  const auto last_y = hn::Set(di, static_cast<I>(std::min(kTileHeight, viewport.height - tile.y * kTileHeight) - 1));
  const auto low = [&](auto* v) HWY_ATTR {
    return hn::Max(zero, hn::ShiftRight<kGridBits>(hn::Add(hn::Min(v[0], hn::Min(v[1], v[2])), up)));
  };
  const auto high = [&](auto* v, auto last) HWY_ATTR {
    return hn::Min(last, hn::ShiftRight<kGridBits>(hn::Max(v[0], hn::Max(v[1], v[2]))));
  };
  hn::Store(low(x), di, out->column0 + i);
  hn::Store(high(x, last_x), di, out->column1 + i);
  hn::Store(low(y), di, out->row0 + i);
  hn::Store(high(y, last_y), di, out->row1 + i);
}

HWY_INLINE hn::Vec<Lanes<double>> load_double(const int32_t* from) {
  const Lanes<double> d;
  return hn::PromoteTo(d, hn::LoadU(hn::Rebind<int32_t, Lanes<double>>(), from));
}
HWY_INLINE hn::Vec<Lanes<double>> load_double(const float* from) {
  const Lanes<double> d;
  return hn::PromoteTo(d, hn::LoadU(hn::Rebind<float, Lanes<double>>(), from));
}
HWY_INLINE hn::Vec<Lanes<double>> load_double(const int64_t* from) {
  const Lanes<double> d;
  return hn::ConvertTo(d, hn::LoadU(hn::Rebind<int64_t, Lanes<double>>(), from));
}
HWY_INLINE hn::Vec<Lanes<double>> load_double(const double* from) { return hn::LoadU(Lanes<double>(), from); }
HWY_INLINE void store_double(hn::Vec<Lanes<double>> v, float* to) {
  const hn::Rebind<float, Lanes<double>> d;
  hn::StoreU(hn::DemoteTo(d, v), d, to);
}
HWY_INLINE void store_double(hn::Vec<Lanes<double>> v, double* to) { hn::StoreU(v, Lanes<double>(), to); }

// Depth is taken as a plane over the grid's corners, so that within the face it stays between those of the corners.
template <class T>
HWY_INLINE void set_up_depth(int i, Setup<T>* out) {
  const Lanes<double> d;
  const auto x0 = load_double(out->x[0] + i), y0 = load_double(out->y[0] + i);
  const auto dx1 = hn::Sub(load_double(out->x[1] + i), x0), dy1 = hn::Sub(load_double(out->y[1] + i), y0);
  const auto dx2 = hn::Sub(load_double(out->x[2] + i), x0), dy2 = hn::Sub(load_double(out->y[2] + i), y0);
  const auto area = hn::Sub(hn::Mul(dx1, dy2), hn::Mul(dx2, dy1));  // exact: below 2^38
  const auto inverse = hn::Div(hn::Set(d, 1.0), area);
  const auto depth = load_double(out->corner_depth[0] + i);
  const auto e1 = hn::Sub(load_double(out->corner_depth[1] + i), depth);
  const auto e2 = hn::Sub(load_double(out->corner_depth[2] + i), depth);
  const auto step_x = hn::Mul(hn::Sub(hn::Mul(e1, dy2), hn::Mul(e2, dy1)), inverse);
  const auto step_y = hn::Mul(hn::Sub(hn::Mul(e2, dx1), hn::Mul(e1, dx2)), inverse);
  const auto unit = hn::Set(d, static_cast<double>(kGridUnit));
  const auto to_x = hn::Sub(hn::Mul(load_double(out->column0 + i), unit), x0);
  const auto to_y = hn::Sub(hn::Mul(load_double(out->row0 + i), unit), y0);
  store_double(hn::Add(depth, hn::Add(hn::Mul(step_x, to_x), hn::Mul(step_y, to_y))), out->depth + i);
  store_double(hn::Mul(step_x, unit), out->depth_column + i);
  store_double(hn::Mul(step_y, unit), out->depth_row + i);
  store_double(area, out->area + i);
}

template <class T>
HWY_INLINE void set_up_edges(bool cull, int i, Setup<T>* out) {
  const Lanes<T> d;
  const IntLanes<T> di;
  using I = Int<T>;
  const auto area = hn::Load(d, out->area + i);
  const auto zero = hn::Zero(di), one = hn::Set(di, I{1});
  const auto hidden = cull ? hn::Ge(area, hn::Zero(d)) : hn::Eq(area, hn::Zero(d));
  const auto row1 = hn::Load(di, out->row1 + i);
  hn::Store(hn::IfThenElse(hn::RebindMask(di, hidden), hn::Set(di, I{-1}), row1), di, out->row1 + i);
  const auto turned = hn::VecFromMask(di, hn::RebindMask(di, hn::Lt(area, hn::Zero(d))));
  const auto row0 = hn::Load(di, out->row0 + i), column0 = hn::Load(di, out->column0 + i);
  const auto half = hn::Set(di, static_cast<I>(kGridUnit / 2));
  for (int k = 0; k < 3; ++k) {
    const int l = (k + 1) % 3;
    const auto x = hn::Load(di, out->x[k] + i), y = hn::Load(di, out->y[k] + i);
    const auto turn = [&](auto v)
                          HWY_ATTR { return hn::Sub(hn::Xor(v, turned), turned); };  // negated where the area is
    const auto dx = turn(hn::Sub(hn::Load(di, out->x[l] + i), x));
    const auto dy = turn(hn::Sub(hn::Load(di, out->y[l] + i), y));
    // The corner lies in the cell (column, row) of the pixel centre nearest to it, at (fx, fy) from that centre. What
    // is less than a grid unit of the edge function's value matters for its sign only: it may be floored away.
    const auto column = hn::ShiftRight<kGridBits>(hn::Add(x, half)), row = hn::ShiftRight<kGridBits>(hn::Add(y, half));
    const auto fx = hn::Sub(x, hn::ShiftLeft<kGridBits>(column)), fy = hn::Sub(y, hn::ShiftLeft<kGridBits>(row));
    const auto owns = hn::Or(hn::Lt(dy, zero), hn::And(hn::Eq(dy, zero), hn::Gt(dx, zero)));
    const auto bias = hn::IfThenElse(owns, zero, one);
    const auto at_centre = hn::Sub(hn::Sub(mul_exact(di, dy, fx), mul_exact(di, dx, fy)), bias);
    const auto to_row = mul_exact(di, dx, hn::Sub(row0, row)), to_column = mul_exact(di, dy, hn::Sub(column0, column));
    hn::Store(hn::Add(hn::ShiftRight<kGridBits>(at_centre), hn::Sub(to_row, to_column)), di, out->edge[k] + i);
    hn::Store(dx, di, out->edge_row[k] + i);
    hn::Store(hn::ConvertTo(d, dy), d, out->edge_column[k] + i);
  }
}

template <class T>
HWY_INLINE void set_up(const Viewport<T>& viewport, const Tile<T>& tile, const Corners<T>& corners, int n,
                       Setup<T>* out) {
  const int lanes = static_cast<int>(hn::Lanes(Lanes<T>())),
            double_lanes = static_cast<int>(hn::Lanes(Lanes<double>()));
  for (int i = 0; i < n; i += lanes) set_up_bounds(viewport, tile, corners, i, out);
  for (int i = 0; i < n; i += double_lanes) set_up_depth(i, out);
  for (int i = 0; i < n; i += lanes) set_up_edges(viewport.cull, i, out);
}

// Rows of faces are a few pixels long: longer vectors than this cost more than they give.
inline constexpr int kDrawLanes = 8;

template <class T>
HWY_INLINE void draw(const Setup<T>& setup, int i, Tile<T>* tile) {
  const hn::CappedTag<T, kDrawLanes> d;
  const hn::RebindToSigned<decltype(d)> di;
  const int lanes = static_cast<int>(hn::Lanes(d));
  const int column0 = static_cast<int>(setup.column0[i]), column1 = static_cast<int>(setup.column1[i]);
  const int row0 = static_cast<int>(setup.row0[i]), row1 = static_cast<int>(setup.row1[i]);
  const auto face = hn::Set(di, setup.face[i]), outside = hn::Set(di, Int<T>{-1});
  const auto first_depth = hn::Set(d, setup.depth[i]), depth_row = hn::Set(d, setup.depth_row[i]);
  const auto one = hn::Set(d, T(1));
  // Vectors start at whole multiples of their length, so that each reads what an earlier one wrote as a whole.
  for (int column = column0 & ~(lanes - 1); column <= column1; column += lanes) {
    const auto across = hn::Iota(d, static_cast<T>(column - column0));
    hn::Vec<decltype(di)> edge[3], edge_row[3];
    for (int k = 0; k < 3; ++k) {
      // Exact: below 2^24.
      const auto step = hn::ConvertTo(di, hn::Mul(hn::Set(d, setup.edge_column[k][i]), across));
      edge[k] = hn::Sub(hn::Set(di, setup.edge[k][i]), step);
      edge_row[k] = hn::Set(di, setup.edge_row[k][i]);
    }
    const auto depth_across = hn::Mul(hn::Set(d, setup.depth_column[i]), across);
    auto down = hn::Zero(d);
    T* to_depth = tile->depth + row0 * kTileWidth + column;
    Int<T>* to_face = tile->face + row0 * kTileWidth + column;
    for (int row = row0; row <= row1; ++row, to_depth += kTileWidth, to_face += kTileWidth) {
      const auto inside = hn::Gt(hn::Or(hn::Or(edge[0], edge[1]), edge[2]), outside);  // no sign bit
      const auto depth = hn::Add(hn::Add(first_depth, hn::Mul(depth_row, down)), depth_across);
      const auto before = hn::Load(d, to_depth);
      const auto nearer = hn::And(hn::RebindMask(d, inside), hn::Lt(depth, before));
      hn::Store(hn::IfThenElse(nearer, depth, before), d, to_depth);
      hn::Store(hn::IfThenElse(hn::RebindMask(di, nearer), face, hn::Load(di, to_face)), di, to_face);
      for (int k = 0; k < 3; ++k) edge[k] = hn::Add(edge[k], edge_row[k]);
      down = hn::Add(down, one);
    }
  }
}

template <class T>
HWY_INLINE void draw_all(const Setup<T>& setup, int n, Tile<T>* tile) {
  for (int i = 0; i < n; ++i) draw(setup, i, tile);
}

template <class T>
HWY_INLINE void draw_spans(const TileSpans& spans, int32_t face, Tile<T>* tile) {
  const Lanes<T> d;
  const IntLanes<T> di;
  const int lanes = static_cast<int>(hn::Lanes(d));
  const auto depth_x = hn::Set(d, static_cast<T>(spans.depth_x));
  const auto faces = hn::Set(di, static_cast<Int<T>>(face));
  for (int row = spans.row_begin; row < spans.row_end; ++row) {
    const auto begin = hn::Set(d, static_cast<T>(spans.begin[row])), end = hn::Set(d, static_cast<T>(spans.end[row]));
    const auto first = hn::Set(d, static_cast<T>(spans.depth + spans.depth_y * row));
    T* const to_depth = tile->depth + row * kTileWidth;
    Int<T>* const to_face = tile->face + row * kTileWidth;
    for (int column = spans.begin[row] & ~(lanes - 1); column < spans.end[row]; column += lanes) {
      const auto across = hn::Iota(d, static_cast<T>(column));
      const auto inside = hn::And(hn::Ge(across, begin), hn::Lt(across, end));
      const auto depth = hn::Add(first, hn::Mul(depth_x, across));
      const auto before = hn::Load(d, to_depth + column);
      const auto nearer = hn::And(inside, hn::Lt(depth, before));
      hn::Store(hn::IfThenElse(nearer, depth, before), d, to_depth + column);
      const auto nearest = hn::IfThenElse(hn::RebindMask(di, nearer), faces, hn::Load(di, to_face + column));
      hn::Store(nearest, di, to_face + column);
    }
  }
}

template <class T>
HWY_INLINE void draw_big(const int64_t* faces, const Viewport<T>& viewport, const Vertex<T>* verts, int32_t face,
                         Tile<T>* tile) {
  const int64_t* index = faces + 3 * static_cast<int64_t>(face);
  const Vertex<T>* const corner[3] = {verts + index[0], verts + index[1], verts + index[2]};
  const Polygon polygon = visible_polygon(corner, viewport);
  for (int i = 0; i + 2 < polygon.corners; ++i) {
    TileSpans spans;
    if (spans_in_tile(polygon, i, viewport.cull, tile->x, tile->y, &spans)) draw_spans(spans, face, tile);
  }
}

template <class T>
struct TileWork {
  Tile<T> tile;
  Corners<T> corners = {};
  Setup<T> setup = {};
};

template <class T>
HWY_INLINE void draw_small(const int64_t* faces, const Viewport<T>& viewport, const Vertex<T>* verts,
                           const Int<T>* list, int64_t count, TileWork<T>* work) {
  for (int64_t begin = 0; begin < count; begin += kBatch) {
    const int n = static_cast<int>(std::min<int64_t>(kBatch, count - begin));
    fetch_list(faces, verts, list + begin, n, &work->corners);
    std::copy(list + begin, list + begin + n, work->setup.face);
    set_up(viewport, work->tile, work->corners, n, &work->setup);
    draw_all(work->setup, n, &work->tile);
  }
}

// Draws the faces of a chunk in rising order, so that of equal depths the lower face stays.
template <class T>
HWY_INLINE void draw_chunk(const int64_t* faces, const Vertex<T>* verts, const Viewport<T>& viewport,
                           const Scratch<T>& scratch, int64_t chunk, TileWork<T>* work) {
  using I = Int<T>;
  const int32_t index = work->tile.y * viewport.tiles_x + work->tile.x;
  const int64_t place = scratch.chunks[static_cast<size_t>(chunk)].place;
  const uint32_t* const ends = scratch.ends + chunk * scratch.tiles;
  const I* small = scratch.entries + 4 * place + (index > 0 ? ends[index - 1] : 0);
  const I* const small_end = scratch.entries + 4 * place + ends[index];
  for (int64_t i = 0; i < scratch.num_big[chunk]; ++i) {
    const BigFace& next = scratch.big[place + i];
    if (!next.may_touch(work->tile.x, work->tile.y)) continue;
    const I* const before = std::lower_bound(small, small_end, static_cast<I>(next.face));
    draw_small(faces, viewport, verts, small, before - small, work);
    small = before;
    draw_big(faces, viewport, verts, next.face, &work->tile);
  }
  draw_small(faces, viewport, verts, small, small_end - small, work);
}

}  // namespace bisque::raster::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#endif
