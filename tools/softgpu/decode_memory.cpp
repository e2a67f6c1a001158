// Moves, loads, stores, atomics, address conversions.
#include "decode.h"

namespace softgpu {

void Decoder::d_mov(const Instr& in) {
  const string& t = in.op.back();
  const Operand &d = in.args.at(0), &a = in.args.at(1);
  u32 size = ptx::type_size(t);
  auto width = [&](size_t n) { return size / (u32)n; };
  if (d.kind == Operand::Vec && a.kind == Operand::Vec) unknown();
  if (a.kind == Operand::Vec) {
    auto l = slots(a.sub);
    int dd = slot(d);
    Handler h = l.size() == 2   ? (width(2) == 4   ? op_pack<u32, 2>
                                   : width(2) == 2 ? op_pack<u16, 2>
                                   : width(2) == 1 ? op_pack<u8, 2>
                                                   : nullptr)
                : l.size() == 4 ? (width(4) == 2   ? op_pack<u16, 4>
                                   : width(4) == 1 ? op_pack<u8, 4>
                                                   : nullptr)
                                : nullptr;
    emit(h, dd).p = list(l);
    return;
  }
  if (d.kind == Operand::Vec) {
    auto l = slots(d.sub);
    int aa = slot(a);
    Handler h = l.size() == 2   ? (width(2) == 4   ? op_unpack<u32, 2>
                                   : width(2) == 2 ? op_unpack<u16, 2>
                                   : width(2) == 1 ? op_unpack<u8, 2>
                                                   : nullptr)
                : l.size() == 4 ? (width(4) == 2   ? op_unpack<u16, 4>
                                   : width(4) == 1 ? op_unpack<u8, 4>
                                                   : nullptr)
                                : nullptr;
    emit(h, 0, aa).p = list(l);
    return;
  }
  if (a.name == "%clock" || a.name == "%clock_hi") {
    emit(op_time<u32>, slot(d));
    return;
  }
  if (a.name == "%clock64" || a.name == "%globaltimer") {
    emit(op_time<u64>, slot(d));
    return;
  }
  if (a.name == "%globaltimer_lo") {
    emit(op_time<u32>, slot(d));
    return;
  }
  if (size > 8) unknown();
  emit(op_mov, slot(d), slot(a, t));
}

enum MemSpace { MGeneric, MGlobal, MShared, MLocal, MParam };
static MemSpace mem_space(const Instr& in) {
  for (size_t i = 1; i < in.op.size(); i++) {
    const string& s = in.op[i];
    if (s == "global" || s == "const") return MGlobal;
    if (s == "shared" || s == "shared::cta") return MShared;
    if (s == "local") return MLocal;
    if (s == "param" || s == "param::entry" || s == "param::func") return MParam;
  }
  return MGeneric;
}
template <class F>
static Handler with_space(MemSpace s, F f) {
  switch (s) {
    case MGlobal:
      return f(Tag<GlobalSp>{});
    case MShared:
      return f(Tag<SharedSp>{});
    case MLocal:
      return f(Tag<LocalSp>{});
    case MParam:
      return f(Tag<ParamSp>{});
    default:
      return f(Tag<GenericSp>{});
  }
}
static bool strong(const Instr& in) {
  return in.has("volatile") || in.has("relaxed") || in.has("acquire") || in.has("release") || in.has("acq_rel") ||
         in.has("mmio");
}
static int vector_of(const Instr& in) { return in.has("v2") ? 2 : in.has("v4") ? 4 : in.has("v8") ? 8 : 1; }
void Decoder::d_ld(const Instr& in) { memory(in, true); }
void Decoder::d_st(const Instr& in) { memory(in, false); }
void Decoder::memory(const Instr& in, bool load) {
  const string& t = in.op.back();
  const int v = vector_of(in);
  const Operand &mem = in.args.at(load ? 1 : 0), &val = in.args.at(load ? 0 : 1);
  if (mem.kind != Operand::Mem || in.has("v8") || ptx::type_size(t) > 8) unknown();
  MemSpace sp = mem_space(in);
  std::vector<s32> l = v > 1 ? slots(val.sub, t) : std::vector<s32>{slot(val, t)};
  if ((int)l.size() != v) unknown();
  if (sp == MParam && frame_offset(mem) >= 0) {
    Handler h = by_mem(t, [&]<class T>(Tag<T>) -> Handler {
      if (v == 1) return load ? op_ldp<T> : op_stp<T>;
      if (v == 2) return load ? op_ldpv<T, 2> : op_stpv<T, 2>;
      return load ? op_ldpv<T, 4> : op_stpv<T, 4>;
    });
    Inst& i = emit(h, l[0], 0, l[0]);
    i.imm = frame_offset(mem);
    if (v > 1) i.p = list(l);
    return;
  }
  const bool str = strong(in);
  if (in.has("release")) emit(op_fence);
  Handler h = with_space(sp, [&]<class S>(Tag<S>) -> Handler {
    return by_mem(t, [&]<class T>(Tag<T>) -> Handler {
      if (v == 1)
        return str    ? (load ? op_strong<op_ld<S, T>, true> : op_strong<op_st<S, T>, false>)
               : load ? op_ld<S, T>
                      : op_st<S, T>;
      if (v == 2)
        return str    ? (load ? op_strong<op_ldv<S, T, 2>, true> : op_strong<op_stv<S, T, 2>, false>)
               : load ? op_ldv<S, T, 2>
                      : op_stv<S, T, 2>;
      return load ? op_ldv<S, T, 4> : op_stv<S, T, 4>;
    });
  });
  s64 imm;
  int base = base_slot(mem, &imm);
  Inst& i = emit(h, l[0], base, l[0]);
  i.imm = imm;
  i.aux = str ? (u32)kStrong : 0;
  if (v > 1) i.p = list(l);
}

void Decoder::d_atom(const Instr& in) {
  const bool ret = in.op[0] == "atom";
  const string& t = in.op.back();
  if (vector_of(in) > 1) unknown();
  string what;
  for (size_t i = 1; i < in.op.size(); i++)
    for (const char* n : {"add", "min", "max", "exch", "cas", "and", "or", "xor", "inc", "dec"})
      if (in.op[i] == n) what = n;
  Handler h = with_space(mem_space(in), [&]<class S>(Tag<S>) -> Handler {
    if (what == "add") {
      if (Handler x = by_half(t, [&]<class T>(Tag<T>) -> Handler { return op_atom<S, T, AtAdd>; })) return x;
      if (Handler x = by_fp(t, [&]<class T>(Tag<T>) -> Handler { return op_atom<S, T, AtAdd>; })) return x;
    }
    if (what == "min")
      if (Handler x = by_half(t, [&]<class T>(Tag<T>) -> Handler { return op_atom<S, T, AtMin>; })) return x;
    if (what == "max")
      if (Handler x = by_half(t, [&]<class T>(Tag<T>) -> Handler { return op_atom<S, T, AtMax>; })) return x;
    return by_int(t == "f32"   ? "b32"
                  : t == "f64" ? "b64"
                               : t,
                  [&]<class T>(Tag<T>) -> Handler {
                    if ((t[0] == 'f') && what != "exch" && what != "cas") return nullptr;
                    if (what == "add") return op_atom<S, T, AtAdd>;
                    if (what == "min") return op_atom<S, T, AtMin>;
                    if (what == "max") return op_atom<S, T, AtMax>;
                    if (what == "exch") return op_atom<S, T, AtExch>;
                    if (what == "cas") return op_atom<S, T, AtCas>;
                    if (what == "and") return op_atom<S, T, AtAnd>;
                    if (what == "or") return op_atom<S, T, AtOr>;
                    if (what == "xor") return op_atom<S, T, AtXor>;
                    if (what == "inc") return op_atom<S, T, AtInc>;
                    if (what == "dec") return op_atom<S, T, AtDec>;
                    return nullptr;
                  });
  });
  if (in.has("release") || in.has("acq_rel")) emit(op_fence);
  const size_t k = ret ? 1 : 0;
  s64 imm;
  int base = base_slot(in.args.at(k), &imm);
  int b = slot(in.args.at(k + 1), t), c = in.args.size() > k + 2 ? slot(in.args[k + 2], t) : b;
  Inst& i = emit(h, ret ? slot(in.args[0]) : scratch(), base, b, c);
  i.imm = imm;
  i.aux = kStrong | kRmw;
}

void Decoder::d_cp(const Instr& in) {
  if (!in.has("async") || in.has("bulk") || in.has("mbarrier")) unknown();
  if (!in.has("shared") && !in.has("shared::cta")) {
    emit(op_nop);
    return;
  }  // commit_group, wait_group
  s64 imm, imm2;
  int dst = base_slot(in.args.at(0), &imm), src = base_slot(in.args.at(1), &imm2);
  if (in.args.at(2).kind != Operand::Int) unknown();
  if (imm2) {
    int s = scratch();
    emit(op_bin<u64, addv<u64>>, s, src, constant((u64)imm2));
    src = s;
  }
  int size = in.args.size() > 3 ? slot(in.args[3]) : -1;
  Inst& i = emit(op_cpasync<GlobalSp>, 0, dst, src, size);
  i.imm = imm;
  i.aux = (u32)in.args[2].bits << 8;
}

void Decoder::d_cvta(const Instr& in) {
  const MemSpace sp = mem_space(in);
  const int a = slot(in.args.at(1)), d = slot(in.args.at(0));
  if (in.op[0] == "isspacep") {
    emit(op_isspacep, d, a).aux = sp == MShared ? 1u : sp == MLocal ? 2u : in.has("global") ? 0u : 3u;
    return;
  }
  if (sp == MShared)
    emit(in.has("to") ? op_cvta_to_shared : op_cvta_shared, d, a);
  else
    emit(op_mov, d, a);
}

}  // namespace softgpu
