// The frame of a function, the slots of its operands, and what decodes which instruction.
#include "decode.h"

namespace softgpu {

void Decoder::run() {
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

// ---- frame layout
static int count_operands(const std::vector<Operand>& v) {
  int n = 0;
  for (auto& o : v) n += 1 + count_operands(o.sub);
  return n;
}

void Decoder::layout() {
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

// ---- slots
int Decoder::constant(u64 v) {
  auto [it, fresh] = const_slots.try_emplace(v, 0);
  if (fresh) {
    it->second = take_const();
    const_at(it->second) = v;
  }
  return it->second;
}
int Decoder::take_const() {
  out.consts.push_back(0);
  return const_base + (int)out.consts.size() - 1;
}
int Decoder::special(Special s, s64 add) {
  auto [it, fresh] = special_slots.try_emplace({s, add}, 0);
  if (fresh) {
    it->second = take_const();
    out.specials.push_back({it->second, s, add});
  }
  return it->second;
}

const ptx::Var* Decoder::find_var(const string& n, int* scope) {
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

int Decoder::symbol_slot(const string& n, s64 add) {
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
Func* Decoder::function(const string& n) {
  auto a = m.ast->aliases.find(n);
  auto it = m.funcs.find(a == m.ast->aliases.end() ? n : a->second);
  return it == m.funcs.end() ? nullptr : it->second.get();
}

int Decoder::special_register(const string& n) {
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

int Decoder::slot(const Operand& o, const string& type) {
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
const s32* Decoder::list(std::vector<s32> v) {
  out.lists.push_back(std::move(v));
  return out.lists.back().data();
}
std::vector<s32> Decoder::slots(const std::vector<Operand>& v, const string& t) {
  std::vector<s32> r;
  for (auto& o : v) r.push_back(slot(o, t));
  return r;
}

Inst& Decoder::emit(Handler h, int d, int a, int b, int c) {
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
s64 Decoder::frame_offset(const Operand& o) {
  int s;
  const ptx::Var* v = find_var(o.name, &s);
  if (!v || v->space == ptx::Space::Reg) return -1;
  auto it = bytes.find({s, o.name});
  return it == bytes.end() ? -1 : (s64)it->second + o.off;
}
int Decoder::base_slot(const Operand& o, s64* imm) {
  *imm = o.off;
  if (o.name.empty()) return constant(0);
  Operand n;
  n.name = o.name;
  return slot(n);
}

// ---- one instruction

void Decoder::one(const Instr& in) {
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

void Decoder::branch(const Instr& in) {
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

int Decoder::label_index(const string& n, int scope) {
  for (int s = scope; s >= 0; s = f.scopes[s].parent) {
    auto it = f.scopes[s].labels.find(n);
    if (it != f.scopes[s].labels.end()) return starts[it->second];
  }
  throw std::runtime_error("no label " + n + " in " + f.name);
}
void Decoder::resolve_labels() {
  for (auto& x : fixes) out.code[x.at].p = &out.code[label_index(x.label, x.scope)];
  for (auto& t : table_fixes)
    for (auto& l : t.labels) t.table->push_back(&out.code[label_index(l, t.scope)]);
}

u32 Decoder::rounding(const Instr& in, bool* integer) {
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
u32 Decoder::float_flags(const Instr& in) {
  return rounding(in) | (in.has("ftz") ? 16 : 0) | (in.has("sat") ? 32 : 0) | (in.has("relu") ? 64 : 0);
}

void Decoder::body(const Instr& in) {
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

void Decoder::three(Handler h, const Instr& in, u32 aux) {
  const string& t = in.op.back();
  int a = slot(in.args.at(1), t), b = in.args.size() > 2 ? slot(in.args[2], t) : a,
      c = in.args.size() > 3 ? slot(in.args[3], t) : b;
  emit(h, slot(in.args[0]), a, b, c).aux = aux;
}

}  // namespace softgpu
