// Arithmetic, logic and bits.
#include "decode.h"

namespace softgpu {

template <FOp O, class Fast>
static Handler float_op(const Instr& in, u32 flags, Fast fast) {
  const string& t = in.op.back();
  if (!(flags & ~64u)) return by_fp(t, fast);
  return by_fp(t, [&]<class T>(Tag<T>) -> Handler { return op_fgen<T, O>; });
}

void Decoder::d_add(const Instr& in) {
  const string& t = in.op.back();
  const bool sub = in.op[0] == "sub";
  const u32 fl = float_flags(in);
  if (in.has("cc")) return d_addc(in);
  if (t == "s32" && in.has("sat")) return three(sub ? op_addsat<true> : op_addsat<false>, in);
  Handler h = by_int(t, [&]<class T>(Tag<T>) -> Handler { return sub ? op_bin<T, subv<T>> : op_bin<T, addv<T>>; });
  if (!h)
    h = sub ? float_op<FSub>(in, fl, []<class T>(Tag<T>) -> Handler { return op_bin<T, subv<T>>; })
            : float_op<FAdd>(in, fl, []<class T>(Tag<T>) -> Handler { return op_bin<T, addv<T>>; });
  if (!h)
    h = by_half(t, [&]<class T>(Tag<T>) -> Handler {
      return fl & ~3u ? (sub ? op_fpost<T, op_bin<T, subv<T>>> : op_fpost<T, op_bin<T, addv<T>>>)
             : sub    ? op_bin<T, subv<T>>
                      : op_bin<T, addv<T>>;
    });
  three(h, in, fl);
}
void Decoder::d_addc(const Instr& in) {
  const bool sub = in.op[0].substr(0, 3) == "sub", carry_in = in.op[0].back() == 'c';
  Handler h = by_int(in.op.back(), [&]<class T>(Tag<T>) -> Handler {
    using U = std::make_unsigned_t<T>;
    return sub ? op_subc<U> : op_addc<U>;
  });
  three(h, in, (carry_in ? 1 : 0) | (in.has("cc") ? 2 : 0));
}
template <class T>
static Handler wide(bool mad) {
  if constexpr (sizeof(T) == 8)
    return nullptr;
  else
    return mad ? op_madw<T> : op_mulw<T>;
}
void Decoder::d_mul(const Instr& in) {
  const string& t = in.op.back();
  const u32 fl = float_flags(in);
  Handler h = by_int(t, [&]<class T>(Tag<T>) -> Handler {
    if (in.has("wide")) return wide<T>(false);
    if (in.has("hi")) return op_bin<T, mulhi<T>>;
    return op_bin<T, mulv<T>>;
  });
  if (!h) h = float_op<FMul>(in, fl, []<class T>(Tag<T>) -> Handler { return op_bin<T, mulv<T>>; });
  if (!h)
    h = by_half(
        t, [&]<class T>(Tag<T>) -> Handler { return fl & ~3u ? op_fpost<T, op_bin<T, mulv<T>>> : op_bin<T, mulv<T>>; });
  three(h, in, fl);
}
void Decoder::d_mad(const Instr& in) {
  const string& t = in.op.back();
  if (t[0] == 'f') return d_fma(in);
  if (in.has("sat")) unknown();
  const bool carry = in.has("cc") || in.op[0] == "madc";
  Handler h = by_int(t, [&]<class T>(Tag<T>) -> Handler {
    if (carry) {
      if (in.has("wide")) return nullptr;
      return in.has("hi") ? op_madc<T, true> : op_madc<T, false>;
    }
    if (in.has("wide")) return wide<T>(true);
    return in.has("hi") ? op_madhi<T> : op_mad<T>;
  });
  three(h, in, (in.op[0] == "madc" ? 1 : 0) | (in.has("cc") ? 2 : 0));
}
void Decoder::d_fma(const Instr& in) {
  const string& t = in.op.back();
  const u32 fl = float_flags(in);
  Handler h = float_op<FFma>(in, fl, []<class T>(Tag<T>) -> Handler { return op_tri<T, fmav<T>>; });
  if (!h)
    h = by_half(
        t, [&]<class T>(Tag<T>) -> Handler { return fl & ~3u ? op_fpost<T, op_tri<T, fmav<T>>> : op_tri<T, fmav<T>>; });
  three(h, in, fl);
}
void Decoder::d_div(const Instr& in) {
  const string& t = in.op.back();
  const bool rem = in.op[0] == "rem";
  Handler h = by_int(t, [&]<class T>(Tag<T>) -> Handler { return rem ? op_bin<T, remv<T>> : op_bin<T, divv<T>>; });
  if (!h && !rem)
    h = float_op<FDiv>(in, float_flags(in), []<class T>(Tag<T>) -> Handler { return op_bin<T, divv<T>>; });
  three(h, in, float_flags(in));
}
void Decoder::d_minmax(const Instr& in) {
  const string& t = in.op.back();
  const bool mn = in.op[0] == "min", nan = in.has("NaN");
  const u32 fl = float_flags(in);
  if (in.has("xorsign") || in.args.size() > 3) unknown();
  auto pick = [&]<class T>(Tag<T>) -> Handler {
    if (nan) return mn ? op_bin<T, nanmin<T>> : op_bin<T, nanmax<T>>;
    return mn ? op_bin<T, minv<T>> : op_bin<T, maxv<T>>;
  };
  auto post = [&]<class T>(Tag<T>) -> Handler {
    return nan  ? (mn ? op_fpost<T, op_bin<T, nanmin<T>>> : op_fpost<T, op_bin<T, nanmax<T>>>)
           : mn ? op_fpost<T, op_bin<T, minv<T>>>
                : op_fpost<T, op_bin<T, maxv<T>>>;
  };
  Handler h = by_int(t, [&]<class T>(Tag<T>) -> Handler { return mn ? op_bin<T, minv<T>> : op_bin<T, maxv<T>>; });
  if (!h && fl) h = by_fp(t, post);
  if (!h && fl) h = by_half(t, post);
  if (!h) h = by_fp(t, pick);
  if (!h) h = by_half(t, pick);
  three(h, in, fl);
}
void Decoder::d_un(const Instr& in) {
  const string& t = in.op.back();
  const bool neg = in.op[0] == "neg", ftz = in.has("ftz");
  auto pick = [&]<class T>(Tag<T>) -> Handler { return neg ? op_un<T, negv<T>> : op_un<T, absv<T>>; };
  auto post = [&]<class T>(Tag<T>) -> Handler {
    return neg ? op_fpost<T, op_un<T, negv<T>>> : op_fpost<T, op_un<T, absv<T>>>;
  };
  Handler h = t[0] == 's' ? by_int(t, pick) : nullptr;
  if (!h) h = ftz ? by_fp(t, post) : by_fp(t, pick);
  if (!h) h = ftz ? by_half(t, post) : by_half(t, pick);
  three(h, in, float_flags(in));
}
template <class T>
static T f_and(T a, T b) {
  return a & b;
}
template <class T>
static T f_or(T a, T b) {
  return a | b;
}
template <class T>
static T f_xor(T a, T b) {
  return a ^ b;
}
template <class T>
static T f_not(T a) {
  return (T)~a;
}
template <class T>
static T f_cnot(T a) {
  return a == 0;
}
void Decoder::d_logic(const Instr& in) {
  const string& t = in.op.back();
  const string& o = in.op[0];
  if (t == "pred" && o == "not") {
    int a = slot(in.args.at(1));
    emit(op_notp, slot(in.args[0]), a);
    return;
  }
  three(by_int(t == "pred" ? "b32" : t,
               [&]<class T>(Tag<T>) -> Handler {
                 if (o == "and") return op_bin<T, f_and<T>>;
                 if (o == "or") return op_bin<T, f_or<T>>;
                 if (o == "xor") return op_bin<T, f_xor<T>>;
                 return o == "not" ? op_un<T, f_not<T>> : op_un<T, f_cnot<T>>;
               }),
        in);
}
void Decoder::d_shift(const Instr& in) {
  const bool left = in.op[0] == "shl";
  three(by_int(in.op.back(), [&]<class T>(Tag<T>) -> Handler { return left ? op_shl<T> : op_shr<T>; }), in);
}
void Decoder::d_shf(const Instr& in) {
  const bool l = in.has("l"), clamp = in.has("clamp");
  three(l       ? (clamp ? op_shf<true, true> : op_shf<true, false>)
        : clamp ? op_shf<false, true>
                : op_shf<false, false>,
        in);
}
void Decoder::d_lop3(const Instr& in) {
  if (in.op.size() != 2 || in.args.at(4).kind != Operand::Int) unknown();
  int a = slot(in.args[1]), b = slot(in.args[2]), c = slot(in.args[3]);
  emit(op_lop3, slot(in.args[0]), a, b, c).aux = (u32)in.args[4].bits;
}
void Decoder::d_prmt(const Instr& in) {
  static const char* modes[] = {"", "f4e", "b4e", "rc8", "ecl", "ecr", "rc16"};
  u32 mode = 0;
  for (u32 i = 1; i < 7; i++)
    if (in.has(modes[i])) mode = i;
  three(op_prmt, in, mode);
}
void Decoder::d_bits(const Instr& in) {
  const string &o = in.op[0], &t = in.op.back();
  if (o == "bfi") {
    int a = slot(in.args.at(1)), b = slot(in.args.at(2)), c = slot(in.args.at(3)), len = slot(in.args.at(4));
    emit(t == "b64" ? op_bfi<u64> : op_bfi<u32>, slot(in.args[0]), a, b, c).p = list({len});
    return;
  }
  if (o == "bmsk") return three(op_bmsk, in, in.has("clamp"));
  if (o == "szext") return three(op_szext, in, (in.has("clamp") ? 1 : 0) | (t == "s32" ? 2 : 0));
  const bool w = ptx::type_size(t) == 8;
  if (o == "brev") return three(w ? op_un<u64, brev<u64>> : op_un<u32, brev<u32>>, in);
  if (o == "popc") return three(w ? op_popc<u64> : op_popc<u32>, in);
  if (o == "clz") return three(w ? op_clz<u64> : op_clz<u32>, in);
  three(by_int(t,
               [&]<class T>(Tag<T>) -> Handler {
                 if constexpr (sizeof(T) < 4)
                   return nullptr;
                 else
                   return o == "bfe" ? op_bfe<T> : o == "bfind" ? op_bfind<T> : nullptr;
               }),
        in, in.has("shiftamt"));
}
void Decoder::d_misc(const Instr& in) {
  const string &o = in.op[0], &t = in.op.back();
  if (o == "sad") return three(by_int(t, []<class T>(Tag<T>) -> Handler { return op_sad<T>; }), in);
  if (o == "mul24" || o == "mad24") {
    const bool mad = o == "mad24", s = t == "s32";
    if (in.has("sat")) unknown();
    return three(mad ? (s ? op_mul24<true, s32> : op_mul24<true, u32>)
                 : s ? op_mul24<false, s32>
                     : op_mul24<false, u32>,
                 in, in.has("hi"));
  }
  if (o == "dp4a" || o == "dp2a") {
    const bool sa = in.op[in.op.size() - 2] == "s32", sb = t == "s32", four = o == "dp4a";
    Handler h = four ? (sa   ? (sb ? op_dp4a<true, true> : op_dp4a<true, false>)
                        : sb ? op_dp4a<false, true>
                             : op_dp4a<false, false>)
                     : (sa   ? (sb ? op_dp2a<true, true> : op_dp2a<true, false>)
                        : sb ? op_dp2a<false, true>
                             : op_dp2a<false, false>);
    return three(h, in, in.has("hi"));
  }
  if (o == "copysign") return three(by_fp(t, []<class T>(Tag<T>) -> Handler { return op_copysign<T>; }), in);
  static const char* kinds[] = {"finite", "infinite", "number", "notanumber", "normal", "subnormal"};
  u32 k = 99;
  for (u32 i = 0; i < 6; i++)
    if (in.has(kinds[i])) k = i;
  if (k == 99) unknown();
  three(by_fp(t, []<class T>(Tag<T>) -> Handler { return op_testp<T>; }), in, k);
}

void Decoder::d_select(const Instr& in) {
  const string& t = in.op[in.op[0] == "slct" ? in.op.size() - 2 : in.op.size() - 1];
  int a = slot(in.args.at(1), t), b = slot(in.args.at(2), t), c = slot(in.args.at(3), in.op.back());
  emit(in.op[0] == "selp" ? op_selp : in.op.back() == "f32" ? op_slct_f : op_slct_s, slot(in.args[0]), a, b, c);
}

}  // namespace softgpu
