// Stage 4: what is seen at each pixel of a tile, written once.
#if defined(BISQUE_RASTERIZE_MESHES_RESOLVE_INL) == defined(HWY_TARGET_TOGGLE)
#ifdef BISQUE_RASTERIZE_MESHES_RESOLVE_INL
#undef BISQUE_RASTERIZE_MESHES_RESOLVE_INL
#else
#define BISQUE_RASTERIZE_MESHES_RESOLVE_INL
#endif

#include <bisque/ops3d/rasterize_meshes/rasterize_meshes_tile-inl.h>

#include <cmath>

HWY_BEFORE_NAMESPACE();
namespace bisque::raster::HWY_NAMESPACE {

template <class T>
struct Pixels {
  using V = hn::Vec<Lanes<T>>;
  V bary[3], z;
  hn::Mask<Lanes<T>> needs_double;  // not served by this: see interpolate_carefully
};

template <class T>
HWY_INLINE hn::Vec<Lanes<T>> cross(const CornerLanes<T>& a, const CornerLanes<T>& b) {
  return hn::Sub(hn::Mul(a.x, b.y), hn::Mul(b.x, a.y));
}

// Squared distance from the origin to the segment.
template <class T>
HWY_INLINE hn::Vec<Lanes<T>> distance_to_segment(const CornerLanes<T>& a, const CornerLanes<T>& b) {
  const Lanes<T> d;
  const auto ex = hn::Sub(b.x, a.x), ey = hn::Sub(b.y, a.y);
  const auto length = hn::Max(hn::Add(hn::Mul(ex, ex), hn::Mul(ey, ey)), hn::Set(d, std::numeric_limits<T>::min()));
  const auto along = hn::Div(hn::Neg(hn::Add(hn::Mul(a.x, ex), hn::Mul(a.y, ey))), length);
  const auto t = hn::Min(hn::Max(along, hn::Zero(d)), hn::Set(d, T(1)));
  const auto x = hn::Add(a.x, hn::Mul(t, ex)), y = hn::Add(a.y, hn::Mul(t, ey));
  return hn::Add(hn::Mul(x, x), hn::Mul(y, y));
}

// Interpolates within faces whose corners are moved to have their pixels at the origin.
template <class T>
HWY_INLINE Pixels<T> interpolate(const Viewport<T>& viewport, const CornerLanes<T>& a, const CornerLanes<T>& b,
                                 const CornerLanes<T>& c) {
  const Lanes<T> d;
  auto wa = cross(b, c), wb = cross(c, a), wc = cross(a, b);
  const auto area = hn::Abs(hn::Add(hn::Add(wa, wb), wc));
  const auto extent = hn::Add(hn::Add(hn::Abs(hn::Sub(b.x, a.x)), hn::Abs(hn::Sub(b.y, a.y))),
                              hn::Add(hn::Abs(hn::Sub(c.x, a.x)), hn::Abs(hn::Sub(c.y, a.y))));
  auto needs_double = hn::Or(hn::Lt(area, hn::Mul(extent, hn::Set(d, static_cast<T>(kSliver)))),
                             hn::Gt(extent, hn::Set(d, static_cast<T>(kFloatExtent))));
  if (viewport.perspective) {
    wa = hn::Mul(wa, a.depth);  // the sign of depth drops out
    wb = hn::Mul(wb, b.depth);
    wc = hn::Mul(wc, c.depth);
    needs_double = hn::Or(needs_double, hn::Gt(hn::Max(a.depth, hn::Max(b.depth, c.depth)), hn::Zero(d)));
  } else if (viewport.clips) {
    needs_double = hn::Or(needs_double, hn::Lt(hn::Min(a.z, hn::Min(b.z, c.z)), hn::Set(d, viewport.z_clip)));
  }
  const auto scale = hn::Div(hn::Set(d, T(1)), hn::Add(hn::Add(wa, wb), wc));
  wa = hn::Mul(wa, scale);
  wb = hn::Mul(wb, scale);
  wc = hn::Mul(wc, scale);
  const auto z = hn::Add(hn::Add(hn::Mul(wa, a.z), hn::Mul(wb, b.z)), hn::Mul(wc, c.z));
  return {{wa, wb, wc}, z, needs_double};
}

// A row of a picture within a tile.
template <class T>
struct Row {
  const Int<T>* face;
  int n;                    // pixels
  double pixel_x, pixel_y;  // that pixel in Vertex coordinates
  int64_t* pix_to_face;
  T *zbuf, *bary, *dists;
};

template <class T>
HWY_NOINLINE void redo_carefully(const Viewport<T>& viewport, const int64_t* faces, const Vertex<T>* verts,
                                 const Row<T>& row, int column, T* bary, T* z, T* distance) {
  const int64_t* index = faces + 3 * static_cast<int64_t>(row.face[column]);
  const Vertex<T>* const corner[3] = {verts + index[0], verts + index[1], verts + index[2]};
  const double x = row.pixel_x + column;
  interpolate_carefully(corner, viewport, x, row.pixel_y, true, bary, z);
  if (row.dists != nullptr)
    *distance = -distance_to_visible(corner, viewport, x, row.pixel_y) / (viewport.scale * viewport.scale);
}

// Pixels [column, column + N) of a row; `used` of them are in the picture.
template <class T>
HWY_INLINE void resolve_lanes(const Viewport<T>& viewport, const int64_t* faces, const Vertex<T>* verts,
                              const Row<T>& row, const Corners<T>& corners, int column) {
  const Lanes<T> d;
  const IntLanes<T> di;
  const int lanes = static_cast<int>(hn::Lanes(d)), used = std::min(lanes, row.n - column);
  CornerLanes<T> a(corners, 0, column), b(corners, 1, column), c(corners, 2, column);
  const auto pixel_x = hn::Iota(d, static_cast<T>(row.pixel_x + column)),
             pixel_y = hn::Set(d, static_cast<T>(row.pixel_y));
  for (CornerLanes<T>* corner : {&a, &b, &c}) {
    corner->x = hn::Sub(corner->x, pixel_x);
    corner->y = hn::Sub(corner->y, pixel_y);
  }
  Pixels<T> pixels = interpolate(viewport, a, b, c);
  const auto covered = hn::RebindMask(d, hn::Gt(hn::LoadU(di, row.face + column), hn::Set(di, Int<T>{-1})));
  const auto needs_double = hn::And(pixels.needs_double, covered);
  const auto none = hn::Set(d, T(-1));
  for (auto& bary : pixels.bary) bary = hn::IfThenElse(covered, bary, none);
  pixels.z = hn::IfThenElse(covered, pixels.z, none);
  auto dists = none;
  if (row.dists != nullptr) {
    const auto nearest =
        hn::Min(distance_to_segment(a, b), hn::Min(distance_to_segment(b, c), distance_to_segment(c, a)));
    const auto ndc = hn::Div(hn::Neg(nearest), hn::Set(d, viewport.scale * viewport.scale));
    dists = hn::IfThenElse(covered, ndc, none);
  }
  if (HWY_LIKELY(used == lanes && hn::AllFalse(d, needs_double))) {
    hn::StoreU(pixels.z, d, row.zbuf + column);
    hn::StoreInterleaved3(pixels.bary[0], pixels.bary[1], pixels.bary[2], d, row.bary + 3 * column);
    if (row.dists != nullptr) hn::StoreU(dists, d, row.dists + column);
    return;
  }
  alignas(64) T z[kMaxLanes], bary[3 * kMaxLanes], distance[kMaxLanes] = {};
  hn::Store(pixels.z, d, z);
  hn::StoreInterleaved3(pixels.bary[0], pixels.bary[1], pixels.bary[2], d, bary);
  if (row.dists != nullptr) hn::Store(dists, d, distance);
  uint8_t bits[8] = {};
  hn::StoreMaskBits(d, needs_double, bits);
  for (int k = 0; k < used; ++k) {
    if (bits[k / 8] >> (k % 8) & 1) {
      redo_carefully(viewport, faces, verts, row, column + k, bary + 3 * k, z + k, distance + k);
    }
  }
  std::copy(z, z + used, row.zbuf + column);
  std::copy(bary, bary + 3 * used, row.bary + 3 * column);
  if (row.dists != nullptr) std::copy(distance, distance + used, row.dists + column);
}

template <class T>
HWY_INLINE void resolve_empty(const Row<T>& row, int column, int n) {
  std::fill_n(row.zbuf + column, n, T(-1));
  std::fill_n(row.bary + 3 * column, 3 * n, T(-1));
  if (row.dists != nullptr) std::fill_n(row.dists + column, n, T(-1));
}

template <class T>
HWY_INLINE bool any_covered(const Int<T>* face) {
  const IntLanes<T> di;
  return !hn::AllTrue(di, hn::Lt(hn::LoadU(di, face), hn::Zero(di)));
}

template <class T>
HWY_INLINE void number_faces(const Row<T>& row, int64_t first_face) {
  for (int i = 0; i < row.n; ++i) row.pix_to_face[i] = row.face[i] < 0 ? -1 : first_face + row.face[i];
}

template <class T>
HWY_INLINE void fetch_row(const int64_t* faces, const Vertex<T>* verts, const Row<T>& row, Corners<T>* corners) {
  const int lanes = static_cast<int>(hn::Lanes(Lanes<T>()));
  for (int column = 0; column < row.n; column += lanes) {
    if (!any_covered<T>(row.face + column)) continue;
    for (int i = column; i < column + lanes; ++i) {
      const int64_t* index = faces + 3 * static_cast<int64_t>(std::max<Int<T>>(row.face[i], 0));
      for (int k = 0; k < 3; ++k) corners->corner[k][i] = verts[index[k]];
    }
  }
}

template <class T>
HWY_INLINE void resolve_row(const Viewport<T>& viewport, const int64_t* faces, const Vertex<T>* verts,
                            const Row<T>& row, const Corners<T>& corners) {
  const int lanes = static_cast<int>(hn::Lanes(Lanes<T>()));
  for (int column = 0; column < row.n; column += lanes) {
    if (any_covered<T>(row.face + column)) {
      resolve_lanes(viewport, faces, verts, row, corners, column);
    } else {
      resolve_empty(row, column, std::min(lanes, row.n - column));
    }
  }
}

template <class T>
HWY_INLINE void resolve_tile(const RasterizeMeshes<T>& params, const Viewport<T>& viewport, const Vertex<T>* verts,
                             int64_t mesh, TileWork<T>* work) {
  const int64_t first_face = params.mesh_to_face_first_idx[mesh];
  const int64_t* const faces = params.faces + 3 * first_face;
  const int32_t x = work->tile.x * kTileWidth, y = work->tile.y * kTileHeight;
  Row<T> row = {};
  row.n = std::min(kTileWidth, viewport.width - x);
  row.pixel_x = x - 0.5 * (viewport.width - 1);
  for (int i = 0; i < std::min(kTileHeight, viewport.height - y); ++i) {
    const int64_t pixel = (mesh * viewport.height + y + i) * viewport.width + x;
    row.face = work->tile.face + i * kTileWidth;
    row.pixel_y = y + i - 0.5 * (viewport.height - 1);
    row.pix_to_face = params.pix_to_face + pixel;
    row.zbuf = params.zbuf + pixel;
    row.bary = params.bary_coords + 3 * pixel;
    row.dists = params.dists == nullptr ? nullptr : params.dists + pixel;
    number_faces(row, first_face);
    // All corners are fetched before the first is used: a load that spans fresh stores would wait for them.
    fetch_row(faces, verts, row, &work->corners);
    resolve_row(viewport, faces, verts, row, work->corners);
  }
}

}  // namespace bisque::raster::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#endif
