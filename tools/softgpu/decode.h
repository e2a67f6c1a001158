// PTX syntax tree -> Inst arrays (included by interp.cpp only).
#pragma once
#include <map>
#include "ops.h"

namespace softgpu {

using ptx::Instr;
using ptx::Operand;
using std::string;

struct CallData {
  const Func* target = nullptr;  // null: through the pointer in Inst::a
  std::vector<uint32_t> args;    // frame offsets of the .param variables passed
  uint32_t ret = 0;              // frame offset of the result; 0: none
  string builtin;
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

// ---- choosing a template instance by type name -------------------------------------------------
template <class F>
Handler by_int(const string& t, F f) {
  if (t == "u32" || t == "b32") return f(Tag<u32>{});
  if (t == "s32") return f(Tag<s32>{});
  if (t == "u64" || t == "b64") return f(Tag<u64>{});
  if (t == "s64") return f(Tag<s64>{});
  if (t == "u16" || t == "b16") return f(Tag<u16>{});
  if (t == "s16") return f(Tag<s16>{});
  return nullptr;
}
template <class F>
Handler by_mem(const string& t, F f) {
  if (t == "b8" || t == "u8") return f(Tag<u8>{});
  if (t == "s8") return f(Tag<s8>{});
  if (t == "f32" || t == "f16x2" || t == "bf16x2") return f(Tag<u32>{});
  if (t == "f64") return f(Tag<u64>{});
  if (t == "f16" || t == "bf16") return f(Tag<u16>{});
  return by_int(t, f);
}
template <class F>
Handler by_half(const string& t, F f) {
  if (t == "f16") return f(Tag<f16>{});
  if (t == "bf16") return f(Tag<bf16>{});
  if (t == "f16x2") return f(Tag<f16x2>{});
  if (t == "bf16x2") return f(Tag<bf16x2>{});
  return nullptr;
}
template <class F>
Handler by_fp(const string& t, F f) {
  if (t == "f32") return f(Tag<float>{});
  if (t == "f64") return f(Tag<double>{});
  return nullptr;
}
template <class F>
Handler by_cvt(const string& t, F f) {
  if (t == "u8") return f(Tag<u8>{});
  if (t == "s8") return f(Tag<s8>{});
  if (t == "f16") return f(Tag<f16>{});
  if (t == "bf16") return f(Tag<bf16>{});
  if (Handler h = by_fp(t, f)) return h;
  return t[0] == 'b' ? nullptr : by_int(t, f);
}
template <class F>
Handler by_cmp(const string& s, bool uns, F f) {
  static const std::map<string, Cmp> names = {{"eq", Eq},   {"ne", Ne},   {"lt", Lt},   {"le", Le},   {"gt", Gt},
                                              {"ge", Ge},   {"lo", Lt},   {"ls", Le},   {"hi", Gt},   {"hs", Ge},
                                              {"equ", Equ}, {"neu", Neu}, {"ltu", Ltu}, {"leu", Leu}, {"gtu", Gtu},
                                              {"geu", Geu}, {"num", Num}, {"nan", Nan}};
  (void)uns;
  auto it = names.find(s);
  if (it == names.end()) return nullptr;
  switch (it->second) {
    case Eq:
      return f.template operator()<Eq>();
    case Ne:
      return f.template operator()<Ne>();
    case Lt:
      return f.template operator()<Lt>();
    case Le:
      return f.template operator()<Le>();
    case Gt:
      return f.template operator()<Gt>();
    case Ge:
      return f.template operator()<Ge>();
    case Equ:
      return f.template operator()<Equ>();
    case Neu:
      return f.template operator()<Neu>();
    case Ltu:
      return f.template operator()<Ltu>();
    case Leu:
      return f.template operator()<Leu>();
    case Gtu:
      return f.template operator()<Gtu>();
    case Geu:
      return f.template operator()<Geu>();
    case Num:
      return f.template operator()<Num>();
    case Nan:
      return f.template operator()<Nan>();
  }
  return nullptr;
}

class Decoder {
 public:
  Decoder(Module& mod, const ptx::Function& fn, Func& func) : m(mod), f(fn), out(func) {}

