// Handlers of arithmetic and bits.
#pragma once
#include <cfenv>

#include "numbers.h"

namespace softgpu {

// ---- arithmetic
template <class T, auto F>
H(op_un) {
  put<T>(r[in->d], F(get<T>(r[in->a])));
  (void)c;
  NEXT;
}
template <class T, auto F>
H(op_bin) {
  put<T>(r[in->d], F(get<T>(r[in->a]), get<T>(r[in->b])));
  (void)c;
  NEXT;
}
template <class T, auto F>
H(op_tri) {
  put<T>(r[in->d], F(get<T>(r[in->a]), get<T>(r[in->b]), get<T>(r[in->c])));
  (void)c;
  NEXT;
}
template <class T>
H(op_mad) {
  put<T>(r[in->d], addv<T>(mulv<T>(get<T>(r[in->a]), get<T>(r[in->b])), get<T>(r[in->c])));
  NEXT;
}
template <class T>
H(op_madhi) {
  put<T>(r[in->d], addv<T>(mulhi<T>(get<T>(r[in->a]), get<T>(r[in->b])), get<T>(r[in->c])));
  NEXT;
}
template <class T>
H(op_mulw) {
  put<Wide<T>>(r[in->d], (Wide<T>)get<T>(r[in->a]) * (Wide<T>)get<T>(r[in->b]));
  NEXT;
}
template <class T>
H(op_madw) {
  put<Wide<T>>(r[in->d], addv<Wide<T>>((Wide<T>)get<T>(r[in->a]) * (Wide<T>)get<T>(r[in->b]), get<Wide<T>>(r[in->c])));
  NEXT;
}
template <class T>
H(op_sad) {
  T a = get<T>(r[in->a]), b = get<T>(r[in->b]);
  put<T>(r[in->d], addv<T>(get<T>(r[in->c]), a < b ? subv(b, a) : subv(a, b)));
  NEXT;
}
template <bool Mad, class T>
H(op_mul24) {
  s64 a = get<T>(r[in->a]), b = get<T>(r[in->b]);
  if (std::is_signed_v<T>) {
    a = a << 40 >> 40;
    b = b << 40 >> 40;
  } else {
    a &= 0xffffff;
    b &= 0xffffff;
  }
  u64 v = (u64)(a * b);
  if (in->aux) v >>= 16;
  put<T>(r[in->d], (T)(u32)(v + (Mad ? get<u32>(r[in->c]) : 0)));
  NEXT;
}
// saturating s32 add / sub
template <bool Sub>
H(op_addsat) {
  s64 a = get<s32>(r[in->a]), b = get<s32>(r[in->b]);
  put<s32>(r[in->d], (s32)std::clamp<s64>(Sub ? a - b : a + b, INT32_MIN, INT32_MAX));
  NEXT;
}

// Float operations with a rounding mode, .ftz or .sat: aux = mode | ftz << 4 | sat << 5.
enum FOp { FAdd, FSub, FMul, FFma, FDiv, FSqrt, FRcp };
template <class T, FOp O>
[[gnu::noinline]] T directed(T a, T b, T d, u32 mode) {
  static const int modes[] = {FE_TONEAREST, FE_TOWARDZERO, FE_DOWNWARD, FE_UPWARD};
  fesetround(modes[mode]);
  volatile T x = a, y = b, z = d, res;
  if constexpr (O == FAdd)
    res = x + y;
  else if constexpr (O == FSub)
    res = x - y;
  else if constexpr (O == FMul)
    res = x * y;
  else if constexpr (O == FFma)
    res = std::fma((T)x, (T)y, (T)z);
  else if constexpr (O == FDiv)
    res = x / y;
  else if constexpr (O == FSqrt)
    res = std::sqrt((T)x);
  else
    res = (T)1 / x;
  fesetround(FE_TONEAREST);
  return res;
}
template <class T, FOp O>
H(op_fgen) {
  u32 mode = in->aux & 3;
  bool ftz = in->aux & 16, sat = in->aux & 32;
  T a = get<T>(r[in->a]), b = get<T>(r[in->b]), d = get<T>(r[in->c]), v;
  if (ftz) {
    a = flush(a);
    b = flush(b);
    d = flush(d);
  }
  if (mode)
    v = directed<T, O>(a, b, d, mode);
  else if constexpr (O == FAdd)
    v = a + b;
  else if constexpr (O == FSub)
    v = a - b;
  else if constexpr (O == FMul)
    v = a * b;
  else if constexpr (O == FFma)
    v = std::fma(a, b, d);
  else if constexpr (O == FDiv)
    v = a / b;
  else if constexpr (O == FSqrt)
    v = std::sqrt(a);
  else
    v = (T)1 / a;
  if (ftz) v = flush(v);
  if (sat) v = saturate(v);
  put<T>(r[in->d], v);
  NEXT;
}
// wrap a plain handler's result: aux bit 4 ftz, 5 sat, 6 relu
template <class T, Handler F>
H(op_fpost) {
  const Inst* n = F(in, r, c);
  auto fix = [&](auto v) {
    if (in->aux & 16) v = flush(v);
    if (in->aux & 32) v = saturate(v);
    if ((in->aux & 64) && !(widen(v) > 0)) v = narrow<decltype(v)>(0);
    return v;
  };
  T v = get<T>(r[in->d]);
  if constexpr (is_pair<T>) {
    v.lo = fix(v.lo);
    v.hi = fix(v.hi);
  } else
    v = fix(v);
  put<T>(r[in->d], v);
  return n;
}
template <class T>
H(op_copysign) {
  put<T>(r[in->d], std::copysign(get<T>(r[in->b]), get<T>(r[in->a])));
  NEXT;
}
template <class T>
H(op_testp) {
  T v = get<T>(r[in->a]);
  bool k = false;
  switch (in->aux) {
    case 0:
      k = std::isfinite(v);
      break;
    case 1:
      k = std::isinf(v);
      break;
    case 2:
      k = !std::isnan(v);
      break;
    case 3:
      k = std::isnan(v);
      break;
    case 4:
      k = std::isnormal(v);
      break;
    default:
      k = std::fpclassify(v) == FP_SUBNORMAL;
  }
  put<u32>(r[in->d], k);
  NEXT;
}
inline float approx_sin(float x) { return (float)std::sin((double)x); }
inline float approx_cos(float x) { return (float)std::cos((double)x); }
inline float approx_ex2(float x) { return (float)std::exp2((double)x); }
inline float approx_lg2(float x) { return (float)std::log2((double)x); }
inline float approx_rsqrt(float x) { return (float)(1.0 / std::sqrt((double)x)); }
inline double rsqrt64(double x) { return 1.0 / std::sqrt(x); }
inline double rcp64(double x) { return 1.0 / x; }
template <class T>
inline T half_tanh(T x) {
  if constexpr (is_pair<T>)
    return {half_tanh(x.lo), half_tanh(x.hi)};
  else
    return narrow<T>(std::tanh((double)widen(x)));
}
template <class T>
inline T half_ex2(T x) {
  if constexpr (is_pair<T>)
    return {half_ex2(x.lo), half_ex2(x.hi)};
  else
    return narrow<T>(std::exp2((double)widen(x)));
}

// ---- carries
// aux bit 0: takes the carry in, bit 1: writes the carry out
template <class T>
H(op_addc) {
  unsigned __int128 v = (unsigned __int128)get<T>(r[in->a]) + get<T>(r[in->b]) + (in->aux & 1 ? r[kSlotCC].u : 0);
  if (in->aux & 2) r[kSlotCC].u = (u64)(v >> (8 * sizeof(T))) & 1;
  put<T>(r[in->d], (T)v);
  NEXT;
}
template <class T>
H(op_subc) {
  unsigned __int128 v = (unsigned __int128)get<T>(r[in->a]) - get<T>(r[in->b]) - (in->aux & 1 ? r[kSlotCC].u : 0);
  if (in->aux & 2) r[kSlotCC].u = (u64)(v >> (8 * sizeof(T))) & 1;
  put<T>(r[in->d], (T)v);
  NEXT;
}
template <class T, bool Hi>
H(op_madc) {
  using U = std::make_unsigned_t<T>;
  U m = Hi ? (U)mulhi<T>(get<T>(r[in->a]), get<T>(r[in->b])) : (U)mulv<T>(get<T>(r[in->a]), get<T>(r[in->b]));
  unsigned __int128 v = (unsigned __int128)m + get<U>(r[in->c]) + (in->aux & 1 ? r[kSlotCC].u : 0);
  if (in->aux & 2) r[kSlotCC].u = (u64)(v >> (8 * sizeof(T))) & 1;
  put<U>(r[in->d], (U)v);
  NEXT;
}

// ---- bits
template <class T>
inline T shl(T a, u32 n) {
  return n >= 8 * sizeof(T) ? 0 : (T)((std::make_unsigned_t<T>)a << n);
}
template <class T>
inline T shr(T a, u32 n) {
  if (n >= 8 * sizeof(T)) {
    if constexpr (std::is_signed_v<T>)
      return a < 0 ? -1 : 0;
    else
      return 0;
  }
  return (T)(a >> n);
}
template <class T>
H(op_shl) {
  put<T>(r[in->d], shl<T>(get<T>(r[in->a]), get<u32>(r[in->b])));
  NEXT;
}
template <class T>
H(op_shr) {
  put<T>(r[in->d], shr<T>(get<T>(r[in->a]), get<u32>(r[in->b])));
  NEXT;
}
template <bool Left, bool Clamp>
H(op_shf) {
  u64 v = (u64)get<u32>(r[in->b]) << 32 | get<u32>(r[in->a]);
  u32 n = get<u32>(r[in->c]);
  n = Clamp ? std::min(n, 32u) : n & 31;
  put<u32>(r[in->d], Left ? (u32)((n ? v << n : v) >> 32) : (u32)(v >> n));
  NEXT;
}
inline H(op_lop3) {
  u32 a = get<u32>(r[in->a]), b = get<u32>(r[in->b]), d = get<u32>(r[in->c]), v = 0, lut = in->aux;
  if (lut & 1) v |= ~a & ~b & ~d;
  if (lut & 2) v |= ~a & ~b & d;
  if (lut & 4) v |= ~a & b & ~d;
  if (lut & 8) v |= ~a & b & d;
  if (lut & 16) v |= a & ~b & ~d;
  if (lut & 32) v |= a & ~b & d;
  if (lut & 64) v |= a & b & ~d;
  if (lut & 128) v |= a & b & d;
  put<u32>(r[in->d], v);
  NEXT;
}
inline H(op_prmt) {
  u64 src = (u64)get<u32>(r[in->b]) << 32 | get<u32>(r[in->a]);
  u32 sel = get<u32>(r[in->c]), out = 0, s = sel & 3;
  for (u32 i = 0; i < 4; i++) {
    u32 k = 0;
    bool sign = false;
    switch (in->aux) {
      case 0:
        k = (sel >> (4 * i)) & 7;
        sign = (sel >> (4 * i)) & 8;
        break;
      case 1:
        k = s + i;
        break;  // f4e
      case 2:
        k = (s - i) & 7;
        break;  // b4e
      case 3:
        k = s;
        break;  // rc8
      case 4:
        k = std::max(i, s);
        break;  // ecl
      case 5:
        k = std::min(i, s);
        break;  // ecr
      default:
        k = (s & 1) * 2 + (i & 1);  // rc16
    }
    u8 byte = (u8)(src >> (8 * k));
    if (sign) byte = byte & 0x80 ? 0xff : 0;
    out |= (u32)byte << (8 * i);
  }
  put<u32>(r[in->d], out);
  NEXT;
}
template <class T>
H(op_bfe) {
  constexpr u32 bits = 8 * sizeof(T);
  using U = std::make_unsigned_t<T>;
  U a = get<U>(r[in->a]);
  u32 pos = get<u32>(r[in->b]) & 0xff, len = get<u32>(r[in->c]) & 0xff;
  U v = 0;
  if (len) {
    bool neg = std::is_signed_v<T> && (a >> std::min(pos + len - 1, bits - 1) & 1);
    v = pos >= bits ? 0 : a >> pos;
    u32 have = pos >= bits ? 0 : std::min(len, bits - pos);
    if (have < bits) {
      v &= (U)(((U)1 << have) - 1);
      if (neg) v |= (U)(~(U)0 << have);
    }
  }
  put<T>(r[in->d], (T)v);
  NEXT;
}
template <class T>
H(op_bfi) {
  constexpr u32 bits = 8 * sizeof(T);
  T a = get<T>(r[in->a]), b = get<T>(r[in->b]);
  const s32* l = (const s32*)in->p;
  u32 pos = get<u32>(r[in->c]) & 0xff, len = get<u32>(r[l[0]]) & 0xff;
  T v = b;
  if (pos < bits && len) {
    T m = len >= bits ? ~(T)0 : (T)(((T)1 << len) - 1);
    m <<= pos;
    v = (b & ~m) | ((T)(a << pos) & m);
  }
  put<T>(r[in->d], v);
  NEXT;
}
inline H(op_bmsk) {  // aux: 1 = clamp
  u32 pos = get<u32>(r[in->a]), len = get<u32>(r[in->b]);
  if (in->aux) {
    pos = std::min(pos, 32u);
    len = std::min(len, 32u);
  } else {
    pos &= 31;
    len &= 31;
  }
  u64 m = ((1ull << len) - 1) << pos;
  put<u32>(r[in->d], (u32)m);
  NEXT;
}
inline H(op_szext) {  // aux: 1 = clamp, 2 = signed
  u32 a = get<u32>(r[in->a]), n = get<u32>(r[in->b]);
  n = in->aux & 1 ? std::min(n, 32u) : n & 31;
  u32 v = n >= 32 ? a : n == 0 ? 0 : a & ((1u << n) - 1);
  if ((in->aux & 2) && n && n < 32 && (v >> (n - 1) & 1)) v |= ~0u << n;
  put<u32>(r[in->d], v);
  NEXT;
}
template <class T>
inline T brev(T a) {
  T v = 0;
  for (unsigned i = 0; i < 8 * sizeof(T); i++) v |= (T)((a >> i & 1) << (8 * sizeof(T) - 1 - i));
  return v;
}
template <class T>
H(op_popc) {
  put<u32>(r[in->d], std::popcount(get<T>(r[in->a])));
  NEXT;
}
template <class T>
H(op_clz) {
  put<u32>(r[in->d], std::countl_zero(get<T>(r[in->a])));
  NEXT;
}
template <class T>
H(op_bfind) {
  using U = std::make_unsigned_t<T>;
  T s = get<T>(r[in->a]);
  U a = (U)s;
  if constexpr (std::is_signed_v<T>)
    if (s < 0) a = ~a;
  u32 lz = std::countl_zero(a), v = a ? 8 * sizeof(T) - 1 - lz : ~0u;
  if (in->aux && a) v = lz;
  put<u32>(r[in->d], v);
  NEXT;
}
template <bool SA, bool SB>
H(op_dp4a) {
  u32 a = get<u32>(r[in->a]), b = get<u32>(r[in->b]), v = get<u32>(r[in->c]);
  for (int i = 0; i < 4; i++) {
    s32 x = SA ? (s32)(s8)(a >> 8 * i) : (s32)(u8)(a >> 8 * i), y = SB ? (s32)(s8)(b >> 8 * i) : (s32)(u8)(b >> 8 * i);
    v += (u32)(x * y);
  }
  put<u32>(r[in->d], v);
  NEXT;
}
template <bool SA, bool SB>
H(op_dp2a) {
  u32 a = get<u32>(r[in->a]), b = get<u32>(r[in->b]), v = get<u32>(r[in->c]);
  for (int i = 0; i < 2; i++) {
    int j = i + (in->aux ? 2 : 0);
    s32 x = SA ? (s32)(s16)(a >> 16 * i) : (s32)(u16)(a >> 16 * i),
        y = SB ? (s32)(s8)(b >> 8 * j) : (s32)(u8)(b >> 8 * j);
    v += (u32)(x * y);
  }
  put<u32>(r[in->d], v);
  NEXT;
}

}  // namespace softgpu
