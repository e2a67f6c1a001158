// PTX text -> a plain syntax tree. No meaning is given to instructions here:
// interp.cpp decodes them.
#pragma once
#include <cstdint>
#include <memory>
#include <string>
#include <unordered_map>
#include <vector>

namespace ptx {

enum class Space { None, Reg, Param, Local, Shared, Global, Const };

struct Operand {
  enum Kind { Name, Int, F32, F64, Mem, Vec, Pair, List } kind = Name;
  std::string name;          // Name; base of Mem (empty: absolute address)
  bool negated = false;      // !%p
  uint64_t bits = 0;         // Int / F32 / F64 bit pattern
  int64_t off = 0;           // Mem displacement
  std::vector<Operand> sub;  // Vec, Pair (a|b), List (call arguments)
};

struct Instr {
  std::string guard;  // predicate register, empty when none
  bool guard_neg = false;
  std::vector<std::string> op;  // opcode and its modifiers, split at dots
  std::vector<Operand> args;
  std::string text;  // for messages
  int scope = 0;
  int file = 0, line = 0;  // from .loc
  bool has(const char* m) const {
    for (size_t i = 1; i < op.size(); i++)
      if (op[i] == m) return true;
    return false;
  }
};

struct Init {
  bool is_sym = false;
  bool generic = false;
  std::string sym;
  uint64_t bits = 0;
  int64_t add = 0;
  int shift = -1;
};

struct Var {
  Space space = Space::None;
  std::string name, type;  // type without the dot: b32, f64 ...
  uint32_t align = 0, elem = 0;
  uint64_t size = 0;  // bytes; 0 for an extern array without bound
  bool is_extern = false;
  std::vector<Init> init;  // one per element
};

struct Scope {
  int parent = -1;
  std::unordered_map<std::string, Var> vars;    // registers and variables
  std::unordered_map<std::string, int> labels;  // label -> instruction index
};

struct Function {
  std::string name;
  bool entry = false, has_body = false;
  std::vector<Var> rets, params;
  std::vector<Scope> scopes;  // scopes[0] is the body
  std::vector<Instr> code;
  std::unordered_map<std::string, std::vector<std::string>> branch_targets;
  struct Proto {
    std::vector<Var> rets, params;
  };
  std::unordered_map<std::string, Proto> protos;
  int max_threads = 0;
};

struct Module {
  std::string target;
  std::vector<Var> vars;  // module-scope variables
  std::vector<std::unique_ptr<Function>> funcs;
  std::unordered_map<std::string, std::string> aliases;
  std::unordered_map<int, std::string> files;  // .file
};

uint32_t type_size(const std::string& t);  // bytes; pred counts as 1
std::unique_ptr<Module> parse(const std::string& text, std::string& error);

}  // namespace ptx
