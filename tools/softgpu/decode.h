// PTX syntax tree -> Inst arrays.
#pragma once
#include <map>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

#include "ops_flow.h"
#include "ops_math.h"
#include "ops_memory.h"

namespace softgpu {

using ptx::Instr;
using ptx::Operand;
using std::string;

// ---- choosing a template instance by type name
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
Handler by_cmp(const string& s, F f) {
  static const std::map<string, Cmp> names = {{"eq", Eq},   {"ne", Ne},   {"lt", Lt},   {"le", Le},   {"gt", Gt},
                                              {"ge", Ge},   {"lo", Lt},   {"ls", Le},   {"hi", Gt},   {"hs", Ge},
                                              {"equ", Equ}, {"neu", Neu}, {"ltu", Ltu}, {"leu", Leu}, {"gtu", Gtu},
                                              {"geu", Geu}, {"num", Num}, {"nan", Nan}};
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

// ---- decoding
class Decoder {
 public:
  Decoder(Module& mod, const ptx::Function& fn, Func& func) : m(mod), f(fn), out(func) {}

  void run();

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

  // Frame layout, slots
  void layout();
  int constant(u64 v);
  int take_const();
  u64& const_at(int slot) { return out.consts[slot - const_base]; }
  int special(Special s, s64 add = 0);
  int scratch() { return next_slot++; }
  // Innermost scope that declares the name; null when none does.
  const ptx::Var* find_var(const string& n, int* scope);
  [[noreturn]] static void unknown() { throw std::runtime_error("unknown"); }
  int symbol_slot(const string& n, s64 add);
  Func* function(const string& n);
  int special_register(const string& n);
  int slot(const Operand& o, const string& type = "");
  const s32* list(std::vector<s32> v);
  std::vector<s32> slots(const std::vector<Operand>& v, const string& t = "");
  // Frame offset of a .param operand that names a variable; -1 for a register base.
  s64 frame_offset(const Operand& o);
  int base_slot(const Operand& o, s64* imm);

  // One instruction
  Inst& emit(Handler h, int d = 0, int a = 0, int b = 0, int c = 0);
  void one(const Instr& in);
  void branch(const Instr& in);
  int label_index(const string& n, int scope);
  void resolve_labels();
  static u32 rounding(const Instr& in, bool* integer = nullptr);
  static u32 float_flags(const Instr& in);
  void three(Handler h, const Instr& in, u32 aux = 0);
  void body(const Instr& in);

  // Moves and memory
  void d_mov(const Instr& in);
  void d_ld(const Instr& in);
  void d_st(const Instr& in);
  void memory(const Instr& in, bool load);
  void d_atom(const Instr& in);
  void d_cp(const Instr& in);
  void d_cvta(const Instr& in);

  // Arithmetic
  void d_add(const Instr& in);
  void d_addc(const Instr& in);
  void d_mul(const Instr& in);
  void d_mad(const Instr& in);
  void d_fma(const Instr& in);
  void d_div(const Instr& in);
  void d_minmax(const Instr& in);
  void d_un(const Instr& in);
  void d_logic(const Instr& in);
  void d_shift(const Instr& in);
  void d_shf(const Instr& in);
  void d_lop3(const Instr& in);
  void d_prmt(const Instr& in);
  void d_bits(const Instr& in);
  void d_misc(const Instr& in);
  void d_select(const Instr& in);

  // Comparisons and conversions
  void d_setp(const Instr& in);
  void d_set(const Instr& in);
  void d_cvt(const Instr& in);
  void d_math(const Instr& in);

  // Control
  void d_nop(const Instr&) { emit(op_nop); }
  void d_fence(const Instr&) { emit(op_fence); }
  void d_flow(const Instr& in);
  void d_call(const Instr& in);
  void d_barrier(const Instr& in);
  void warp_op(WarpOp o, int d, int a, int b, int mask, std::vector<s32> extra = {});
  void d_warp(const Instr& in);
};

}  // namespace softgpu
