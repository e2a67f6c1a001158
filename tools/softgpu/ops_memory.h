// Handlers of loads, stores and atomics.
#pragma once
#include "access.h"
#include "numbers.h"

namespace softgpu {

// ---- loads and stores

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

// ---- atomics
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

}  // namespace softgpu