  void run() {
    layout();
    for (const Instr& in : f.code) {
      starts.push_back((int)out.code.size());
      cur = &in;
      one(in);
    }
    starts.push_back((int)out.code.size());
    emit(op_ret);  // falling off the end returns
    resolve_labels();
    out.frame_bytes = ((u32)next_slot * 8 + 15) & ~15u;
  }

 private:
  Module& m;
  const ptx::Function& f;
  Func& out;
  const Instr* cur = nullptr;
  int const_base = 0, const_cap = 0, next_slot = 0;
  std::map<std::pair<int, string>, int> regs;   // (scope, name) -> slot
  std::map<std::pair<int, string>, u32> bytes;  // .param / .local variables -> frame offset
  std::map<std::pair<int, string>, u64> shared;
  std::map<u64, int> const_slots;
  std::map<std::pair<int, s64>, int> special_slots;
  std::vector<int> starts;  // PTX instruction -> Inst index
  struct Fix {
    int at;
    string label;
    int scope;
  };
  std::vector<Fix> fixes;
  struct TableFix {
    std::vector<const Inst*>* table;
    std::vector<string> labels;
    int scope;
  };
  std::vector<TableFix> table_fixes;
  std::vector<std::pair<int, int>> skips;

  // ---- frame layout --------------------------------------------------------------------------
  void layout() {
    u32 off = kFirstSlot * 8;
    auto place = [&](int scope, const ptx::Var& v) {
      off = (off + std::max(v.align, 8u) - 1) & ~(std::max(v.align, 8u) - 1);
      bytes[{scope, v.name}] = off;
      u32 at = off;
      off += std::max<u32>((u32)v.size, 8);
      return Func::Bytes{at, (u32)v.size};
    };
    for (auto& v : f.rets) out.rets.push_back(place(0, v));
    for (auto& v : f.params) out.params.push_back(place(0, v));
    for (size_t s = 0; s < f.scopes.size(); s++)
      for (auto& [n, v] : f.scopes[s].vars) {
        if (v.space == ptx::Space::Param || v.space == ptx::Space::Local) place((int)s, v);
        if (v.space == ptx::Space::Local) out.local_bytes += (u32)v.size;
        if (v.space == ptx::Space::Shared) {
          u32& top = f.entry ? out.static_shared : m.module_shared;
          top = (top + std::max(v.align, 1u) - 1) & ~(std::max(v.align, 1u) - 1);
          shared[{(int)s, n}] = top;
          top += (u32)v.size;
        }
        if (v.space == ptx::Space::Reg) out.regs++;
      }
    const_base = (int)((off + 7) / 8);
    out.const_base = (u32)const_base;
    const_cap = 8;
    for (auto& in : f.code) const_cap += 4 + count_operands(in.args);
    next_slot = const_base + const_cap;
    out.specials.clear();
  }
  static int count_operands(const std::vector<Operand>& v) {
    int n = 0;
    for (auto& o : v) n += 1 + count_operands(o.sub);
    return n;
  }

  // ---- slots -----------------------------------------------------------------------------------
  int constant(u64 v) {
    auto [it, fresh] = const_slots.try_emplace(v, 0);
    if (fresh) {
      it->second = take_const();
      const_at(it->second) = v;
    }
    return it->second;
  }
  int take_const() {
    out.consts.push_back(0);
    return const_base + (int)out.consts.size() - 1;
  }
  u64& const_at(int slot) { return out.consts[slot - const_base]; }
  int special(Special s, s64 add = 0) {
    auto [it, fresh] = special_slots.try_emplace({s, add}, 0);
    if (fresh) {
      it->second = take_const();
      out.specials.push_back({it->second, s, add});
    }
    return it->second;
  }
  int scratch() { return next_slot++; }

  // Innermost scope that declares the name; -1 when none does.
  const ptx::Var* find_var(const string& n, int* scope) {
    for (int s = cur->scope; s >= 0; s = f.scopes[s].parent) {
      auto it = f.scopes[s].vars.find(n);
      if (it != f.scopes[s].vars.end()) {
        *scope = s;
        return &it->second;
      }
    }
    for (auto* list : {&f.params, &f.rets})
      for (auto& v : *list)
        if (v.name == n) {
          *scope = 0;
          return &v;
        }
    return nullptr;
  }

  [[noreturn]] void unknown() { throw std::runtime_error("unknown"); }

