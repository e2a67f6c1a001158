// Arithmetic on values: half floats, rounding, and what instructions compute, by type.
#pragma once
#include <algorithm>
#include <bit>
#include <cmath>
#include <limits>

#include "state.h"

namespace softgpu {

// ---- half precision
inline float widen(bf16 v) { return std::bit_cast<float>((uint32_t)v.bits << 16); }
inline float widen(f16 v) {
  const u32 sign = (u32)(v.bits & 0x8000) << 16, exponent = v.bits >> 10 & 31, fraction = v.bits & 0x3ff;
  if (exponent == 0) return std::copysign(std::ldexp((float)fraction, -24), std::bit_cast<float>(sign));
  return std::bit_cast<float>(sign | (exponent == 31 ? 0xffu : exponent + 112) << 23 | fraction << 13);
}
inline float widen(float v) { return v; }
inline double widen(double v) { return v; }
// double -> f16 in one rounding, to nearest even.
inline f16 to_f16(double d) {
  if (std::isnan(d)) return {0x7fff};
  const u64 u = std::bit_cast<u64>(d);
  const u32 sign = (u32)(u >> 48) & 0x8000;
  const int exponent = (int)(u >> 52 & 0x7ff) - 1023;
  if (exponent < -25) return {(u16)sign};
  if (exponent > 15) return {(u16)(sign | 0x7c00)};
  const u64 fraction = (u & 0xfffffffffffffull) | 1ull << 52;
  const int shift = exponent >= -14 ? 42 : 28 - exponent;
  const u64 rest = fraction & ((1ull << shift) - 1), half = 1ull << (shift - 1);
  u64 q = fraction >> shift;
  q += rest > half || (rest == half && (q & 1));
  // a carry runs into the exponent, up to infinity
  if (exponent >= -14) q += (u64)(exponent + 14) << 10;
  return {(u16)(sign | q)};
}
// double -> bf16 in one rounding: round to odd in float first, then to nearest even.
inline bf16 to_bf16(double d) {
  float f = (float)d;
  if (std::isnan(f)) return {0x7fff};
  uint32_t u = std::bit_cast<uint32_t>(f);
  if (!std::isinf(f) && (double)f != d) {
    if (std::fabs((double)f) > std::fabs(d)) u--;
    u |= 1;
  }
  if ((u & 0x7f800000) != 0x7f800000) u += 0x7fff + ((u >> 16) & 1);
  return {(uint16_t)(u >> 16)};
}
template <class T>
inline T narrow(double d) {
  if constexpr (std::is_same_v<T, bf16>)
    return to_bf16(d);
  else if constexpr (std::is_same_v<T, f16>)
    return to_f16(d);
  else
    return (T)d;
}
enum Round : u32 { RN, RZ, RM, RP };
template <class T>
inline T step(T v, bool up) {  // next representable value
  if constexpr (is_half<T>) {
    u16 b = std::bit_cast<u16>(v);
    bool neg = b >> 15;
    if ((b & 0x7fff) == 0)
      b = up ? 1 : 0x8001;
    else
      b += (up != neg) ? 1 : -1;
    return std::bit_cast<T>(b);
  } else
    return std::nextafter(v, up ? std::numeric_limits<T>::infinity() : -std::numeric_limits<T>::infinity());
}
template <class T>
inline T narrow_dir(long double x, u32 mode) {
  T y;
  if constexpr (std::is_same_v<T, bf16>)
    y = to_bf16((double)x);
  else if constexpr (std::is_same_v<T, f16>)
    y = to_f16((double)x);
  else
    y = (T)x;
  long double w = widen(y);
  if (mode == RN || w == x || std::isnan(x)) return y;
  if (mode == RZ) mode = x > 0 ? RM : RP;
  if (mode == RM && w > x) return step(y, false);
  if (mode == RP && w < x) return step(y, true);
  return y;
}
template <class T>
inline T flush(T v) {
  if constexpr (std::is_same_v<T, float>)
    return std::fpclassify(v) == FP_SUBNORMAL ? std::copysign(0.0f, v) : v;
  else
    return v;
}
template <class T>
inline T saturate(T v) {
  auto w = widen(v);
  return !(w > 0) ? narrow<T>(0) : w > 1 ? narrow<T>(1) : v;
}

// ---- arithmetic
template <class T>
inline T addv(T a, T b) {
  if constexpr (is_pair<T>) {
    return {addv(a.lo, b.lo), addv(a.hi, b.hi)};
  } else if constexpr (is_half<T>)
    return narrow<T>((double)widen(a) + (double)widen(b));
  else if constexpr (std::is_integral_v<T>)
    return (T)((std::make_unsigned_t<T>)a + (std::make_unsigned_t<T>)b);
  else
    return a + b;
}
template <class T>
inline T minv(T a, T b) {
  if constexpr (is_pair<T>)
    return {minv(a.lo, b.lo), minv(a.hi, b.hi)};
  else if constexpr (is_float<T>) {
    auto x = widen(a), y = widen(b);
    if (std::isnan(x)) return std::isnan(y) ? narrow<T>(NAN) : b;
    if (std::isnan(y)) return a;
    if (x == y) return std::signbit(x) ? a : b;
    return x < y ? a : b;
  } else
    return a < b ? a : b;
}
template <class T>
inline T maxv(T a, T b) {
  if constexpr (is_pair<T>)
    return {maxv(a.lo, b.lo), maxv(a.hi, b.hi)};
  else if constexpr (is_float<T>) {
    auto x = widen(a), y = widen(b);
    if (std::isnan(x)) return std::isnan(y) ? narrow<T>(NAN) : b;
    if (std::isnan(y)) return a;
    if (x == y) return std::signbit(x) ? b : a;
    return x > y ? a : b;
  } else
    return a > b ? a : b;
}
template <class T>
inline T nanmin(T a, T b) {
  if constexpr (is_pair<T>)
    return {nanmin(a.lo, b.lo), nanmin(a.hi, b.hi)};
  else
    return std::isnan(widen(a)) ? a : std::isnan(widen(b)) ? b : minv(a, b);
}
template <class T>
inline T nanmax(T a, T b) {
  if constexpr (is_pair<T>)
    return {nanmax(a.lo, b.lo), nanmax(a.hi, b.hi)};
  else
    return std::isnan(widen(a)) ? a : std::isnan(widen(b)) ? b : maxv(a, b);
}
template <class T>
inline T subv(T a, T b) {
  if constexpr (is_pair<T>)
    return {subv(a.lo, b.lo), subv(a.hi, b.hi)};
  else if constexpr (is_half<T>)
    return narrow<T>((double)widen(a) - (double)widen(b));
  else if constexpr (std::is_integral_v<T>)
    return (T)((std::make_unsigned_t<T>)a - (std::make_unsigned_t<T>)b);
  else
    return a - b;
}
template <class T>
inline T mulv(T a, T b) {
  if constexpr (is_pair<T>)
    return {mulv(a.lo, b.lo), mulv(a.hi, b.hi)};
  else if constexpr (is_half<T>)
    return narrow<T>((double)widen(a) * (double)widen(b));
  else if constexpr (std::is_integral_v<T>)
    return (T)((u64)a * (u64)b);
  else
    return a * b;
}
template <class T>
inline T fmav(T a, T b, T d) {
  if constexpr (is_pair<T>)
    return {fmav(a.lo, b.lo, d.lo), fmav(a.hi, b.hi, d.hi)};
  else if constexpr (is_half<T>)
    return narrow<T>(std::fma((double)widen(a), (double)widen(b), (double)widen(d)));
  else
    return std::fma(a, b, d);
}
template <class T>
inline T negv(T a) {
  if constexpr (is_pair<T>)
    return {negv(a.lo), negv(a.hi)};
  else if constexpr (is_half<T>)
    return std::bit_cast<T>((u16)(std::bit_cast<u16>(a) ^ 0x8000));
  else if constexpr (std::is_integral_v<T>)
    return (T)(0 - (std::make_unsigned_t<T>)a);
  else
    return -a;
}
template <class T>
inline T absv(T a) {
  if constexpr (is_pair<T>)
    return {absv(a.lo), absv(a.hi)};
  else if constexpr (is_half<T>)
    return std::bit_cast<T>((u16)(std::bit_cast<u16>(a) & 0x7fff));
  else if constexpr (std::is_integral_v<T>)
    return a < 0 ? negv(a) : a;
  else
    return std::fabs(a);
}
template <class T>
inline T divv(T a, T b) {
  if constexpr (std::is_integral_v<T>) {
    if (b == 0) return (T)-1;
    if constexpr (std::is_signed_v<T>)
      if (b == -1) return negv(a);
    return a / b;
  } else
    return a / b;
}
template <class T>
inline T remv(T a, T b) {
  if (b == 0) return a;
  if constexpr (std::is_signed_v<T>)
    if (b == -1) return 0;
  return a % b;
}
template <class T>
inline T mulhi(T a, T b) {
  if constexpr (sizeof(T) == 8) {
    if constexpr (std::is_signed_v<T>)
      return (T)(((__int128)a * b) >> 64);
    else
      return (T)(((unsigned __int128)a * b) >> 64);
  } else {
    using W = std::conditional_t<std::is_signed_v<T>, s64, u64>;
    return (T)(((W)a * (W)b) >> (8 * sizeof(T)));
  }
}
template <class T>
struct WideOf;
template <>
struct WideOf<u16> {
  using type = u32;
};
template <>
struct WideOf<s16> {
  using type = s32;
};
template <>
struct WideOf<u32> {
  using type = u64;
};
template <>
struct WideOf<s32> {
  using type = s64;
};
template <class T>
using Wide = typename WideOf<T>::type;

}  // namespace softgpu
