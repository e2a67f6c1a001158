// Vectors of the norms' kernels. Compiled once for each SIMD target. Sums run in a fixed number of lanes, whatever the
// width of the target's vectors: value i of a run is added in lane i modulo kLanes, and lanes are folded by halves.
#if defined(BISQUE_NORM_LANES_INL_H_) == defined(HWY_TARGET_TOGGLE)
#ifdef BISQUE_NORM_LANES_INL_H_
#undef BISQUE_NORM_LANES_INL_H_
#else
#define BISQUE_NORM_LANES_INL_H_
#endif

#include <cstring>

#include <hwy/highway.h>

#include <bisque/core/ops/norm/norm_kernels.h>

HWY_BEFORE_NAMESPACE();
namespace bisque::norm::HWY_NAMESPACE {
namespace hn = hwy::HWY_NAMESPACE;

template <class A>
inline constexpr int64_t kLanes = 128 / sizeof(A);
template <class A>
using Tag = hn::CappedTag<A, kLanes<A>>;
template <class A>
using Vec = hn::Vec<Tag<A>>;
template <class A>
inline constexpr int64_t kWidth = static_cast<int64_t>(hn::MaxLanes(Tag<A>()));  // of one vector
template <class A>
inline constexpr int64_t kVectors = kLanes<A> / kWidth<A>;

// --- Values in memory, computed with in float or double ---

HWY_INLINE Vec<float> load(const float* p) { return hn::LoadU(Tag<float>(), p); }
HWY_INLINE Vec<double> load(const double* p) { return hn::LoadU(Tag<double>(), p); }
HWY_INLINE void store(Vec<float> v, float* p) { hn::StoreU(v, Tag<float>(), p); }
HWY_INLINE void store(Vec<double> v, double* p) { hn::StoreU(v, Tag<double>(), p); }
// Past the caches, to aligned memory.
HWY_INLINE void stream(Vec<float> v, float* p) { hn::Stream(v, Tag<float>(), p); }
HWY_INLINE void stream(Vec<double> v, double* p) { hn::Stream(v, Tag<double>(), p); }

using Bits = hn::RebindToUnsigned<Tag<float>>;
using Bits16 = hn::Rebind<uint16_t, Tag<float>>;

HWY_INLINE Vec<float> load(const BFloat16* p) {
  const auto bits = hn::PromoteTo(Bits(), hn::LoadU(Bits16(), &p->bits));
  return hn::BitCast(Tag<float>(), hn::ShiftLeft<16>(bits));
}

HWY_INLINE hn::Vec<Bits16> narrow(hn::Vec<Bits> bits) {
  return hn::DemoteTo(Bits16(), hn::BitCast(hn::RebindToSigned<Bits>(), bits));
}

// To the nearest, ties to even; any NaN becomes 0x7fc0, as in torch.
HWY_INLINE hn::Vec<Bits16> bits_of(Vec<float> v, BFloat16) {
  const Bits d;
  const auto bits = hn::BitCast(d, v);
  const auto odd = hn::And(hn::ShiftRight<16>(bits), hn::Set(d, 1u));
  const auto rounded = hn::ShiftRight<16>(hn::Add(bits, hn::Add(odd, hn::Set(d, 0x7fffu))));
  const auto nan = hn::RebindMask(d, hn::Ne(v, v));
  return narrow(hn::IfThenElse(nan, hn::Set(d, 0x7fc0u), rounded));
}

#if HWY_ARCH_X86 && HWY_TARGET >= HWY_SSE4
// Highway's float16 below AVX2 knows no infinity and does not round.
HWY_INLINE Vec<float> load(const Half* p) {
  const Bits d;
  const Tag<float> df;
  const auto half = hn::PromoteTo(d, hn::LoadU(Bits16(), &p->bits));
  const auto exponent = hn::And(half, hn::Set(d, 0x7c00u)), mantissa = hn::And(half, hn::Set(d, 0x3ffu));
  const auto sign = hn::ShiftLeft<16>(hn::And(half, hn::Set(d, 0x8000u)));
  const auto magnitude = hn::ShiftLeft<13>(hn::And(half, hn::Set(d, 0x7fffu)));
  const auto normal = hn::Add(magnitude, hn::Set(d, uint32_t{127 - 15} << 23));
  const auto infinite = hn::Or(magnitude, hn::Set(d, 0x7f800000u));
  const auto mantissas = hn::ConvertTo(df, hn::BitCast(hn::RebindToSigned<Bits>(), mantissa));
  const auto tiny = hn::BitCast(d, hn::Mul(mantissas, hn::Set(df, 1.0f / (1 << 24))));
  auto bits = hn::IfThenElse(hn::Eq(exponent, hn::Zero(d)), tiny, normal);
  bits = hn::IfThenElse(hn::Eq(exponent, hn::Set(d, 0x7c00u)), infinite, bits);
  return hn::BitCast(df, hn::Or(bits, sign));
}

HWY_INLINE hn::Vec<Bits16> bits_of(Vec<float> v, Half) {
  const Bits d;
  const Tag<float> df;
  const auto all = hn::BitCast(d, v), sign = hn::And(all, hn::Set(d, 0x80000000u)), bits = hn::Xor(all, sign);
  const auto magnitude = hn::BitCast(df, bits);
  const auto odd = hn::And(hn::ShiftRight<13>(bits), hn::Set(d, 1u));
  const auto rounding = hn::Set(d, 0xfffu - (uint32_t{127 - 15} << 23));
  const auto normal = hn::ShiftRight<13>(hn::Add(bits, hn::Add(odd, rounding)));
  const auto magic = hn::Set(d, uint32_t{127 - 15 + 23 - 10 + 1} << 23);  // adding it shifts the mantissa into place
  const auto tiny = hn::Sub(hn::BitCast(d, hn::Add(magnitude, hn::BitCast(df, magic))), magic);
  const auto nan = hn::Or(hn::Set(d, 0x7e00u), hn::And(hn::ShiftRight<13>(bits), hn::Set(d, 0x3ffu)));
  auto half = hn::IfThenElse(hn::RebindMask(d, hn::Lt(magnitude, hn::Set(df, 1.0f / (1 << 14)))), tiny, normal);
  half = hn::IfThenElse(hn::RebindMask(d, hn::Ge(magnitude, hn::Set(df, 65536.0f))), hn::Set(d, 0x7c00u), half);
  half = hn::IfThenElse(hn::RebindMask(d, hn::Ne(v, v)), nan, half);
  return narrow(hn::Or(half, hn::ShiftRight<16>(sign)));
}
#else
HWY_INLINE Vec<float> load(const Half* p) {
  const hn::Rebind<hwy::float16_t, Tag<float>> d;
  return hn::PromoteTo(Tag<float>(), hn::BitCast(d, hn::LoadU(Bits16(), &p->bits)));
}

HWY_INLINE hn::Vec<Bits16> bits_of(Vec<float> v, Half) {
  const hn::Rebind<hwy::float16_t, Tag<float>> d;
  return hn::BitCast(Bits16(), hn::DemoteTo(d, v));
}
#endif

HWY_INLINE void store(Vec<float> v, BFloat16* p) { hn::StoreU(bits_of(v, BFloat16{}), Bits16(), &p->bits); }
HWY_INLINE void store(Vec<float> v, Half* p) { hn::StoreU(bits_of(v, Half{}), Bits16(), &p->bits); }
HWY_INLINE void stream(Vec<float> v, BFloat16* p) { hn::Stream(bits_of(v, BFloat16{}), Bits16(), &p->bits); }
HWY_INLINE void stream(Vec<float> v, Half* p) { hn::Stream(bits_of(v, Half{}), Bits16(), &p->bits); }

// --- Blocks of kLanes ---

template <class A>
struct Block {
  Vec<A> v[kVectors<A>];
};

template <class A>
HWY_INLINE Block<A> block_of(A value) {
  Block<A> block;
  for (int64_t i = 0; i < kVectors<A>; ++i) block.v[i] = hn::Set(Tag<A>(), value);
  return block;
}

template <class T>
HWY_INLINE Block<Accumulate<T>> load_block(const T* p) {
  Block<Accumulate<T>> block;
  for (int64_t i = 0; i < kVectors<Accumulate<T>>; ++i) block.v[i] = load(p + i * kWidth<Accumulate<T>>);
  return block;
}

/// The first n < kWidth values, and zeros.
template <class T>
HWY_INLINE Vec<Accumulate<T>> load_some(const T* p, int64_t n) {
  alignas(64) T some[kWidth<Accumulate<T>>] = {};
  std::memcpy(some, p, static_cast<size_t>(n) * sizeof(T));
  return load(some);
}

template <class T>
HWY_INLINE void store_some(Vec<Accumulate<T>> v, T* p, int64_t n) {
  alignas(64) T some[kWidth<Accumulate<T>>];
  store(v, some);
  std::memcpy(p, some, static_cast<size_t>(n) * sizeof(T));
}

#if HWY_ARCH_X86 && HWY_TARGET <= HWY_AVX2
// Masked accesses touch nothing past the n values.
HWY_INLINE Vec<float> load_some(const float* p, int64_t n) {
  const Tag<float> d;
  return hn::MaskedLoad(hn::FirstN(d, static_cast<size_t>(n)), d, p);
}
HWY_INLINE Vec<double> load_some(const double* p, int64_t n) {
  const Tag<double> d;
  return hn::MaskedLoad(hn::FirstN(d, static_cast<size_t>(n)), d, p);
}
HWY_INLINE void store_some(Vec<float> v, float* p, int64_t n) {
  const Tag<float> d;
  hn::BlendedStore(v, hn::FirstN(d, static_cast<size_t>(n)), d, p);
}
HWY_INLINE void store_some(Vec<double> v, double* p, int64_t n) {
  const Tag<double> d;
  hn::BlendedStore(v, hn::FirstN(d, static_cast<size_t>(n)), d, p);
}
#endif

/// The first n < kLanes values, and zeros.
template <class T>
HWY_INLINE Block<Accumulate<T>> load_rest(const T* p, int64_t n) {
  constexpr int64_t kWide = kWidth<Accumulate<T>>;
  Block<Accumulate<T>> block = block_of(Accumulate<T>(0));
  for (int64_t i = 0; i < kVectors<Accumulate<T>> && i * kWide < n; ++i) {
    const int64_t left = n - i * kWide;
    block.v[i] = left >= kWide ? load(p + i * kWide) : load_some(p + i * kWide, left);
  }
  return block;
}

template <class T>
HWY_INLINE void store_block(const Block<Accumulate<T>>& block, T* p) {
  for (int64_t i = 0; i < kVectors<Accumulate<T>>; ++i) store(block.v[i], p + i * kWidth<Accumulate<T>>);
}

template <class D>
HWY_INLINE hn::TFromD<D> fold_lanes(D, hn::Vec<D> v) {
  if constexpr (hn::MaxLanes(D()) == 1) {
    return hn::GetLane(v);
  } else {
    const hn::Half<D> half;
    return fold_lanes(half, hn::Add(hn::LowerHalf(half, v), hn::UpperHalf(half, v)));
  }
}

/// The sum of all lanes: halves are added to halves.
template <class A>
HWY_INLINE A fold(const Block<A>& block) {
  Block<A> sum = block;
  for (int64_t half = kVectors<A> / 2; half > 0; half /= 2) {
    for (int64_t i = 0; i < half; ++i) sum.v[i] = hn::Add(sum.v[i], sum.v[i + half]);
  }
  return fold_lanes(Tag<A>(), sum.v[0]);
}

/// Lanes below n as they are, zeros in the others.
template <class A>
HWY_INLINE Block<A> first_lanes(const Block<A>& block, int64_t n) {
  Block<A> first;
  for (int64_t i = 0; i < kVectors<A>; ++i) {
    const int64_t left = n - i * kWidth<A>;
    const auto mask = hn::FirstN(Tag<A>(), static_cast<size_t>(left < 0 ? 0 : left));
    first.v[i] = hn::IfThenElseZero(mask, block.v[i]);
  }
  return first;
}

}  // namespace bisque::norm::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#endif  // include guard
