// The interpreter: a PTX module decoded once into arrays of Inst, and the launch of its kernels.
#pragma once
#include <cstdint>
#include <deque>
#include <memory>
#include <string>
#include <unordered_map>
#include <vector>
#include "mem.h"
#include "ptx.h"

namespace softgpu {

// One register. Every write fills the whole slot, extended; reads take the low bytes they need.
union Reg {
  uint64_t u;
  int64_t s;
  float f;
  double d;
  void* p;
};

struct Inst;
struct Ctx;
class Module;
// A handler does its instruction and returns the next one, or null to leave the thread.
using Handler = const Inst* (*)(const Inst*, Reg*, Ctx&);

struct Inst {
  Handler fn = nullptr;
  int32_t d = 0, a = 0, b = 0, c = 0;  // slots in the frame
  int64_t imm = 0;                     // displacement, immediate table ...
  const void* p = nullptr;             // branch target, call data, slot list
  uint32_t id = 0;                     // index into the table of source texts
  uint32_t aux = 0;                    // flags or a sub-operation
};

// Frame: slot 0 carry flag, 1 return address, 2 caller's frame, 3 call data, then constants and
// special registers, registers, and last the bytes of .param and .local variables.
enum { kSlotCC = 0, kSlotRet = 1, kSlotCaller = 2, kSlotCall = 3, kFirstSlot = 4 };

enum Special : int {
  TidX,
  TidY,
  TidZ,
  NtidX,
  NtidY,
  NtidZ,
  CtaX,
  CtaY,
  CtaZ,
  NctaX,
  NctaY,
  NctaZ,
  LaneId,
  WarpId,
  NWarpId,
  SmId,
  NSmId,
  GridId,
  MaskEq,
  MaskLt,
  MaskLe,
  MaskGt,
  MaskGe,
  DynSize,
  TotalShared,
  DynBase,
  Zero,
  One,
  EnvHigh,
  EnvLow,
  FrameByte
};

struct SpecialSlot {
  int slot;
  Special what;
  int64_t add;
};

struct Func {
  std::string name, display;  // display: demangled, without arguments
  bool entry = false;
  std::vector<Inst> code;
  std::vector<uint64_t> consts;  // copied to slots const_base...
  std::vector<SpecialSlot> specials;
  struct Bytes {
    uint32_t off, size;
  };  // in the frame
  std::vector<Bytes> params, rets;
  uint32_t frame_bytes = 0, const_base = 0, dyn_align = 16;
  uint32_t static_shared = 0, local_bytes = 0;
  int64_t max_dyn = -1;  // opted into with cudaFuncSetAttribute; -1: the default
  int max_threads = 1024, regs = 0;
  bool indirect = false;  // calls through pointers: the stack depth is unknown
  std::vector<const Func*> callees;
  std::deque<std::vector<int32_t>> lists;
  std::deque<std::vector<const Inst*>> tables;
  std::deque<std::shared_ptr<void>> extras;
  const Module* module = nullptr;
  bool decoded = false;
  const ptx::Function* ast = nullptr;
};

class Module {
 public:
  std::string file_name(int i) const;
  // Decodes PTX text; null and a message when it cannot.
  static std::unique_ptr<Module> load(const std::string& text, std::string& error);
  Func* kernel(const std::string& name);
  // Address and size of a module-scope variable; false when there is none.
  bool symbol(const std::string& name, uint64_t* addr, uint64_t* size) const;
  ~Module();

 private:
  friend class Decoder;
  std::unique_ptr<ptx::Module> ast;
  std::unordered_map<std::string, std::unique_ptr<Func>> funcs;
  struct Sym {
    uint64_t addr, size;
    ptx::Space space;
    uint32_t align;
  };
  std::unordered_map<std::string, Sym> syms;
  uint32_t module_shared = 0;  // .shared variables at module scope and of device functions
  uint32_t dyn_align = 16;
  uint32_t reserved_shared = 0;  // cooperative groups' kilobyte, where %reserved_smem_offset_1 is read
  uint32_t kernel_shared_base() const { return (module_shared + 127) & ~127u; }
  void place_variables();
  void fill_variables();
};

struct Dim {
  uint32_t x = 1, y = 1, z = 1;
};
struct LaunchConfig {
  Dim grid, block;
  uint32_t dyn_shared = 0;
  bool cooperative = false;
};

enum class LaunchResult { Ok, Assert, Trap, Deadlock, InstrLimit, BadConfig };
LaunchResult launch(const Func& k, const LaunchConfig& cfg, void* const* args);
uint64_t instructions_run();

}  // namespace softgpu
