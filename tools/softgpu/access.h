// Checks of memory accesses: bounds, initialisation, and the race detector's fast path.
#pragma once
#include "state.h"

namespace softgpu {

// ---- race detector
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

// ---- addresses
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

}  // namespace softgpu