  int symbol_slot(const string& n, s64 add) {
    int s;
    if (const ptx::Var* v = find_var(n, &s)) {
      if (v->space == ptx::Space::Shared)
        return constant(shared[{s, n}] + (f.entry ? m.kernel_shared_base() : 0) + add);  // behind the module's
      return special(FrameByte, (s64)bytes[{s, n}] + add);
    }
    auto it = m.syms.find(n);
    if (it != m.syms.end()) {
      if (it->second.space == ptx::Space::Shared && it->second.size == 0) return special(DynBase, add);
      return constant(it->second.addr + add);
    }
    if (Func* g = function(n)) {
      return constant((u64)g);
    }
    unknown();
  }
  Func* function(const string& n) {
    auto a = m.ast->aliases.find(n);
    auto it = m.funcs.find(a == m.ast->aliases.end() ? n : a->second);
    return it == m.funcs.end() ? nullptr : it->second.get();
  }

  int special_register(const string& n) {
    static const std::map<string, Special> names = {{"%tid.x", TidX},
                                                    {"%tid.y", TidY},
                                                    {"%tid.z", TidZ},
                                                    {"%ntid.x", NtidX},
                                                    {"%ntid.y", NtidY},
                                                    {"%ntid.z", NtidZ},
                                                    {"%ctaid.x", CtaX},
                                                    {"%ctaid.y", CtaY},
                                                    {"%ctaid.z", CtaZ},
                                                    {"%nctaid.x", NctaX},
                                                    {"%nctaid.y", NctaY},
                                                    {"%nctaid.z", NctaZ},
                                                    {"%laneid", LaneId},
                                                    {"%warpid", WarpId},
                                                    {"%nwarpid", NWarpId},
                                                    {"%smid", SmId},
                                                    {"%nsmid", NSmId},
                                                    {"%gridid", GridId},
                                                    {"%lanemask_eq", MaskEq},
                                                    {"%lanemask_lt", MaskLt},
                                                    {"%lanemask_le", MaskLe},
                                                    {"%lanemask_gt", MaskGt},
                                                    {"%lanemask_ge", MaskGe},
                                                    {"%envreg1", EnvHigh},
                                                    {"%envreg2", EnvLow},
                                                    {"%dynamic_smem_size", DynSize},
                                                    {"%total_smem_size", TotalShared},
                                                    // clusters of one block
                                                    {"%cluster_ctaid.x", Zero},
                                                    {"%cluster_ctaid.y", Zero},
                                                    {"%cluster_ctaid.z", Zero},
                                                    {"%cluster_ctarank", Zero},
                                                    {"%is_explicit_cluster", Zero},
                                                    {"%cluster_nctaid.x", One},
                                                    {"%cluster_nctaid.y", One},
                                                    {"%cluster_nctaid.z", One},
                                                    {"%cluster_nctarank", One},
                                                    {"%clusterid.x", CtaX},
                                                    {"%clusterid.y", CtaY},
                                                    {"%clusterid.z", CtaZ},
                                                    {"%nclusterid.x", NctaX},
                                                    {"%nclusterid.y", NctaY},
                                                    {"%nclusterid.z", NctaZ}};
    if (n == "%reserved_smem_offset_1") return constant(m.reserved_shared);
    auto it = names.find(n);
    return it == names.end() ? -1 : special(it->second);
  }

  int slot(const Operand& o, const string& type = "") {
    switch (o.kind) {
      case Operand::Int:
        if (type == "f32") return constant(std::bit_cast<u32>((float)(s64)o.bits));
        if (type == "f64") return constant(std::bit_cast<u64>((double)(s64)o.bits));
        return constant(o.bits);
      case Operand::F32:
        return constant(o.bits);
      case Operand::F64:
        if (type == "f32") return constant(std::bit_cast<u32>((float)std::bit_cast<double>(o.bits)));
        return constant(o.bits);
      case Operand::Name:
        break;
      default:
        unknown();
    }
    if (o.name == "_") return scratch();
    if (o.name == "WARP_SZ") return constant(32);
    int s;
    const ptx::Var* v = find_var(o.name, &s);
    int at;
    if (v && v->space == ptx::Space::Reg) {
      auto [it, fresh] = regs.try_emplace({s, o.name}, 0);
      if (fresh) it->second = next_slot++;
      at = it->second;
    } else if (o.name[0] == '%' && (at = special_register(o.name)) >= 0) {
    } else
      at = symbol_slot(o.name, o.off);
    if (o.negated) {
      int t = scratch();
      emit(op_notp, t, at);
      return t;
    }
    return at;
  }
  const s32* list(std::vector<s32> v) {
    out.lists.push_back(std::move(v));
    return out.lists.back().data();
  }
  std::vector<s32> slots(const std::vector<Operand>& v, const string& t = "") {
    std::vector<s32> r;
    for (auto& o : v) r.push_back(slot(o, t));
    return r;
  }

