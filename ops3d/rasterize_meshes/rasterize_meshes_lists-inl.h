// Which pixels of a row a face takes, and at which depths: FaceAtPixel for many pixels at once, in the same order of
// operations.
#if defined(BISQUE_RASTERIZE_MESHES_LISTS_INL) == defined(HWY_TARGET_TOGGLE)
#ifdef BISQUE_RASTERIZE_MESHES_LISTS_INL
#undef BISQUE_RASTERIZE_MESHES_LISTS_INL
#else
#define BISQUE_RASTERIZE_MESHES_LISTS_INL
#endif

#include <bisque/ops3d/rasterize_meshes/rasterize_meshes_lanes-inl.h>
#include <bisque/ops3d/rasterize_meshes/rasterize_meshes_lists.h>

HWY_BEFORE_NAMESPACE();
namespace bisque::raster::HWY_NAMESPACE {

// Rows of faces are a few pixels long: longer vectors than this cost more than they give.
template <class T>
using RowLanes = hn::CappedTag<T, 8>;

// A face moved to have its pixels at the origin.
template <class T>
struct RowCorners {
  hn::Vec<RowLanes<T>> x[3], y[3];
};

template <class T>
HWY_INLINE hn::Vec<RowLanes<T>> distance_to_edge(const RowCorners<T>& at, int k, int l) {
  const RowLanes<T> d;
  const auto ex = hn::Sub(at.x[l], at.x[k]), ey = hn::Sub(at.y[l], at.y[k]);
  const auto length = hn::Max(hn::Add(hn::Mul(ex, ex), hn::Mul(ey, ey)), hn::Set(d, std::numeric_limits<T>::min()));
  const auto along = hn::Div(hn::Neg(hn::Add(hn::Mul(at.x[k], ex), hn::Mul(at.y[k], ey))), length);
  const auto t = hn::Min(hn::Max(along, hn::Zero(d)), hn::Set(d, T(1)));
  const auto x = hn::Add(at.x[k], hn::Mul(t, ex)), y = hn::Add(at.y[k], hn::Mul(t, ey));
  return hn::Add(hn::Mul(x, x), hn::Mul(y, y));
}

// Depth at the pixels, and which of them want a careful look.
template <class T>
HWY_INLINE hn::Vec<RowLanes<T>> row_depth(const Viewport<T>& viewport, const RowFace<T>& face, const RowCorners<T>& at,
                                          hn::Mask<RowLanes<T>> inside, hn::Mask<RowLanes<T>>* needs_double) {
  const RowLanes<T> d;
  hn::Vec<RowLanes<T>> w[3];
  for (int k = 0; k < 3; ++k) {
    const int l = (k + 1) % 3, m = (k + 2) % 3;
    w[k] = hn::Sub(hn::Mul(at.x[l], at.y[m]), hn::Mul(at.x[m], at.y[l]));
  }
  auto size = hn::Add(hn::Add(w[0], w[1]), w[2]);
  const auto across = [&](auto* v, int k) HWY_ATTR { return hn::Abs(hn::Sub(v[k], v[0])); };
  const auto extent = hn::Add(hn::Add(across(at.x, 1), across(at.y, 1)), hn::Add(across(at.x, 2), across(at.y, 2)));
  const auto sliver =
      hn::IfThenElse(inside, hn::Set(d, static_cast<T>(kSliver)), hn::Set(d, static_cast<T>(kOutsideSliver)));
  *needs_double =
      hn::Or(hn::Lt(hn::Abs(size), hn::Mul(extent, sliver)), hn::Gt(extent, hn::Set(d, static_cast<T>(kFloatExtent))));
  if (viewport.perspective) {
    for (int k = 0; k < 3; ++k) w[k] = hn::Mul(w[k], hn::Set(d, face.depth[k]));
    size = hn::Neg(size);
  }
  if (viewport.clips_bary) {
    const auto turned = hn::Lt(size, hn::Zero(d));
    for (auto& weight : w) weight = hn::Max(hn::IfThenElse(turned, hn::Neg(weight), weight), hn::Zero(d));
    const auto sum = hn::Add(hn::Add(w[0], w[1]), w[2]);
    for (auto& weight : w) weight = hn::Div(weight, sum);
  } else {
    const auto scale = hn::Div(hn::Set(d, T(1)), hn::Add(hn::Add(w[0], w[1]), w[2]));
    for (auto& weight : w) weight = hn::Mul(weight, scale);
  }
  return hn::Add(hn::Add(hn::Mul(w[0], hn::Set(d, face.z[0])), hn::Mul(w[1], hn::Set(d, face.z[1]))),
                 hn::Mul(w[2], hn::Set(d, face.z[2])));
}

template <class T>
HWY_NOINLINE bool find_row(const Viewport<T>& viewport, const RowFace<T>& face, const RowEdge edge[3], int column,
                           T pixel_x, T pixel_y, int n, FoundRow<T>* found) {
  const RowLanes<T> d;
  const hn::RebindToSigned<decltype(d)> di;
  using I = hn::TFromD<decltype(di)>;
  const int lanes = static_cast<int>(hn::Lanes(d));
  bool any = false;
  for (int i = 0; i < n; i += lanes) {
    const auto columns = hn::Iota(di, static_cast<I>(column) + static_cast<I>(i));
    auto candidate = hn::FirstN(di, static_cast<size_t>(n - i));
    auto signs = hn::Zero(di);
    for (int k = 0; k < 3; ++k) {
      const auto value = hn::Sub(hn::Set(di, static_cast<I>(edge[k].at_row)),
                                 mul_exact(di, hn::Set(di, static_cast<I>(edge[k].dy)), columns));
      candidate = hn::And(candidate, hn::Gt(value, hn::Set(di, static_cast<I>(edge[k].lowest - 1))));
      signs = hn::Or(signs, value);
    }
    const auto zero = hn::Zero(di);
    if (hn::AllFalse(di, candidate)) {
      hn::StoreU(zero, di, found->what + i);
      continue;
    }
    const auto inside = hn::RebindMask(d, hn::Gt(signs, hn::Set(di, I{-1}))), offered = hn::RebindMask(d, candidate);
    RowCorners<T> at;
    const auto x = hn::Iota(d, pixel_x + static_cast<T>(i)), y = hn::Set(d, pixel_y);
    for (int k = 0; k < 3; ++k) {
      at.x[k] = hn::Sub(hn::Set(d, face.x[k]), x);
      at.y[k] = hn::Sub(hn::Set(d, face.y[k]), y);
    }
    hn::Mask<RowLanes<T>> needs_double;
    const auto z = row_depth(viewport, face, at, inside, &needs_double);
    auto taken = hn::And(offered, hn::Ge(z, hn::Zero(d)));
    if (viewport.blur > 0 && !hn::AllFalse(d, hn::AndNot(inside, taken))) {
      const auto nearest =
          hn::Min(hn::Min(distance_to_edge(at, 0, 1), distance_to_edge(at, 1, 2)), distance_to_edge(at, 2, 0));
      const auto distance = hn::Div(nearest, hn::Set(d, viewport.scale * viewport.scale));
      taken = hn::And(taken, hn::Or(inside, hn::Lt(distance, hn::Set(d, viewport.blur))));
    }
    hn::StoreU(z, d, found->z + i);
    const auto side =
        hn::IfThenElse(hn::RebindMask(di, inside), hn::Set(di, I{kTakenInside}), hn::Set(di, I{kTakenOutside}));
    auto what = hn::IfThenElseZero(hn::RebindMask(di, taken), side);
    what = hn::IfThenElse(hn::RebindMask(di, hn::And(needs_double, offered)), hn::Set(di, I{kUnsure}), what);
    hn::StoreU(what, di, found->what + i);
    any = any || !hn::AllFalse(di, hn::Ne(what, zero));
  }
  return any;
}

}  // namespace bisque::raster::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#endif
