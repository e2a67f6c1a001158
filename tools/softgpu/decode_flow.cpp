// Comparisons, conversions, control and warp instructions.
#include "decode.h"

namespace softgpu {

// ---- comparisons
static Handler compare_handler(const string& cmp, const string& t, bool ftz) {
  return by_cmp(cmp, [&]<Cmp C>() -> Handler {
    auto pick = [&]<class T>(Tag<T>) -> Handler { return op_setp<C, T>; };
    if (ftz && t == "f32") return op_setpf<C, float>;
    if (t == "f16") return op_setp<C, f16>;
    if (t == "bf16") return op_setp<C, bf16>;
    if (Handler h = by_fp(t, pick)) return h;
    return by_int(t, pick);
  });
}
static u32 bool_op(const Instr& in) { return in.has("and") ? 1 : in.has("or") ? 2 : in.has("xor") ? 3 : 0; }
void Decoder::d_setp(const Instr& in) {
  const string &t = in.op.back(), &cmp = in.op.at(1);
  const Operand& dst = in.args.at(0);
  const bool pair = dst.kind == Operand::Pair;
  const int a = slot(in.args.at(1), t), b = slot(in.args.at(2), t);
  const int d = slot(pair ? dst.sub[0] : dst);
  const u32 bo = bool_op(in);
  if (t == "f16x2" || t == "bf16x2") {
    if (bo || !pair) unknown();
    emit(by_cmp(cmp,
                [&]<Cmp C>() -> Handler { return t == "f16x2" ? op_setp_pair<C, f16x2> : op_setp_pair<C, bf16x2>; }),
         d, a, b, slot(dst.sub[1]));
    return;
  }
  Handler h = compare_handler(cmp, t, in.has("ftz"));
  if (!bo && !pair) {
    emit(h, d, a, b);
    return;
  }
  // the combining predicate may be the destination: keep the comparison apart
  const int c = bo ? slot(in.args.at(3)) : constant(0), tmp = scratch(), q = pair ? slot(dst.sub[1]) : scratch();
  const int q2 = scratch();
  emit(h, tmp, a, b);
  emit(op_setp_bool, tmp, 0, q2, c).aux = bo;
  emit(op_mov, d, tmp);
  emit(op_mov, q, q2);
}
void Decoder::d_set(const Instr& in) {
  const string &t = in.op.back(), &dt = in.op[in.op.size() - 2], &cmp = in.op.at(1);
  const int a = slot(in.args.at(1), t), b = slot(in.args.at(2), t), d = slot(in.args[0]);
  const u32 bo = bool_op(in);
  if (t == "f16x2" || t == "bf16x2") {
    if (bo) unknown();
    emit(by_cmp(cmp, [&]<Cmp C>() -> Handler { return t == "f16x2" ? op_set_pair<C, f16x2> : op_set_pair<C, bf16x2>; }),
         d, a, b)
        .aux = dt[0] == 'u' || dt[0] == 's';
    return;
  }
  const int tmp = scratch();
  emit(compare_handler(cmp, t, in.has("ftz")), tmp, a, b);
  if (bo) emit(op_setp_bool, tmp, 0, scratch(), slot(in.args.at(3))).aux = bo;
  Handler h = dt == "u32" || dt == "s32" || dt == "b32" ? op_set_int
              : dt == "u16" || dt == "s16"              ? op_set_int
              : dt == "f32"                             ? op_set_float<float>
              : dt == "f16"                             ? op_set_float<f16>
              : dt == "bf16"                            ? op_set_float<bf16>
                                                        : nullptr;
  emit(h, tmp);
  emit(op_mov, d, tmp);
}

// ---- conversions and functions
void Decoder::d_cvt(const Instr& in) {
  const string &s = in.op.back(), &d = in.op.at(in.op.size() - 2);
  bool integer = false;
  const u32 mode = rounding(in, &integer);
  const u32 aux =
      mode | (in.has("ftz") ? 16 : 0) | (in.has("sat") ? 32 : 0) | (integer ? 64 : 0) | (in.has("relu") ? 128 : 0);
  for (const string& o : in.op)
    if (o == "satfinite" || o == "pack" || o == "rna" || o == "scaled" || o == "rs") unknown();
  if (d == "f16x2" || d == "bf16x2") {
    if (s != "f32") unknown();
    int a = slot(in.args.at(1), s), b = slot(in.args.at(2), s);
    emit(d == "f16x2" ? op_cvt_pair<f16x2> : op_cvt_pair<bf16x2>, slot(in.args[0]), a, b).aux = aux;
    return;
  }
  Handler h = by_cvt(d, [&]<class D>(Tag<D>) -> Handler {
    return by_cvt(s, [&]<class S>(Tag<S>) -> Handler {
      constexpr bool plain = (!is_float<D> && !is_float<S>) || (!is_half<D> && !is_half<S> && is_float<D>);
      if constexpr (plain)
        if (!(aux & ~64u) && !(integer && is_float<S> && is_float<D>)) return op_cvt_plain<D, S>;
      return op_cvt<D, S>;
    });
  });
  int a = slot(in.args.at(1), s);
  emit(h, slot(in.args[0]), a).aux = aux;
}
void Decoder::d_math(const Instr& in) {
  const string &o = in.op[0], &t = in.op.back();
  const bool approx = in.has("approx");
  const u32 fl = float_flags(in);
  if (o == "rcp" && t == "f64" && approx) return three(op_un<double, rcp64>, in);
  if (o == "rcp") return three(by_fp(t, []<class T>(Tag<T>) -> Handler { return op_fgen<T, FRcp>; }), in, fl);
  if (o == "sqrt") return three(by_fp(t, []<class T>(Tag<T>) -> Handler { return op_fgen<T, FSqrt>; }), in, fl);
  if (o == "rsqrt")
    return three(t == "f64"   ? op_un<double, rsqrt64>
                 : t == "f32" ? op_fpost<float, op_un<float, approx_rsqrt>>
                              : nullptr,
                 in, fl);
  if (o == "tanh" || o == "ex2") {
    const bool th = o == "tanh";
    if (t == "f32")
      return three(th ? op_fpost<float, op_un<float, half_tanh<float>>> : op_fpost<float, op_un<float, approx_ex2>>, in,
                   fl);
    return three(
        by_half(t, [&]<class T>(Tag<T>) -> Handler { return th ? op_un<T, half_tanh<T>> : op_un<T, half_ex2<T>>; }),
        in);
  }
  if (t != "f32") unknown();
  three(o == "sin"   ? op_fpost<float, op_un<float, approx_sin>>
        : o == "cos" ? op_fpost<float, op_un<float, approx_cos>>
                     : op_fpost<float, op_un<float, approx_lg2>>,
        in, fl);
}

// ---- control
void Decoder::d_flow(const Instr& in) {
  if (in.op[0] == "ret") {
    emit(op_ret);
    return;
  }
  if (in.op[0] == "exit") {
    emit(op_exit);
    return;
  }
  if (in.op[0] == "trap") {
    emit(op_trap);
    return;
  }
  auto it = f.branch_targets.find(in.args.at(1).name);
  if (it == f.branch_targets.end()) unknown();
  out.tables.emplace_back();
  int a = slot(in.args[0]);
  emit(op_brx, 0, a).p = &out.tables.back();
  table_fixes.push_back({&out.tables.back(), it->second, in.scope});
}

void Decoder::d_call(const Instr& in) {
  auto data = std::make_shared<CallData>();
  size_t k = 0;
  if (in.args.at(0).kind == Operand::List) {
    if (in.args[0].sub.size() > 1) unknown();
    if (!in.args[0].sub.empty()) {
      s64 o = frame_offset(in.args[0].sub[0]);
      if (o < 0) unknown();
      data->ret = (u32)o;
    }
    k = 1;
  }
  const Operand& callee = in.args.at(k);
  if (in.args.size() > k + 1) {
    if (in.args[k + 1].kind != Operand::List) unknown();
    for (auto& a : in.args[k + 1].sub) {
      s64 o = frame_offset(a);
      if (o < 0) unknown();
      data->args.push_back((u32)o);
    }
  }
  int s, a = 0;
  const ptx::Var* v = find_var(callee.name, &s);
  if (v && v->space == ptx::Space::Reg) {
    a = slot(callee);
    out.indirect = true;
  } else if (Func* g = function(callee.name)) {
    data->target = g;
    out.callees.push_back(g);
  } else
    data->builtin = callee.name;
  static const char* builtins[] = {"vprintf", "__assertfail", "malloc", "free"};
  if (!data->builtin.empty() &&
      std::none_of(std::begin(builtins), std::end(builtins), [&](const char* b) { return data->builtin == b; }))
    unknown();
  emit(op_call, 0, a).p = data.get();
  out.extras.push_back(data);
}

void Decoder::d_barrier(const Instr& in) {
  if (in.has("cluster")) unknown();
  if (in.has("warp")) {
    warp_op(WSync, scratch(), constant(0), constant(0), slot(in.args.at(0)));
    return;
  }
  if (in.has("arrive")) {
    emit(op_arrive, 0, slot(in.args.at(0)));
    return;
  }
  if (in.has("red")) {
    u32 kind = in.has("popc") ? 1 : in.has("and") ? 2 : 3;
    size_t n = in.args.size();
    int id = slot(in.args.at(1)), cnt = n > 3 ? slot(in.args[2]) : -1, p = slot(in.args[n - 1]);
    emit(op_barrier, slot(in.args[0]), id, cnt, p).aux = kind;
    return;
  }
  if (!in.has("sync")) unknown();
  int id = in.args.empty() ? constant(0) : slot(in.args[0]);
  int cnt = in.args.size() > 1 ? slot(in.args[1]) : -1;
  emit(op_barrier, 0, id, cnt);
}

void Decoder::warp_op(WarpOp o, int d, int a, int b, int mask, std::vector<s32> extra) {
  Inst& i = emit(op_warp, d, a, b, mask);
  i.aux = o;
  if (!extra.empty()) i.p = list(std::move(extra));
}
void Decoder::d_warp(const Instr& in) {
  const string &o = in.op[0], &t = in.op.back();
  if (o == "activemask") return warp_op(WActive, slot(in.args.at(0)), 0, 0, -1);
  const Operand& dst = in.args.at(0);
  const int d = slot(dst.kind == Operand::Pair ? dst.sub[0] : dst),
            p = dst.kind == Operand::Pair ? slot(dst.sub[1]) : scratch();
  const int a = slot(in.args.at(1)), mask = slot(in.args.back());
  if (!in.has("sync")) unknown();
  if (o == "shfl") {
    WarpOp w = in.has("up") ? WShflUp : in.has("down") ? WShflDown : in.has("bfly") ? WShflBfly : WShflIdx;
    int b = slot(in.args.at(2)), c = slot(in.args.at(3));
    return warp_op(w, d, a, b, mask, {p, c});
  }
  if (o == "vote")
    return warp_op(in.has("ballot") ? WBallot : in.has("all") ? WAll : in.has("any") ? WAny : WUni, d, a, 0, mask);
  const bool w64 = ptx::type_size(t) == 8;
  if (o == "match")
    return warp_op(in.has("any") ? (w64 ? WMatchAny64 : WMatchAny32)
                   : w64         ? WMatchAll64
                                 : WMatchAll32,
                   d, a, 0, mask, {p});
  if (t[0] == 'f') unknown();
  const bool s = t == "s32";
  warp_op(in.has("add")   ? WAddU
          : in.has("min") ? (s ? WMinS : WMinU)
          : in.has("max") ? (s ? WMaxS : WMaxU)
          : in.has("and") ? WAnd
          : in.has("or")  ? WOr
                          : WXor,
          d, a, 0, mask);
}

}  // namespace softgpu
