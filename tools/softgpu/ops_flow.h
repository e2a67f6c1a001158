// Handlers of moves, comparisons, conversions and control; what the uncommon ones need is in calls.cpp.
#pragma once
#include "numbers.h"

namespace softgpu {

struct CallData {
  const Func* target = nullptr;  // null: through the pointer in Inst::a
  std::vector<uint32_t> args;    // frame offsets of the .param variables passed
  uint32_t ret = 0;              // frame offset of the result; 0: none
  std::string builtin;
};

// Warp-wide instructions, Inst::aux
enum WarpOp : u32 {
  WShflUp,
  WShflDown,
  WShflBfly,
  WShflIdx,
  WAll,
  WAny,
  WUni,
  WBallot,
  WMatchAny32,
  WMatchAny64,
  WMatchAll32,
  WMatchAll64,
  WAddU,
  WMinU,
  WMaxU,
  WMinS,
  WMaxS,
  WAnd,
  WOr,
  WXor,
  WSync,
  WActive
};

H(op_call);
H(op_ret);
H(op_unknown);

// ---- moves
inline H(op_mov) {
  r[in->d] = r[in->a];
  NEXT;
}
template <class T, int V>
H(op_pack) {  // d = {list}
  u64 v = 0;
  const s32* l = (const s32*)in->p;
  for (int i = 0; i < V; i++) v |= (u64)get<T>(r[l[i]]) << (8 * sizeof(T) * i);
  r[in->d].u = v;
  NEXT;
}
template <class T, int V>
H(op_unpack) {  // {list} = a
  u64 v = r[in->a].u;
  const s32* l = (const s32*)in->p;
  for (int i = 0; i < V; i++) put<T>(r[l[i]], (T)(v >> (8 * sizeof(T) * i)));
  NEXT;
}
inline H(op_selp) {
  r[in->d] = (r[in->c].u & 1) ? r[in->a] : r[in->b];
  NEXT;
}
inline H(op_slct_s) {
  r[in->d] = get<s32>(r[in->c]) >= 0 ? r[in->a] : r[in->b];
  NEXT;
}
inline H(op_slct_f) {
  r[in->d] = get<float>(r[in->c]) >= 0 ? r[in->a] : r[in->b];
  NEXT;
}
inline H(op_notp) {
  r[in->d].u = !(r[in->a].u & 1);
  NEXT;
}
inline H(op_nop) {
  (void)r;
  (void)c;
  NEXT;
}

// ---- comparisons
enum Cmp { Eq, Ne, Lt, Le, Gt, Ge, Equ, Neu, Ltu, Leu, Gtu, Geu, Num, Nan };
template <Cmp C, class T>
inline bool compare(T x, T y) {
  auto cmp = [](auto a, auto b) -> bool {
    bool un = false;
    if constexpr (std::is_floating_point_v<decltype(a)>) un = std::isnan(a) || std::isnan(b);
    switch (C) {
      case Eq:
        return a == b;
      case Ne:
        return !un && a != b;
      case Lt:
        return a < b;
      case Le:
        return a <= b;
      case Gt:
        return a > b;
      case Ge:
        return a >= b;
      case Equ:
        return un || a == b;
      case Neu:
        return un || a != b;
      case Ltu:
        return un || a < b;
      case Leu:
        return un || a <= b;
      case Gtu:
        return un || a > b;
      case Geu:
        return un || a >= b;
      case Num:
        return !un;
      default:
        return un;
    }
  };
  if constexpr (is_half<T>)
    return cmp(widen(x), widen(y));
  else
    return cmp(x, y);
}
template <Cmp C, class T>
H(op_setp) {
  r[in->d].u = compare<C, T>(get<T>(r[in->a]), get<T>(r[in->b]));
  NEXT;
}
template <Cmp C, class T>
H(op_setpf) {
  r[in->d].u = compare<C, T>(flush(get<T>(r[in->a])), flush(get<T>(r[in->b])));
  NEXT;
}
// after setp wrote d: aux 1 and, 2 or, 3 xor with predicate c; second destination b = the complement's
inline H(op_setp_bool) {
  bool t = r[in->d].u & 1, p = r[in->c].u & 1;
  auto f = [&](bool x) { return in->aux == 1 ? (x && p) : in->aux == 2 ? (x || p) : in->aux == 3 ? (x != p) : x; };
  r[in->d].u = f(t);
  r[in->b].u = f(!t);
  NEXT;
}
// set: widen the predicate in d to the destination type
inline H(op_set_int) {
  r[in->d].u = r[in->d].u & 1 ? 0xffffffffull : 0;
  NEXT;
}
template <class T>
H(op_set_float) {
  put<T>(r[in->d], narrow<T>(r[in->d].u & 1 ? 1 : 0));
  NEXT;
}
template <Cmp C, class P>
H(op_set_pair) {  // f16x2 / bf16x2; aux: 1 = mask result, 0 = 1.0
  P a = get<P>(r[in->a]), b = get<P>(r[in->b]);
  using T = decltype(a.lo);
  u16 one = in->aux ? 0xffff : std::bit_cast<u16>(narrow<T>(1));
  u32 v = (compare<C, T>(a.lo, b.lo) ? one : 0) | (u32)(compare<C, T>(a.hi, b.hi) ? one : 0) << 16;
  put<u32>(r[in->d], v);
  NEXT;
}
template <Cmp C, class P>
H(op_setp_pair) {
  P a = get<P>(r[in->a]), b = get<P>(r[in->b]);
  using T = decltype(a.lo);
  bool lo = compare<C, T>(a.lo, b.lo), hi = compare<C, T>(a.hi, b.hi);
  r[in->d].u = lo;
  r[in->c].u = hi;
  NEXT;
}

// ---- conversions
// aux: rounding mode | ftz << 4 | sat << 5 | integer rounding << 6
template <class D, class S>
inline D clamp_to(S v) {
  constexpr auto lo = std::numeric_limits<D>::min();
  constexpr auto hi = std::numeric_limits<D>::max();
  if ((__int128)v < (__int128)lo) return lo;
  if ((__int128)v > (__int128)hi) return hi;
  return (D)v;
}
inline double round_int(double v, u32 mode) {
  switch (mode) {
    case RN:
      return std::nearbyint(v);
    case RZ:
      return std::trunc(v);
    case RM:
      return std::floor(v);
    default:
      return std::ceil(v);
  }
}
template <class D, class S>
H(op_cvt) {
  const u32 mode = in->aux & 3;
  const bool ftz = in->aux & 16, sat = in->aux & 32, rint = in->aux & 64;
  S s = get<S>(r[in->a]);
  D v;
  if constexpr (!is_float<D> && !is_float<S>)
    v = sat ? clamp_to<D>(s) : (D)s;
  else if constexpr (!is_float<S>) {
    v = narrow_dir<D>((long double)s, mode);
  } else if constexpr (!is_float<D>) {
    double w = widen(s);
    if (ftz) w = widen(flush(s));
    w = round_int(w, mode);
    constexpr double lo = (double)std::numeric_limits<D>::min(), hi = (double)std::numeric_limits<D>::max();
    v = std::isnan(w) ? 0 : w <= lo ? std::numeric_limits<D>::min() : w >= hi ? std::numeric_limits<D>::max() : (D)w;
  } else {
    double w = widen(s);
    if (ftz) w = widen(flush(s));
    if (rint) w = round_int(w, mode);
    v = narrow_dir<D>(w, rint ? RN : mode);
    if (ftz) v = flush(v);
    if (sat) v = saturate(v);
    if ((in->aux & 128) && !(widen(v) > 0)) v = narrow<D>(0);  // relu
  }
  put<D>(r[in->d], v);
  NEXT;
}
template <class D, class S>
H(op_cvt_plain) {
  put<D>(r[in->d], (D)get<S>(r[in->a]));
  NEXT;
}
template <class P>
H(op_cvt_pair) {  // cvt.rn.f16x2.f32 d, a, b: a is the high half
  using T = decltype(P::lo);
  T hi = narrow_dir<T>(get<float>(r[in->a]), in->aux & 3), lo = narrow_dir<T>(get<float>(r[in->b]), in->aux & 3);
  if (in->aux & 128) {
    if (!(widen(hi) > 0)) hi = narrow<T>(0);
    if (!(widen(lo) > 0)) lo = narrow<T>(0);
  }
  put<P>(r[in->d], P{lo, hi});
  NEXT;
}

// ---- address spaces
inline H(op_cvta_shared) {
  r[in->d].u = c.shared_base + (u32)r[in->a].u;
  NEXT;
}
inline H(op_cvta_to_shared) {
  r[in->d].u = r[in->a].u - c.shared_base;
  NEXT;
}
inline H(op_isspacep) {  // aux: 0 global, 1 shared, 2 local, 3 const/param
  u64 a = r[in->a].u;
  bool sh = a - c.shared_base < c.l->shared + (u64)kSharedSlack, lo = a - c.stack_base < c.l->stack_bytes;
  bool v = in->aux == 1 ? sh : in->aux == 2 ? lo : in->aux == 0 ? !sh && !lo : false;
  r[in->d].u = v;
  NEXT;
}

// ---- control
inline H(op_bra) {
  (void)r;
  (void)c;
  return (const Inst*)in->p;
}
inline H(op_bra_if) { return (r[in->a].u & 1) ? (const Inst*)in->p : in + 1; }
inline H(op_bra_not) { return (r[in->a].u & 1) ? in + 1 : (const Inst*)in->p; }
inline H(op_skip_if) { return (r[in->a].u & 1) ? in + in->imm : in + 1; }
inline H(op_skip_not) { return (r[in->a].u & 1) ? in + 1 : in + in->imm; }
inline H(op_brx) {
  auto* t = (const std::vector<const Inst*>*)in->p;
  u64 i = get<u32>(r[in->a]);
  return i < t->size() ? (*t)[i] : in + 1;
}
inline H(op_exit) {
  (void)r;
  c.t->state = State::Exit;
  c.t->pc = in;
  return nullptr;
}
inline H(op_trap) {
  (void)r;
  fatal_kernel(c, in, "trap", LaunchResult::Trap);
  return nullptr;
}
inline H(op_warp) {
  c.t->state = State::Warp;
  c.t->pc = in;
  c.t->mask = in->c >= 0 ? get<u32>(r[in->c]) : 0;
  return nullptr;
}
inline H(op_barrier) {
  c.t->state = State::Barrier;
  c.t->pc = in;
  c.t->bar_id = get<u32>(r[in->a]) & 15;
  c.t->bar_count = in->b >= 0 ? get<u32>(r[in->b]) : 0;
  return nullptr;
}
inline H(op_arrive) {
  c.b->arrived[get<u32>(r[in->a]) & 15]++;
  NEXT;
}
template <class T>
H(op_time) {
  put<T>(r[in->d], (T)clock_now());
  (void)c;
  NEXT;
}

}  // namespace softgpu