  Inst& emit(Handler h, int d = 0, int a = 0, int b = 0, int c = 0) {
    if (!h) unknown();
    Inst i;
    i.fn = h;
    i.d = d;
    i.a = a;
    i.b = b;
    i.c = c;
    i.id = (u32)g_source.size() - 1;
    out.code.push_back(i);
    return out.code.back();
  }

  // ---- one instruction -----------------------------------------------------------------------------
  void one(const Instr& in) {
    g_source.push_back({&out, in.text, in.file, in.line});
    const size_t begin = out.code.size();
    try {
      if (in.op[0] == "bra") return branch(in);
      int skip = -1;
      if (!in.guard.empty()) {
        Operand g;
        g.name = in.guard;
        skip = (int)out.code.size();
        emit(in.guard_neg ? op_skip_if : op_skip_not, 0, slot(g));
      }
      body(in);
      if (skip >= 0) out.code[skip].imm = (s64)out.code.size() - skip;
    } catch (const std::exception&) {  // stops the program when (only when) it is reached
      out.code.resize(begin);
      emit(op_unknown);
    }
  }

  void branch(const Instr& in) {
    int at = (int)out.code.size();
    if (in.guard.empty())
      emit(op_bra);
    else {
      Operand g;
      g.name = in.guard;
      emit(in.guard_neg ? op_bra_not : op_bra_if, 0, slot(g));
    }
    fixes.push_back({at, in.args.at(0).name, in.scope});
  }

  int label_index(const string& n, int scope) {
    for (int s = scope; s >= 0; s = f.scopes[s].parent) {
      auto it = f.scopes[s].labels.find(n);
      if (it != f.scopes[s].labels.end()) return starts[it->second];
    }
    throw std::runtime_error("no label " + n + " in " + f.name);
  }
  void resolve_labels() {
    for (auto& x : fixes) out.code[x.at].p = &out.code[label_index(x.label, x.scope)];
    for (auto& t : table_fixes)
      for (auto& l : t.labels) t.table->push_back(&out.code[label_index(l, t.scope)]);
  }

  static u32 rounding(const Instr& in, bool* integer = nullptr) {
    for (size_t i = 1; i < in.op.size(); i++) {
      const string& s = in.op[i];
      if (s.size() >= 2 && s.size() <= 3 && s[0] == 'r' && (s.size() == 2 || s[2] == 'i')) {
        u32 r = s[1] == 'n' ? (u32)RN : s[1] == 'z' ? (u32)RZ : s[1] == 'm' ? (u32)RM : s[1] == 'p' ? (u32)RP : 99u;
        if (r == 99) continue;
        if (integer) *integer = s.size() == 3;
        return r;
      }
    }
    return RN;
  }
  u32 float_flags(const Instr& in) {
    return rounding(in) | (in.has("ftz") ? 16 : 0) | (in.has("sat") ? 32 : 0) | (in.has("relu") ? 64 : 0);
  }

