// Execution state and the handlers of single instructions (included by interp.cpp only).
#pragma once
#include <algorithm>
#include <bit>
#include <cfenv>
#include <cmath>
#include <cstring>
#include <limits>
#include <type_traits>
#include "interp.h"

namespace softgpu {

// ---- state ------------------------------------------------------------------------------------
enum class State : uint8_t { Run, Warp, Barrier, Exit };

struct Thread {
  const Inst* pc = nullptr;
  Reg* r = nullptr;
  uint8_t* stack = nullptr;
  State state = State::Run;
  uint16_t tid = 0;
  uint32_t mask = 0;                   // members awaited at a warp instruction
  uint32_t bar_id = 0, bar_count = 0;  // the barrier waited at
  uint32_t tx = 0, ty = 0, tz = 0;
  uint32_t fence_seq = 0, strong_seq = 0, sync_seq = 0, sync_mask = 0;
};

struct Warp {
  uint32_t full_sync = 0;
};

// What a block has made known to others by a strong store: its writes need a fence before it, its reads
// (which are complete once a barrier is passed) do not.
struct BlockSync {
  uint32_t rel_seq = 0, rel_tid = 0, rel_epoch = 0, read_seq = 0, read_tid = 0, read_epoch = 0;
};

struct Launch;
struct BlockState {
  uint32_t index = 0;
  Dim id;
  std::vector<Thread> threads;
  std::vector<Warp> warps;
  std::vector<uint8_t> shared, stacks;
  CellMap cells;
  uint64_t cell_bytes = 0;
  uint32_t start_seq = 0, seg_seq = 0, epoch_seq = 0, strong_seq = 0;
  uint32_t arrived[16] = {};  // bar.arrive counts
  ~BlockState() { cells_destroy(cells, cell_bytes); }
};

struct Launch {
  const Func* k = nullptr;
  LaunchConfig cfg;
  uint32_t threads = 0, shared = 0, seq0 = 0;
  uint64_t stack_bytes = 0, blocks = 0, workspace = 0;
  std::vector<std::pair<uint32_t, uint32_t>> segments;  // first seq -> block
  std::vector<BlockSync> sync;
  LaunchResult result = LaunchResult::Ok;
};

struct Ctx {
  Reg* r = nullptr;
  Thread* t = nullptr;
  BlockState* b = nullptr;
  Launch* l = nullptr;
  uint64_t shared_base = 0, stack_base = 0;
  bool mem = true, race = true, init = false, benign = false;
  bool stop = false;  // the launch failed; leave at once
};

extern uint32_t g_seq;  // event clock of the race detector
struct SourceLine {
  const Func* f;
  std::string text;
  int file, line;
};
extern std::deque<SourceLine> g_source;
uint64_t clock_now();
constexpr uint32_t kSharedSlack = 65536;  // bytes after a block's shared memory that count as "shared, out of bounds"

[[gnu::noinline]] void bad_access(Ctx& c, const Inst* in, const char* space, uint64_t a, unsigned n, bool w,
                                  const char* what);
[[gnu::noinline]] void race_report(Ctx& c, const Inst* in, bool shared, uint64_t a, unsigned n, bool w,
                                   const Cell& prev, bool prev_write, bool cross);
[[gnu::noinline]] void fatal_kernel(Ctx& c, const Inst* in, const std::string& what, LaunchResult r);
[[gnu::noinline]] bool acquired(Ctx& c);
[[gnu::noinline]] void cross_block(Ctx& c, uint32_t seq, uint16_t tid, bool was_read, bool* race, bool* cross);

// ---- registers ----------------------------------------------------------------------------------
using u8 = uint8_t;
using s8 = int8_t;
using u16 = uint16_t;
using s16 = int16_t;
using u32 = uint32_t;
using s32 = int32_t;
using u64 = uint64_t;
using s64 = int64_t;
struct f16 {
  uint16_t bits;
};  // not _Float16, which clang 14 lacks
struct bf16 {
  uint16_t bits;
};
struct f16x2 {
  f16 lo, hi;
};
struct bf16x2 {
  bf16 lo, hi;
};
template <class T>
struct Tag {
  using type = T;
};
template <class T>
constexpr bool is_half = std::is_same_v<T, f16> || std::is_same_v<T, bf16>;
template <class T>
constexpr bool is_pair = std::is_same_v<T, f16x2> || std::is_same_v<T, bf16x2>;
template <class T>
constexpr bool is_float = std::is_floating_point_v<T> || is_half<T>;

template <class T>
inline T get(const Reg& r) {
  T v;
  memcpy(&v, &r, sizeof v);
  return v;
}
template <class T>
inline void put(Reg& r, T v) {
  if constexpr (std::is_integral_v<T>) {
    if constexpr (std::is_signed_v<T>)
      r.s = v;
    else
      r.u = v;
  } else {
    uint64_t u = 0;
    memcpy(&u, &v, sizeof v);
    r.u = u;
  }
}

// ---- half precision -------------------------------------------------------------------------------
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

// ---- race detector -----------------------------------------------------------------------------------
// May the access (seq, tid) and this thread's current one run at the same time?
inline bool unordered(Ctx& c, u32 seq, u16 tid, bool was_read, bool* cross) {
  if (seq < c.b->seg_seq) {
    bool race = false;
    cross_block(c, seq, tid, was_read, &race, cross);
    return race;
  }
  *cross = false;
  if (tid == c.t->tid || seq < c.b->epoch_seq) return false;
  if ((tid ^ c.t->tid) >> 5) return true;
  if (seq < c.b->warps[tid >> 5].full_sync) return false;
  return !(seq < c.t->sync_seq && (c.t->sync_mask >> (tid & 31) & 1));
}

template <bool W>
inline void race_cell(Ctx& c, const Inst* in, Cell& k, u32 min_seq, bool atomic, bool shared, u64 addr, unsigned n) {
  const u32 now = g_seq;
  const u16 tid = c.t->tid;
  bool cross = false;
  if (k.wseq >= min_seq && !(atomic && (k.wflags & kAtomicW)) && (W ? true : !(k.wflags & kAtomicW)) &&
      unordered(c, k.wseq, k.wtid, false, &cross))
    race_report(c, in, shared, addr, n, W, k, true, cross);
  if (W && !atomic && k.rseq >= min_seq) {
    bool hit = unordered(c, k.rseq, k.rtid, true, &cross);
    if (!hit && k.rseq >= c.b->seg_seq && k.rseq >= c.b->epoch_seq && (k.rflags & kManyThreads))
      hit = (k.rflags & kManyWarps) || k.rseq >= c.b->warps[tid >> 5].full_sync, cross = false;
    if (!hit && (k.rflags & kManyBlocks) && !acquired(c)) {
      hit = true;
      cross = true;
    }
    if (hit) race_report(c, in, shared, addr, n, W, k, false, cross);
  }
  if (W) {
    k.wseq = now;
    k.wpc = in->id;
    k.wtid = tid;
    k.wflags = (k.wflags & kSplit) | (atomic ? kAtomicW : 0);
    if (!atomic) k.rseq = 0, k.rflags = 0;
  } else if (k.rseq != now || k.rtid != tid) {
    u16 f = 0;
    if (k.rseq >= min_seq) {
      f = k.rflags & kManyBlocks;
      if (k.rseq < c.b->seg_seq)
        f |= shared ? 0 : kManyBlocks;
      else if (k.rseq >= c.b->epoch_seq) {
        f |= k.rflags;
        if (k.rtid != tid) k.rtid2 = k.rtid, k.rpc2 = k.rpc, f |= kManyThreads | ((k.rtid ^ tid) >> 5 ? kManyWarps : 0);
      }
    }
    k.rseq = now;
    k.rpc = in->id;
    k.rtid = tid;
    k.rflags = f;
  }
}

// Sub-word access, or a word whose bytes have different histories.
template <bool W>
[[gnu::noinline]] void race_bytes(Ctx& c, const Inst* in, CellMap& m, u64 off, unsigned n, u32 min_seq, bool atomic,
                                  bool shared, u64 addr) {
  for (unsigned i = 0; i < n; i++) {
    Cell& w = m.word[(off + i) >> 2];
    if (!(w.wflags & kSplit)) {
      for (int j = 0; j < 4; j++) m.byte[((off + i) & ~3ull) + j] = w;
      w.wflags |= kSplit;
    }
    race_cell<W>(c, in, m.byte[off + i], min_seq, atomic, shared, addr, n);
  }
}

template <unsigned N, bool W>
inline void race_check(Ctx& c, const Inst* in, CellMap& m, u64 off, u32 min_seq, bool atomic, bool shared, u64 addr) {
  if constexpr (N < 4)
    race_bytes<W>(c, in, m, off, N, min_seq, atomic, shared, addr);
  else {
    if (off & 3) return race_bytes<W>(c, in, m, off, N, min_seq, atomic, shared, addr);
    for (unsigned i = 0; i < N / 4; i++) {
      Cell& w = m.word[(off >> 2) + i];
      if (w.wflags & kSplit) {
        race_bytes<W>(c, in, m, off + 4 * i, 4, min_seq, atomic, shared, addr);
        if (W) {
          w = m.byte[off + 4 * i];
          w.wflags &= ~kSplit;
        }
      } else
        race_cell<W>(c, in, w, min_seq, atomic, shared, addr, N);
    }
  }
}

// ---- addresses -----------------------------------------------------------------------------------------
enum MemFlag : u32 { kStrong = 1, kRmw = 2 };  // Inst::aux of memory instructions

template <unsigned N>
inline bool shadow_has(const u8* s, u8 bits) {
  if constexpr (N == 32)
    return shadow_has<16>(s, bits) && shadow_has<16>(s + 16, bits);
  else if constexpr (N == 16)
    return shadow_has<8>(s, bits) && shadow_has<8>(s + 8, bits);
  else {
    u64 v = 0, m = 0x0101010101010101ull * bits;
    if constexpr (N < 8) m &= (1ull << (8 * N)) - 1;
    memcpy(&v, s, N);
    return (v & m) == m;
  }
}

// Shadow checks of an arena access that is not the common, clean case.
[[gnu::noinline]] bool global_slow(Ctx& c, const Inst* in, u64 a, unsigned n, bool w);

template <unsigned N, bool W>
inline void* global_access(u64 a, Ctx& c, const Inst* in) {
  if (!in_arena(a)) return global_slow(c, in, a, N, W) ? (void*)a : nullptr;
  u64 off = a - g_arena;
  u8* s = g_shadow + off;
  if (c.mem) {
    if (a & (N - 1)) bad_access(c, in, "global", a, N, W, "misaligned address");
    if (!shadow_has<N>(s, kAllocated) || (W && (*s & kReadOnly))) {
      if (!global_slow(c, in, a, N, W)) return nullptr;
    }
  }
  if (c.init) {
    if constexpr (W) {
      if (!(in->aux & kRmw) || shadow_has<N>(s, kInitialised))
        for (unsigned i = 0; i < N; i++) s[i] |= kInitialised;
      else
        bad_access(c, in, "global", a, N, false, "uninitialised read");
    } else if (!shadow_has<N>(s, kInitialised))
      bad_access(c, in, "global", a, N, false, "uninitialised read");
  }
  if (c.race) race_check<N, W>(c, in, g_cells, off, c.l->seq0, in->aux & kStrong, false, a);
  return (void*)a;
}

template <unsigned N, bool W>
inline void* shared_access(u64 off, Ctx& c, const Inst* in) {
  if (off + N > c.l->shared || off > c.l->shared) [[unlikely]] {
    bad_access(c, in, "shared", off, N, W, "out of bounds");
    return nullptr;
  }
  if (c.mem && (off & (N - 1))) bad_access(c, in, "shared", off, N, W, "misaligned address");
  if (c.race) race_check<N, W>(c, in, c.b->cells, off, c.b->start_seq, in->aux & kStrong, true, off);
  return (void*)(c.shared_base + off);
}

template <unsigned N, bool W>
inline void* local_access(u64 a, Ctx& c, const Inst* in) {
  u64 off = a - c.stack_base;
  if (off > c.l->stack_bytes - N) [[unlikely]] {
    bad_access(c, in, "local", a, N, W, "out of bounds");
    return nullptr;
  }
  if (c.mem && (a & (N - 1))) bad_access(c, in, "local", a, N, W, "misaligned address");
  return (void*)a;
}

template <unsigned N, bool W>
inline void* generic_access(u64 a, Ctx& c, const Inst* in) {
  if (in_arena(a)) [[likely]]
    return global_access<N, W>(a, c, in);
  if (a - c.shared_base < c.l->shared + (u64)kSharedSlack) return shared_access<N, W>(a - c.shared_base, c, in);
  if (a - c.stack_base < c.l->stack_bytes) return local_access<N, W>(a, c, in);
  return global_access<N, W>(a, c, in);
}

struct GlobalSp {
  template <unsigned N, bool W>
  static void* at(u64 a, Ctx& c, const Inst* in) {
    return global_access<N, W>(a, c, in);
  }
};
struct GenericSp {
  template <unsigned N, bool W>
  static void* at(u64 a, Ctx& c, const Inst* in) {
    return generic_access<N, W>(a, c, in);
  }
};
struct LocalSp {
  template <unsigned N, bool W>
  static void* at(u64 a, Ctx& c, const Inst* in) {
    return local_access<N, W>(a, c, in);
  }
};
struct SharedSp {
  template <unsigned N, bool W>
  static void* at(u64 a, Ctx& c, const Inst* in) {
    return shared_access<N, W>((u32)a, c, in);
  }
};
// .param variables of this frame and (through a register) of the kernel: plain host addresses
struct ParamSp {
  template <unsigned N, bool W>
  static void* at(u64 a, Ctx&, const Inst*) {
    return (void*)a;
  }
};

// ---- loads and stores --------------------------------------------------------------------------------------
#define NEXT return in + 1
#define H(name) const Inst* name([[maybe_unused]] const Inst* in, [[maybe_unused]] Reg* r, [[maybe_unused]] Ctx& c)

template <class Sp, class T>
H(op_ld) {
  void* p = Sp::template at<sizeof(T), false>(r[in->a].u + in->imm, c, in);
  T v{};
  if (p) [[likely]]
    memcpy(&v, p, sizeof v);
  put<T>(r[in->d], v);
  NEXT;
}
template <class Sp, class T, int V>
H(op_ldv) {
  void* p = Sp::template at<sizeof(T) * V, false>(r[in->a].u + in->imm, c, in);
  T v[V] = {};
  if (p) memcpy(v, p, sizeof v);
  const s32* l = (const s32*)in->p;
  for (int i = 0; i < V; i++) put<T>(r[l[i]], v[i]);
  NEXT;
}
template <class Sp, class T>
H(op_st) {
  u64 a = r[in->a].u + in->imm;
  T v = get<T>(r[in->b]);
  if (c.benign) [[unlikely]] {  // a store that changes nothing is no conflict
    bool race = c.race;
    c.race = false;
    void* q = Sp::template at<sizeof(T), true>(a, c, in);
    c.race = race;
    if (!q || !memcmp(q, &v, sizeof v)) NEXT;
  }
  void* p = Sp::template at<sizeof(T), true>(a, c, in);
  if (p) [[likely]]
    memcpy(p, &v, sizeof v);
  NEXT;
}
template <class Sp, class T, int V>
H(op_stv) {
  void* p = Sp::template at<sizeof(T) * V, true>(r[in->a].u + in->imm, c, in);
  T v[V];
  const s32* l = (const s32*)in->p;
  for (int i = 0; i < V; i++) v[i] = get<T>(r[l[i]]);
  if (p) memcpy(p, v, sizeof v);
  NEXT;
}
// .param of this frame at a fixed byte offset
template <class T>
H(op_ldp) {
  T v;
  memcpy(&v, (u8*)r + in->imm, sizeof v);
  put<T>(r[in->d], v);
  NEXT;
}
template <class T>
H(op_stp) {
  T v = get<T>(r[in->b]);
  memcpy((u8*)r + in->imm, &v, sizeof v);
  NEXT;
}
template <class T, int V>
H(op_ldpv) {
  const s32* l = (const s32*)in->p;
  for (int i = 0; i < V; i++) {
    T v;
    memcpy(&v, (u8*)r + in->imm + i * sizeof(T), sizeof v);
    put<T>(r[l[i]], v);
  }
  NEXT;
}
template <class T, int V>
H(op_stpv) {
  const s32* l = (const s32*)in->p;
  for (int i = 0; i < V; i++) {
    T v = get<T>(r[l[i]]);
    memcpy((u8*)r + in->imm + i * sizeof(T), &v, sizeof v);
  }
  NEXT;
}

// Strong accesses (atomic, volatile, relaxed ...): a load may acquire, a store pass on what was released.
template <bool Load, bool Store>
inline void strong_event(Ctx& c) {
  if (!c.race) return;
  if (Load) c.t->strong_seq = c.b->strong_seq = g_seq;
  if (!Store) return;
  BlockSync& s = c.l->sync[c.b->index];
  s.read_seq = g_seq;
  s.read_tid = c.t->tid;
  s.read_epoch = c.b->epoch_seq;
  if (c.t->fence_seq) {
    s.rel_seq = c.t->fence_seq;
    s.rel_tid = c.t->tid;
    s.rel_epoch = c.b->epoch_seq;
  }
}
template <Handler F, bool Load>
H(op_strong) {
  strong_event<Load, !Load>(c);
  return F(in, r, c);
}
inline H(op_fence) {
  (void)r;
  if (c.race) c.t->fence_seq = ++g_seq;
  NEXT;
}

template <class Sp>
H(op_cpasync) {  // dst shared [a]+imm, src global [b], copy bytes c of d
  u64 dst = r[in->a].u + in->imm, src = r[in->b].u;
  unsigned n = in->aux >> 8, take = in->c >= 0 ? std::min<u64>(r[in->c].u & 0xffffffff, n) : n;
  u8 buf[16] = {};
  auto copy = [&]<unsigned N>() {
    if (take) {
      void* p = global_access<N, false>(src, c, in);
      if (p) memcpy(buf, p, take);
    }
    void* q = shared_access<N, true>((u32)dst, c, in);
    if (q) memcpy(q, buf, N);
  };
  if (n == 4)
    copy.template operator()<4>();
  else if (n == 8)
    copy.template operator()<8>();
  else
    copy.template operator()<16>();
  NEXT;
}

// ---- atomics ---------------------------------------------------------------------------------------------------
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
inline T minv(T a, T b);
template <class T>
inline T maxv(T a, T b);
struct AtAdd {
  template <class T>
  static T f(T o, T b, T) {
    return addv(o, b);
  }
};
struct AtMin {
  template <class T>
  static T f(T o, T b, T) {
    return minv(o, b);
  }
};
struct AtMax {
  template <class T>
  static T f(T o, T b, T) {
    return maxv(o, b);
  }
};
struct AtExch {
  template <class T>
  static T f(T, T b, T) {
    return b;
  }
};
struct AtCas {
  template <class T>
  static T f(T o, T b, T n) {
    return o == b ? n : o;
  }
};
struct AtAnd {
  template <class T>
  static T f(T o, T b, T) {
    return o & b;
  }
};
struct AtOr {
  template <class T>
  static T f(T o, T b, T) {
    return o | b;
  }
};
struct AtXor {
  template <class T>
  static T f(T o, T b, T) {
    return o ^ b;
  }
};
struct AtInc {
  template <class T>
  static T f(T o, T b, T) {
    return o >= b ? 0 : o + 1;
  }
};
struct AtDec {
  template <class T>
  static T f(T o, T b, T) {
    return o == 0 || o > b ? b : o - 1;
  }
};
template <class Sp, class T, class O>
H(op_atom) {
  strong_event<true, true>(c);
  T b = get<T>(r[in->b]), n = get<T>(r[in->c]), old{};
  void* p = Sp::template at<sizeof(T), true>(r[in->a].u + in->imm, c, in);
  if (p) {
    memcpy(&old, p, sizeof old);
    T v = O::template f<T>(old, b, n);
    memcpy(p, &v, sizeof v);
  }
  put<T>(r[in->d], old);
  NEXT;
}

// ---- arithmetic ---------------------------------------------------------------------------------------------------
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
// --------------------------------------------------------------------------------------------------------- aux bit 0:
// takes the carry in, bit 1: writes the carry out
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
// ------------------------------------------------------------------------------------------------------------
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

// ---- moves
// -------------------------------------------------------------------------------------------------------------
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
// --------------------------------------------------------------------------------------------------------
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
// ----------------------------------------------------------------------------------------------------------- aux:
// rounding mode | ftz << 4 | sat << 5 | integer rounding << 6
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
// -------------------------------------------------------------------------------------------------------
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
// ---------------------------------------------------------------------------------------------------------------
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
