// Stages 1 and 2: vertices to pixels, and small faces to the tiles they may touch.
#if defined(BISQUE_RASTERIZE_MESHES_BIN_INL) == defined(HWY_TARGET_TOGGLE)
#ifdef BISQUE_RASTERIZE_MESHES_BIN_INL
#undef BISQUE_RASTERIZE_MESHES_BIN_INL
#else
#define BISQUE_RASTERIZE_MESHES_BIN_INL
#endif

#include <bisque/ops3d/rasterize_meshes/rasterize_meshes_big.h>
#include <bisque/ops3d/rasterize_meshes/rasterize_meshes_lanes-inl.h>

#include <cmath>
#include <limits>

HWY_BEFORE_NAMESPACE();
namespace bisque::raster::HWY_NAMESPACE {

// Depth of a vertex (see Vertex): NaN where it cannot be drawn.
template <class T>
HWY_INLINE hn::Vec<Lanes<T>> depth_of(const Viewport<T>& viewport, hn::Vec<Lanes<T>> x, hn::Vec<Lanes<T>> y,
                                      hn::Vec<Lanes<T>> z) {
  const Lanes<T> d;
  const auto zero = hn::Zero(d), nan = hn::Set(d, std::numeric_limits<T>::quiet_NaN());
  const auto front = hn::Ge(z, hn::Set(d, viewport.z_clip));
  auto depth = z;
  if (viewport.perspective) {
    depth = hn::IfThenElse(front, hn::Div(hn::Set(d, T(-1)), z), hn::Set(d, static_cast<T>(kBehind)));
  } else if (!viewport.clips) {
    depth = hn::IfThenElse(front, z, nan);
  }
  // Inf - Inf and NaN - NaN are NaN.
  const auto sum = hn::Add(hn::Add(hn::Sub(x, x), hn::Sub(y, y)), hn::Sub(z, z));
  return hn::IfThenElse(hn::Eq(sum, zero), depth, nan);
}

template <class T>
HWY_NOINLINE void place_verts(const RasterizeMeshes<T>& params, const Viewport<T>& viewport, int64_t begin, int64_t end,
                              Vertex<T>* out) {
  const Lanes<T> d;
  const int64_t n = static_cast<int64_t>(hn::Lanes(d));
  const auto scale = hn::Set(d, -viewport.scale);
  const auto place = [&](const T* in, Vertex<T>* to) HWY_ATTR {
    hn::Vec<Lanes<T>> x, y, z;
    hn::LoadInterleaved3(d, in, x, y, z);
    x = hn::Mul(x, scale);
    y = hn::Mul(y, scale);
    hn::StoreInterleaved4(x, y, z, depth_of<T>(viewport, x, y, z), d, &to->x);
  };
  int64_t i = begin;
  for (; i + n <= end; i += n) place(params.verts + 3 * i, out + i);
  if (i == end) return;
  alignas(64) T in[3 * kMaxLanes] = {};
  alignas(64) Vertex<T> rest[kMaxLanes];
  std::copy(params.verts + 3 * i, params.verts + 3 * end, in);
  place(in, rest);
  std::copy(rest, rest + (end - i), out + i);
}

// What becomes of the faces in lanes [i, i + N) of a batch.
template <class T>
struct Sorted {
  hn::Mask<Lanes<T>> small, big;
  hn::Vec<IntLanes<T>> code;  // of small faces, see Scratch
};

// Which faces may be seen as far as depth tells, and which of those are cut by z_clip.
template <class T>
HWY_INLINE void sort_by_depth(const Viewport<T>& viewport, const CornerLanes<T>& a, const CornerLanes<T>& b,
                              const CornerLanes<T>& c, hn::Mask<Lanes<T>>* seen, hn::Mask<Lanes<T>>* cut) {
  const Lanes<T> d;
  const auto sum = hn::Add(a.depth, hn::Add(b.depth, c.depth));
  const auto usable = hn::Eq(sum, sum);  // no NaN
  const auto lowest = hn::Min(a.depth, hn::Min(b.depth, c.depth));
  const auto highest = hn::Max(a.depth, hn::Max(b.depth, c.depth));
  if (viewport.perspective) {
    *seen = hn::And(usable, hn::Lt(lowest, hn::Zero(d)));
    *cut = hn::Gt(highest, hn::Zero(d));
  } else {
    const auto near = hn::Set(d, viewport.clips ? viewport.z_clip : std::numeric_limits<T>::lowest());
    *seen = hn::And(usable, hn::Ge(highest, near));
    *cut = hn::Lt(lowest, near);
  }
}

// Surely a back face: its area on the grid is positive by more than the rounding of this product.
template <class T, class V>
HWY_INLINE hn::Mask<Lanes<T>> surely_back(V ax, V ay, V bx, V by, V cx, V cy) {
  const Lanes<T> d;
  const auto p = hn::Mul(hn::Sub(bx, ax), hn::Sub(cy, ay)), q = hn::Mul(hn::Sub(by, ay), hn::Sub(cx, ax));
  const auto error = hn::Mul(hn::Add(hn::Abs(p), hn::Abs(q)), hn::Set(d, 4 * std::numeric_limits<T>::epsilon()));
  return hn::Gt(hn::Sub(p, q), error);
}

template <class T>
HWY_INLINE Sorted<T> sort_faces(const Viewport<T>& viewport, const Corners<T>& corners, int i) {
  const Lanes<T> d;
  const IntLanes<T> di;
  using I = Int<T>;
  const CornerLanes<T> a(corners, 0, i), b(corners, 1, i), c(corners, 2, i);
  hn::Mask<Lanes<T>> seen, cut;
  sort_by_depth<T>(viewport, a, b, c, &seen, &cut);

  const auto ax = snapped<T>(a.x), bx = snapped<T>(b.x), cx = snapped<T>(c.x);
  const auto ay = snapped<T>(a.y), by = snapped<T>(b.y), cy = snapped<T>(c.y);
  const auto grow = hn::Set(d, static_cast<T>(viewport.blur_grid));
  const auto min_x = hn::Sub(hn::Min(ax, hn::Min(bx, cx)), grow), max_x = hn::Add(hn::Max(ax, hn::Max(bx, cx)), grow);
  const auto min_y = hn::Sub(hn::Min(ay, hn::Min(by, cy)), grow), max_y = hn::Add(hn::Max(ay, hn::Max(by, cy)), grow);
  // Middles have at most 17 significant bits: exact in T.
  const auto edge_x = hn::Set(d, static_cast<T>(viewport.middle_x())),
             edge_y = hn::Set(d, static_cast<T>(viewport.middle_y()));
  const auto in_picture = hn::And(hn::And(hn::Ge(max_x, hn::Neg(edge_x)), hn::Le(min_x, edge_x)),
                                  hn::And(hn::Ge(max_y, hn::Neg(edge_y)), hn::Le(min_y, edge_y)));
  const auto fits = hn::And(hn::Le(hn::Sub(max_x, min_x), hn::Set(d, static_cast<T>(kSmallWidth))),
                            hn::Le(hn::Sub(max_y, min_y), hn::Set(d, static_cast<T>(kSmallHeight))));
  const auto uncut = hn::AndNot(cut, hn::And(seen, in_picture));
  auto small = hn::And(uncut, fits);
  if (viewport.cull) small = hn::AndNot(surely_back<T>(ax, ay, bx, by, cx, cy), small);

  const auto middle_x = hn::Set(di, static_cast<I>(viewport.middle_x())),
             middle_y = hn::Set(di, static_cast<I>(viewport.middle_y()));
  const auto up = hn::Set(di, static_cast<I>(kGridUnit - 1)), zero = hn::Zero(di);
  const auto first_pixel = [&](auto grid, auto middle) HWY_ATTR {
    return hn::Max(zero, hn::ShiftRight<kGridBits>(hn::Add(hn::Add(hn::ConvertTo(di, grid), middle), up)));
  };
  const auto last_pixel = [&](auto grid, auto middle, int32_t size) HWY_ATTR {
    const auto last = hn::Set(di, static_cast<I>(size - 1));
    return hn::Min(last, hn::ShiftRight<kGridBits>(hn::Add(hn::ConvertTo(di, grid), middle)));
  };
  const auto column0 = first_pixel(min_x, middle_x), column1 = last_pixel(max_x, middle_x, viewport.width);
  const auto row0 = first_pixel(min_y, middle_y), row1 = last_pixel(max_y, middle_y, viewport.height);
  const auto no_centre = hn::RebindMask(d, hn::Or(hn::Gt(column0, column1), hn::Gt(row0, row1)));

  const auto tile_x = hn::ShiftRight<kTileWidthBits>(column0), tile_y = hn::ShiftRight<kTileHeightBits>(row0);
  const auto right = hn::Sub(hn::ShiftRight<kTileWidthBits>(column1), tile_x);
  const auto down = hn::Sub(hn::ShiftRight<kTileHeightBits>(row1), tile_y);
  const auto tile = hn::Add(mul_exact(di, tile_y, hn::Set(di, static_cast<I>(viewport.tiles_x))), tile_x);
  const auto code = hn::Add(hn::ShiftLeft<2>(tile), hn::Add(hn::Add(down, down), right));
  return {hn::AndNot(no_centre, small), hn::Or(hn::And(seen, cut), hn::AndNot(fits, uncut)), code};
}

// Fetches the corners of faces; returns the place in `faces` of the first index that is no vertex, or -1.
template <class T>
HWY_INLINE int64_t fetch_run(const int64_t* faces, const Vertex<T>* verts, int64_t num_verts, int64_t first, int n,
                             Corners<T>* out) {
  for (int i = 0; i < n; ++i) {
    const int64_t* index = faces + 3 * (first + i);
    for (int k = 0; k < 3; ++k) {
      if (HWY_UNLIKELY(static_cast<uint64_t>(index[k]) >= static_cast<uint64_t>(num_verts))) return 3 * (first + i) + k;
      out->corner[k][i] = verts[index[k]];
    }
  }
  return -1;
}

template <class T>
HWY_INLINE void add_big(const Viewport<T>& viewport, const Corners<T>& corners, int i, int64_t face, BigFace* out,
                        int64_t* n) {
  const Vertex<T>* const corner[3] = {&corners.corner[0][i], &corners.corner[1][i], &corners.corner[2][i]};
  BigFace big;
  if (!tiles_of(visible_polygon(corner, viewport), viewport, &big)) return;
  big.face = static_cast<int32_t>(face);
  out[(*n)++] = big;
}

// Counting sort of a chunk's small faces by tile; rising within a tile. ends[t] is where the entries of tile t end.
template <class I>
HWY_INLINE void sort_by_tile(const I* kept, const I* codes, int64_t n, int32_t tiles_x, int32_t tiles, uint32_t* ends,
                             I* entries) {
  std::fill(ends, ends + tiles, 0u);
  const auto each_tile = [&](I code, auto visit) HWY_ATTR {
    const int64_t tile = code >> 2;
    visit(tile);
    if (HWY_LIKELY((code & 3) == 0)) return;
    if (code & 1) visit(tile + 1);
    if (code & 2) visit(tile + tiles_x);
    if ((code & 3) == 3) visit(tile + tiles_x + 1);
  };
  for (int64_t i = 0; i < n; ++i) each_tile(codes[i], [&](int64_t tile) HWY_ATTR { ++ends[tile]; });
  uint32_t begin = 0;
  for (int32_t t = 0; t < tiles; ++t) {
    const uint32_t count = ends[t];
    ends[t] = begin;
    begin += count;
  }
  for (int64_t i = 0; i < n; ++i) each_tile(codes[i], [&](int64_t tile) HWY_ATTR { entries[ends[tile]++] = kept[i]; });
}

// Sorts the faces of a batch into small and big ones.
template <class T>
HWY_INLINE void bin_batch(const Viewport<T>& viewport, const Corners<T>& corners, int64_t begin, int n, int64_t place,
                          const Scratch<T>& scratch, int64_t* num_kept, int64_t* num_big) {
  const Lanes<T> d;
  const IntLanes<T> di;
  const int lanes = static_cast<int>(hn::Lanes(d));
  for (int i = 0; i < n; i += lanes) {
    const Sorted<T> sorted = sort_faces(viewport, corners, i);
    const auto valid = hn::FirstN(d, static_cast<size_t>(n - i));
    const auto small = hn::RebindMask(di, hn::And(sorted.small, valid));
    hn::CompressStore(hn::Iota(di, static_cast<Int<T>>(begin + i)), small, di, scratch.kept + place + *num_kept);
    *num_kept += static_cast<int64_t>(hn::CompressStore(sorted.code, small, di, scratch.codes + place + *num_kept));
    const auto large = hn::And(sorted.big, valid);
    if (HWY_LIKELY(hn::AllFalse(d, large))) continue;
    uint8_t bits[8] = {};
    hn::StoreMaskBits(d, large, bits);
    for (int k = 0; k < lanes; ++k) {
      if (bits[k / 8] >> (k % 8) & 1) add_big(viewport, corners, i + k, begin + i + k, scratch.big + place, num_big);
    }
  }
}

template <class T>
HWY_NOINLINE void bin_chunk(const RasterizeMeshes<T>& params, const Viewport<T>& viewport, const Scratch<T>& scratch,
                            int64_t chunk_index) {
  const Chunk& chunk = scratch.chunks[static_cast<size_t>(chunk_index)];
  const int64_t first = params.mesh_to_face_first_idx[chunk.mesh], offset = vert_offset(params, chunk.mesh);
  int64_t num_kept = 0, num_big = 0;
  Corners<T> corners = {};
  for (int64_t begin = chunk.begin; begin < chunk.end; begin += kBatch) {
    const int n = static_cast<int>(std::min<int64_t>(kBatch, chunk.end - begin));
    scratch.bad_index[chunk_index] =
        fetch_run(params.faces, scratch.verts + offset, params.V - offset, first + begin, n, &corners);
    if (scratch.bad_index[chunk_index] >= 0) return;
    bin_batch(viewport, corners, begin, n, chunk.place, scratch, &num_kept, &num_big);
  }
  scratch.num_big[chunk_index] = num_big;
  sort_by_tile(scratch.kept + chunk.place, scratch.codes + chunk.place, num_kept, viewport.tiles_x, scratch.tiles,
               scratch.ends + chunk_index * scratch.tiles, scratch.entries + 4 * chunk.place);
}

}  // namespace bisque::raster::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#endif
