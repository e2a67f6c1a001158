// Vectors of numbers as phong_shading_math-inl.h computes with them. Compiled once for each SIMD target.
#if defined(BISQUE_PHONG_SHADING_VECTOR_INL_H_) == defined(HWY_TARGET_TOGGLE)
#ifdef BISQUE_PHONG_SHADING_VECTOR_INL_H_
#undef BISQUE_PHONG_SHADING_VECTOR_INL_H_
#else
#define BISQUE_PHONG_SHADING_VECTOR_INL_H_
#endif

#include <hwy/highway.h>

HWY_BEFORE_NAMESPACE();
namespace bisque::phong::HWY_NAMESPACE {
namespace hn = hwy::HWY_NAMESPACE;

template <class T>
using Lanes = hn::ScalableTag<T>;
template <class T>
using LaneMask = hn::Mask<Lanes<T>>;

template <class T>
constexpr size_t kLanes = hn::MaxLanes(Lanes<T>());

/// A number in each lane.
template <class T>
struct Real {
  hn::Vec<Lanes<T>> lanes;

  Real() = default;
  HWY_INLINE explicit Real(hn::Vec<Lanes<T>> v) : lanes(v) {}
  HWY_INLINE explicit Real(T value) : lanes(hn::Set(Lanes<T>(), value)) {}
  HWY_INLINE explicit Real(int value) : lanes(hn::Set(Lanes<T>(), static_cast<T>(value))) {}
};

template <class R>
struct ScalarOf;
template <class T>
struct ScalarOf<Real<T>> {
  using Type = T;
};
template <class R>
using Scalar = typename ScalarOf<R>::Type;

template <class T>
HWY_INLINE Real<T> operator+(Real<T> a, Real<T> b) {
  return Real<T>(hn::Add(a.lanes, b.lanes));
}
template <class T>
HWY_INLINE Real<T> operator-(Real<T> a, Real<T> b) {
  return Real<T>(hn::Sub(a.lanes, b.lanes));
}
template <class T>
HWY_INLINE Real<T> operator*(Real<T> a, Real<T> b) {
  return Real<T>(hn::Mul(a.lanes, b.lanes));
}
template <class T>
HWY_INLINE Real<T> operator/(Real<T> a, Real<T> b) {
  return Real<T>(hn::Div(a.lanes, b.lanes));
}
template <class T>
HWY_INLINE LaneMask<T> operator>(Real<T> a, Real<T> b) {
  return hn::Gt(a.lanes, b.lanes);
}
template <class T>
HWY_INLINE LaneMask<T> operator>=(Real<T> a, Real<T> b) {
  return hn::Ge(a.lanes, b.lanes);
}
template <class T, class M>
HWY_INLINE Real<T> select(M mask, Real<T> a, Real<T> b) {
  return Real<T>(hn::IfThenElse(mask, a.lanes, b.lanes));
}
// Where one argument is NaN, x86's own instructions return the second, but NEON's the number.
template <class T>
HWY_INLINE Real<T> max(Real<T> a, Real<T> b) {
  return HWY_ARCH_X86 ? Real<T>(hn::Max(a.lanes, b.lanes)) : select(a > b, a, b);
}
template <class T>
HWY_INLINE Real<T> min(Real<T> a, Real<T> b) {
  return HWY_ARCH_X86 ? Real<T>(hn::Min(a.lanes, b.lanes)) : select(b > a, a, b);
}
template <class T>
HWY_INLINE Real<T> square_root(Real<T> a) {
  return Real<T>(hn::Sqrt(a.lanes));
}
template <class T>
HWY_INLINE Real<T> round_even(Real<T> a) {
  return Real<T>(hn::Round(a.lanes));
}
template <class T>
HWY_INLINE bool any(LaneMask<T> mask) {
  return !hn::AllFalse(Lanes<T>(), mask);
}

/// x = 2^exponent * mantissa, with the mantissa in [sqrt(1/2), sqrt(2)), of a positive normal number.
template <class T>
HWY_INLINE void split_exponent(Real<T> x, Real<T>* exponent, Real<T>* mantissa) {
  const Lanes<T> d;
  const hn::RebindToSigned<Lanes<T>> di;
  constexpr int kMantissaBits = sizeof(T) == 4 ? 23 : 52;
  const auto bits = hn::BitCast(di, x.lanes);
  const auto half_root = hn::BitCast(di, hn::Set(d, T(0.70710678118654752)));
  const auto power = hn::ShiftRight<kMantissaBits>(hn::Sub(bits, half_root));
  exponent->lanes = hn::ConvertTo(d, power);
  mantissa->lanes = hn::BitCast(d, hn::Sub(bits, hn::ShiftLeft<kMantissaBits>(power)));
}

/// value * 2^whole, for a whole number of a normal power.
template <class T>
HWY_INLINE Real<T> times_power_of_two(Real<T> value, Real<T> whole) {
  const Lanes<T> d;
  const hn::RebindToSigned<Lanes<T>> di;
  using Bits = hn::TFromD<decltype(di)>;
  constexpr int kMantissaBits = sizeof(T) == 4 ? 23 : 52;
  constexpr Bits kBias = sizeof(T) == 4 ? 127 : 1023;
  const auto power = hn::ShiftLeft<kMantissaBits>(hn::Add(hn::ConvertTo(di, whole.lanes), hn::Set(di, kBias)));
  return value * Real<T>(hn::BitCast(d, power));
}

}  // namespace bisque::phong::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#endif
