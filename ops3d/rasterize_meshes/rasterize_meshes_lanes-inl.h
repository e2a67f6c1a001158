// Vectors of the rasterizer, per SIMD target: T is float or double, integers are as wide as T.
#if defined(BISQUE_RASTERIZE_MESHES_LANES_INL) == defined(HWY_TARGET_TOGGLE)
#ifdef BISQUE_RASTERIZE_MESHES_LANES_INL
#undef BISQUE_RASTERIZE_MESHES_LANES_INL
#else
#define BISQUE_RASTERIZE_MESHES_LANES_INL
#endif

#include <hwy/highway.h>

#include <bisque/ops3d/rasterize_meshes/rasterize_meshes_grid.h>

HWY_BEFORE_NAMESPACE();
namespace bisque::raster::HWY_NAMESPACE {
namespace hn = hwy::HWY_NAMESPACE;

template <class T>
using Lanes = hn::ScalableTag<T>;
template <class T>
using IntLanes = hn::RebindToSigned<Lanes<T>>;
template <class T>
using Int = hwy::MakeSigned<T>;

inline constexpr int kMaxLanes = 16;  // of float, on AVX-512
inline constexpr int kBatch = 64;     // faces set up together

// Product of integers below 2^31 in size whose result fits: int64 has no SIMD product, but double is exact here.
template <class DI, class V>
HWY_INLINE V mul_exact(DI di, V a, V b) {
  if constexpr (sizeof(hn::TFromD<DI>) == 4) {
    return hn::Mul(a, b);
  } else {
    const hn::RebindToFloat<DI> d;
    return hn::ConvertTo(di, hn::Mul(hn::ConvertTo(d, a), hn::ConvertTo(d, b)));
  }
}

// The corners of faces side by side: vectors of x, y, z and depth of corner k are loaded from corner[k].
template <class T>
struct Corners {
  alignas(64) Vertex<T> corner[3][std::max(kBatch, kTileWidth) + kMaxLanes];
};

// Lanes [i, i + N) of a corner of a batch.
template <class T>
struct CornerLanes {
  using V = hn::Vec<Lanes<T>>;
  HWY_INLINE CornerLanes(const Corners<T>& corners, int k, int i) {
    hn::LoadInterleaved4(Lanes<T>(), &corners.corner[k][i].x, x, y, z, depth);
  }
  V x, y, z, depth;
};

// Grid coordinates of vertices, as whole numbers in T. Exact: a scaling by a power of two and a rounding.
template <class T>
HWY_INLINE hn::Vec<Lanes<T>> snapped(hn::Vec<Lanes<T>> pixels) {
  return hn::Round(hn::Mul(pixels, hn::Set(Lanes<T>(), static_cast<T>(kGridUnit))));
}

}  // namespace bisque::raster::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#endif
