// What a launch is made of while it runs: threads, warps, blocks; registers and the shape of a handler.
#pragma once
#include <cstdint>
#include <cstring>
#include <deque>
#include <type_traits>
#include <vector>

#include "interp.h"

namespace softgpu {

enum class State : uint8_t { Run, Warp, Barrier, Exit };

struct Thread {
  const Inst* pc = nullptr;
  Reg* r = nullptr;
  uint8_t* stack = nullptr;
  State state = State::Run;
  uint16_t tid = 0;
  uint32_t mask = 0;                   // members awaited at a warp instruction
  uint32_t bar_id = 0, bar_count = 0;  // the barrier waited at
  uint32_t tx = 0, ty = 0, tz = 0;
  uint32_t fence_seq = 0, strong_seq = 0, sync_seq = 0, sync_mask = 0;
};

struct Warp {
  uint32_t full_sync = 0;
};

// What a block has made known to others by a strong store: its writes need a fence before it, its reads
// (which are complete once a barrier is passed) do not.
struct BlockSync {
  uint32_t rel_seq = 0, rel_tid = 0, rel_epoch = 0, read_seq = 0, read_tid = 0, read_epoch = 0;
};

struct Launch;
struct BlockState {
  uint32_t index = 0;
  Dim id;
  std::vector<Thread> threads;
  std::vector<Warp> warps;
  std::vector<uint8_t> shared, stacks;
  CellMap cells;
  uint64_t cell_bytes = 0;
  uint32_t start_seq = 0, seg_seq = 0, epoch_seq = 0, strong_seq = 0;
  uint32_t arrived[16] = {};  // bar.arrive counts
  ~BlockState() { cells_destroy(cells, cell_bytes); }
};

struct Launch {
  const Func* k = nullptr;
  LaunchConfig cfg;
  uint32_t threads = 0, shared = 0, seq0 = 0;
  uint64_t stack_bytes = 0, blocks = 0, workspace = 0;
  std::vector<std::pair<uint32_t, uint32_t>> segments;  // first seq -> block
  std::vector<BlockSync> sync;
  LaunchResult result = LaunchResult::Ok;
};

struct Ctx {
  Reg* r = nullptr;
  Thread* t = nullptr;
  BlockState* b = nullptr;
  Launch* l = nullptr;
  uint64_t shared_base = 0, stack_base = 0;
  bool mem = true, race = true, init = false, benign = false;
  bool stop = false;  // the launch failed; leave at once
};

extern uint32_t g_seq;  // event clock of the race detector
struct SourceLine {
  const Func* f;
  std::string text;
  int file, line;
};
extern std::deque<SourceLine> g_source;
uint64_t clock_now();
constexpr uint32_t kSharedSlack = 65536;  // bytes after a block's shared memory that count as "shared, out of bounds"

[[gnu::noinline]] void bad_access(Ctx& c, const Inst* in, const char* space, uint64_t a, unsigned n, bool w,
                                  const char* what);
[[gnu::noinline]] void race_report(Ctx& c, const Inst* in, bool shared, uint64_t a, unsigned n, bool w,
                                   const Cell& prev, bool prev_write, bool cross);
[[gnu::noinline]] void fatal_kernel(Ctx& c, const Inst* in, const std::string& what, LaunchResult r);
[[gnu::noinline]] bool acquired(Ctx& c);
[[gnu::noinline]] void cross_block(Ctx& c, uint32_t seq, uint16_t tid, bool was_read, bool* race, bool* cross);

// ---- registers
using u8 = uint8_t;
using s8 = int8_t;
using u16 = uint16_t;
using s16 = int16_t;
using u32 = uint32_t;
using s32 = int32_t;
using u64 = uint64_t;
using s64 = int64_t;
struct f16 {
  uint16_t bits;
};  // not _Float16, which clang 14 lacks
struct bf16 {
  uint16_t bits;
};
struct f16x2 {
  f16 lo, hi;
};
struct bf16x2 {
  bf16 lo, hi;
};
template <class T>
struct Tag {
  using type = T;
};
template <class T>
constexpr bool is_half = std::is_same_v<T, f16> || std::is_same_v<T, bf16>;
template <class T>
constexpr bool is_pair = std::is_same_v<T, f16x2> || std::is_same_v<T, bf16x2>;
template <class T>
constexpr bool is_float = std::is_floating_point_v<T> || is_half<T>;

template <class T>
inline T get(const Reg& r) {
  T v;
  memcpy(&v, &r, sizeof v);
  return v;
}
template <class T>
inline void put(Reg& r, T v) {
  if constexpr (std::is_integral_v<T>) {
    if constexpr (std::is_signed_v<T>)
      r.s = v;
    else
      r.u = v;
  } else {
    uint64_t u = 0;
    memcpy(&u, &v, sizeof v);
    r.u = u;
  }
}

// ---- handlers
#define NEXT return in + 1
#define H(name) const Inst* name([[maybe_unused]] const Inst* in, [[maybe_unused]] Reg* r, [[maybe_unused]] Ctx& c)

}  // namespace softgpu