  void body(const Instr& in) {
    using Fn = void (Decoder::*)(const Instr&);
    static const std::map<string, Fn> table = {{"mov", &Decoder::d_mov},
                                               {"ld", &Decoder::d_ld},
                                               {"ldu", &Decoder::d_ld},
                                               {"st", &Decoder::d_st},
                                               {"atom", &Decoder::d_atom},
                                               {"red", &Decoder::d_atom},
                                               {"add", &Decoder::d_add},
                                               {"sub", &Decoder::d_add},
                                               {"addc", &Decoder::d_addc},
                                               {"subc", &Decoder::d_addc},
                                               {"mul", &Decoder::d_mul},
                                               {"mad", &Decoder::d_mad},
                                               {"madc", &Decoder::d_mad},
                                               {"fma", &Decoder::d_fma},
                                               {"div", &Decoder::d_div},
                                               {"rem", &Decoder::d_div},
                                               {"min", &Decoder::d_minmax},
                                               {"max", &Decoder::d_minmax},
                                               {"abs", &Decoder::d_un},
                                               {"neg", &Decoder::d_un},
                                               {"not", &Decoder::d_logic},
                                               {"and", &Decoder::d_logic},
                                               {"or", &Decoder::d_logic},
                                               {"xor", &Decoder::d_logic},
                                               {"cnot", &Decoder::d_logic},
                                               {"shl", &Decoder::d_shift},
                                               {"shr", &Decoder::d_shift},
                                               {"shf", &Decoder::d_shf},
                                               {"lop3", &Decoder::d_lop3},
                                               {"prmt", &Decoder::d_prmt},
                                               {"bfe", &Decoder::d_bits},
                                               {"bfi", &Decoder::d_bits},
                                               {"brev", &Decoder::d_bits},
                                               {"popc", &Decoder::d_bits},
                                               {"clz", &Decoder::d_bits},
                                               {"bfind", &Decoder::d_bits},
                                               {"bmsk", &Decoder::d_bits},
                                               {"szext", &Decoder::d_bits},
                                               {"sad", &Decoder::d_misc},
                                               {"mul24", &Decoder::d_misc},
                                               {"mad24", &Decoder::d_misc},
                                               {"dp4a", &Decoder::d_misc},
                                               {"dp2a", &Decoder::d_misc},
                                               {"copysign", &Decoder::d_misc},
                                               {"testp", &Decoder::d_misc},
                                               {"selp", &Decoder::d_select},
                                               {"slct", &Decoder::d_select},
                                               {"setp", &Decoder::d_setp},
                                               {"set", &Decoder::d_set},
                                               {"cvt", &Decoder::d_cvt},
                                               {"cvta", &Decoder::d_cvta},
                                               {"isspacep", &Decoder::d_cvta},
                                               {"rcp", &Decoder::d_math},
                                               {"sqrt", &Decoder::d_math},
                                               {"rsqrt", &Decoder::d_math},
                                               {"sin", &Decoder::d_math},
                                               {"cos", &Decoder::d_math},
                                               {"ex2", &Decoder::d_math},
                                               {"lg2", &Decoder::d_math},
                                               {"tanh", &Decoder::d_math},
                                               {"ret", &Decoder::d_flow},
                                               {"exit", &Decoder::d_flow},
                                               {"trap", &Decoder::d_flow},
                                               {"brx", &Decoder::d_flow},
                                               {"call", &Decoder::d_call},
                                               {"bar", &Decoder::d_barrier},
                                               {"barrier", &Decoder::d_barrier},
                                               {"shfl", &Decoder::d_warp},
                                               {"vote", &Decoder::d_warp},
                                               {"match", &Decoder::d_warp},
                                               {"redux", &Decoder::d_warp},
                                               {"activemask", &Decoder::d_warp},
                                               {"membar", &Decoder::d_fence},
                                               {"fence", &Decoder::d_fence},
                                               {"cp", &Decoder::d_cp},
                                               {"prefetch", &Decoder::d_nop},
                                               {"prefetchu", &Decoder::d_nop},
                                               {"nanosleep", &Decoder::d_nop},
                                               {"griddepcontrol", &Decoder::d_nop},
                                               {"brkpt", &Decoder::d_nop},
                                               {"pmevent", &Decoder::d_nop},
                                               {"discard", &Decoder::d_nop},
                                               {"applypriority", &Decoder::d_nop}};
    auto it = table.find(in.op[0]);
    if (it == table.end()) unknown();
    (this->*it->second)(in);
  }

  void d_nop(const Instr&) { emit(op_nop); }
  void d_fence(const Instr&) { emit(op_fence); }

