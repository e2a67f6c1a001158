// Device memory: one reserved address range (the arena) with shadow state beside it,
// so that every check is an index and a compare.
#pragma once
#include <cstddef>
#include <cstdint>
#include <string>

namespace softgpu {

constexpr uint64_t kArenaSize = 1ull << 36;
enum : uint8_t { kAllocated = 1, kInitialised = 2, kReadOnly = 4 };
enum class MemKind { Device, Host, Managed, Symbol, Registered };

// Who touched a 4-byte word (or, once split, a byte) last. seq is the global event number
// (see Clock); pc is the instruction's id, for the report.
struct Cell {
  uint32_t wseq, wpc;
  uint32_t rseq, rpc;
  uint16_t wtid, wflags;
  uint16_t rtid, rflags;
  uint32_t rpc2;
  uint16_t rtid2, pad;  // the reader before, when another thread, for the report
};
enum : uint16_t { kAtomicW = 1, kSplit = 2 };                           // wflags
enum : uint16_t { kManyThreads = 1, kManyWarps = 2, kManyBlocks = 4 };  // rflags

// The cells of one address range: one per word, four more per word once bytes differ.
struct CellMap {
  Cell* word = nullptr;
  Cell* byte = nullptr;
};

struct Allocation {
  uint64_t base = 0, size = 0;
  MemKind kind = MemKind::Device;
  bool freed = false;
  std::string name;
};

struct Options {
  bool mem = true, race = true, init = false, benign = false, verbose = false;
  uint64_t max_instr = 0;
};

extern uint64_t g_arena;   // address of the arena
extern uint8_t* g_shadow;  // one state byte per arena byte
extern CellMap g_cells;    // race cells of the arena
extern Options g_opt;

void memory_init();
uint64_t mem_alloc(uint64_t size, MemKind kind, const std::string& name = "", uint64_t align = 512);
bool mem_free(uint64_t p);
// The live allocation holding p; otherwise the nearest one (live or freed), *inside = false.
bool mem_find(uint64_t p, Allocation* out, bool* inside);
void mem_register(uint64_t p, uint64_t size);
bool mem_unregister(uint64_t p);
bool mem_registered(uint64_t p, uint64_t size);
void mem_mark_init(uint64_t p, uint64_t size);  // bytes were written by the host side
void mem_copy_init(uint64_t dst, uint64_t src, uint64_t size);
uint64_t mem_in_use();
bool mem_range_ok(uint64_t p, uint64_t size);  // host API call touches p..p+size: ours and inside?

void cells_forget();  // drop all race history (sequence wrap)
bool cells_create(CellMap& m, uint64_t bytes);
void cells_destroy(CellMap& m, uint64_t bytes);

// One line to stderr, once for each key; makes the exit code 97.
void report(const std::string& key, const std::string& text);
unsigned report_count();

// For test programs: the texts of the reports since the last call, a line each, valid until the next call. What was
// reported is reported again from now on, so that each test has the reports of its own kernels.
extern "C" const char* softgpu_take_reports();

inline bool in_arena(uint64_t a) { return a - g_arena < kArenaSize; }

}  // namespace softgpu