  // ---- moves and memory --------------------------------------------------------------------------------
  void d_mov(const Instr& in) {
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
  MemSpace mem_space(const Instr& in) {
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
  Handler with_space(MemSpace s, F f) {
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
  // Frame offset of a .param operand that names a variable; -1 for a register base.
  s64 frame_offset(const Operand& o) {
    int s;
    const ptx::Var* v = find_var(o.name, &s);
    if (!v || v->space == ptx::Space::Reg) return -1;
    auto it = bytes.find({s, o.name});
    return it == bytes.end() ? -1 : (s64)it->second + o.off;
  }
  int base_slot(const Operand& o, s64* imm) {
    *imm = o.off;
    if (o.name.empty()) return constant(0);
    Operand n;
    n.name = o.name;
    return slot(n);
  }

  void d_ld(const Instr& in) { memory(in, true); }
  void d_st(const Instr& in) { memory(in, false); }
  void memory(const Instr& in, bool load) {
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

  void d_atom(const Instr& in) {
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

  void d_cp(const Instr& in) {
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

  void d_cvta(const Instr& in) {
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

  // ---- arithmetic ------------------------------------------------------------------------------------------
  void three(Handler h, const Instr& in, u32 aux = 0) {
    const string& t = in.op.back();
    int a = slot(in.args.at(1), t), b = in.args.size() > 2 ? slot(in.args[2], t) : a,
        c = in.args.size() > 3 ? slot(in.args[3], t) : b;
    emit(h, slot(in.args[0]), a, b, c).aux = aux;
  }

  template <FOp O, class Fast>
  Handler float_op(const Instr& in, u32 flags, Fast fast) {
    const string& t = in.op.back();
    if (!(flags & ~64u)) return by_fp(t, fast);
    return by_fp(t, [&]<class T>(Tag<T>) -> Handler { return op_fgen<T, O>; });
  }

  void d_add(const Instr& in) {
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
  void d_addc(const Instr& in) {
    const bool sub = in.op[0].substr(0, 3) == "sub", carry_in = in.op[0].back() == 'c';
    Handler h = by_int(in.op.back(), [&]<class T>(Tag<T>) -> Handler {
      using U = std::make_unsigned_t<T>;
      return sub ? op_subc<U> : op_addc<U>;
    });
    three(h, in, (carry_in ? 1 : 0) | (in.has("cc") ? 2 : 0));
  }
  template <class T>
  Handler wide(bool mad) {
    if constexpr (sizeof(T) == 8)
      return nullptr;
    else
      return mad ? op_madw<T> : op_mulw<T>;
  }
  void d_mul(const Instr& in) {
    const string& t = in.op.back();
    const u32 fl = float_flags(in);
    Handler h = by_int(t, [&]<class T>(Tag<T>) -> Handler {
      if (in.has("wide")) return wide<T>(false);
      if (in.has("hi")) return op_bin<T, mulhi<T>>;
      return op_bin<T, mulv<T>>;
    });
    if (!h) h = float_op<FMul>(in, fl, []<class T>(Tag<T>) -> Handler { return op_bin<T, mulv<T>>; });
    if (!h)
      h = by_half(t, [&]<class T>(Tag<T>) -> Handler {
        return fl & ~3u ? op_fpost<T, op_bin<T, mulv<T>>> : op_bin<T, mulv<T>>;
      });
    three(h, in, fl);
  }
  void d_mad(const Instr& in) {
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
  void d_fma(const Instr& in) {
    const string& t = in.op.back();
    const u32 fl = float_flags(in);
    Handler h = float_op<FFma>(in, fl, []<class T>(Tag<T>) -> Handler { return op_tri<T, fmav<T>>; });
    if (!h)
      h = by_half(t, [&]<class T>(Tag<T>) -> Handler {
        return fl & ~3u ? op_fpost<T, op_tri<T, fmav<T>>> : op_tri<T, fmav<T>>;
      });
    three(h, in, fl);
  }
  void d_div(const Instr& in) {
    const string& t = in.op.back();
    const bool rem = in.op[0] == "rem";
    Handler h = by_int(t, [&]<class T>(Tag<T>) -> Handler { return rem ? op_bin<T, remv<T>> : op_bin<T, divv<T>>; });
    if (!h && !rem)
      h = float_op<FDiv>(in, float_flags(in), []<class T>(Tag<T>) -> Handler { return op_bin<T, divv<T>>; });
    three(h, in, float_flags(in));
  }
  void d_minmax(const Instr& in) {
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
  void d_un(const Instr& in) {
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
  void d_logic(const Instr& in) {
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
  void d_shift(const Instr& in) {
    const bool left = in.op[0] == "shl";
    three(by_int(in.op.back(), [&]<class T>(Tag<T>) -> Handler { return left ? op_shl<T> : op_shr<T>; }), in);
  }
  void d_shf(const Instr& in) {
    const bool l = in.has("l"), clamp = in.has("clamp");
    three(l       ? (clamp ? op_shf<true, true> : op_shf<true, false>)
          : clamp ? op_shf<false, true>
                  : op_shf<false, false>,
          in);
  }
  void d_lop3(const Instr& in) {
    if (in.op.size() != 2 || in.args.at(4).kind != Operand::Int) unknown();
    int a = slot(in.args[1]), b = slot(in.args[2]), c = slot(in.args[3]);
    emit(op_lop3, slot(in.args[0]), a, b, c).aux = (u32)in.args[4].bits;
  }
  void d_prmt(const Instr& in) {
    static const char* modes[] = {"", "f4e", "b4e", "rc8", "ecl", "ecr", "rc16"};
    u32 mode = 0;
    for (u32 i = 1; i < 7; i++)
      if (in.has(modes[i])) mode = i;
    three(op_prmt, in, mode);
  }
  void d_bits(const Instr& in) {
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
  void d_misc(const Instr& in) {
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

  void d_select(const Instr& in) {
    const string& t = in.op[in.op[0] == "slct" ? in.op.size() - 2 : in.op.size() - 1];
    int a = slot(in.args.at(1), t), b = slot(in.args.at(2), t), c = slot(in.args.at(3), in.op.back());
    emit(in.op[0] == "selp" ? op_selp : in.op.back() == "f32" ? op_slct_f : op_slct_s, slot(in.args[0]), a, b, c);
  }

  // ---- comparisons ---------------------------------------------------------------------------------------------
  Handler compare_handler(const string& cmp, const string& t, bool ftz) {
    return by_cmp(cmp, t[0] == 'u', [&]<Cmp C>() -> Handler {
      auto pick = [&]<class T>(Tag<T>) -> Handler { return op_setp<C, T>; };
      if (ftz && t == "f32") return op_setpf<C, float>;
      if (t == "f16") return op_setp<C, f16>;
      if (t == "bf16") return op_setp<C, bf16>;
      if (Handler h = by_fp(t, pick)) return h;
      return by_int(t, pick);
    });
  }
  u32 bool_op(const Instr& in) { return in.has("and") ? 1 : in.has("or") ? 2 : in.has("xor") ? 3 : 0; }
  void d_setp(const Instr& in) {
    const string &t = in.op.back(), &cmp = in.op.at(1);
    const Operand& dst = in.args.at(0);
    const bool pair = dst.kind == Operand::Pair;
    const int a = slot(in.args.at(1), t), b = slot(in.args.at(2), t);
    const int d = slot(pair ? dst.sub[0] : dst);
    const u32 bo = bool_op(in);
    if (t == "f16x2" || t == "bf16x2") {
      if (bo || !pair) unknown();
      emit(by_cmp(cmp, false,
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
  void d_set(const Instr& in) {
    const string &t = in.op.back(), &dt = in.op[in.op.size() - 2], &cmp = in.op.at(1);
    const int a = slot(in.args.at(1), t), b = slot(in.args.at(2), t), d = slot(in.args[0]);
    const u32 bo = bool_op(in);
    if (t == "f16x2" || t == "bf16x2") {
      if (bo) unknown();
      emit(by_cmp(cmp, false,
                  [&]<Cmp C>() -> Handler { return t == "f16x2" ? op_set_pair<C, f16x2> : op_set_pair<C, bf16x2>; }),
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

  // ---- conversions and functions -----------------------------------------------------------------------------------
  void d_cvt(const Instr& in) {
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
  void d_math(const Instr& in) {
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
        return three(th ? op_fpost<float, op_un<float, half_tanh<float>>> : op_fpost<float, op_un<float, approx_ex2>>,
                     in, fl);
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
  // -------------------------------------------------------------------------------------------------------
  void d_flow(const Instr& in) {
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

  void d_call(const Instr& in) {
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

  void d_barrier(const Instr& in) {
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

  void warp_op(WarpOp o, int d, int a, int b, int mask, std::vector<s32> extra = {}) {
    Inst& i = emit(op_warp, d, a, b, mask);
    i.aux = o;
    if (!extra.empty()) i.p = list(std::move(extra));
  }
  void d_warp(const Instr& in) {
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
};

}  // namespace softgpu
