#include "mem.h"
#include <sys/mman.h>
#include <unistd.h>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <deque>
#include <map>
#include <mutex>
#include <set>

namespace softgpu {

uint64_t g_arena = 0;
uint8_t* g_shadow = nullptr;
CellMap g_cells;
Options g_opt;

namespace {

constexpr uint64_t kQuarantine = 1ull << 30;  // freed bytes kept unusable, so that use after free is seen
constexpr uint64_t kRedZone = 512;

struct Block {
  uint64_t span;
  Allocation a;
};
std::recursive_mutex g_memory_lock;
std::map<uint64_t, Block> g_blocks;  // by base; live and quarantined
std::deque<uint64_t> g_quarantine;
uint64_t g_quarantined = 0, g_top = 0, g_live = 0;
std::multimap<uint64_t, uint64_t> g_free;   // span -> base, ready for reuse
std::map<uint64_t, uint64_t> g_registered;  // host memory given by the program
std::set<std::string> g_seen;
std::string g_texts;  // of the reports since softgpu_take_reports, a line each
unsigned g_reports = 0;

void* reserve(uint64_t bytes) {
  void* p = mmap(nullptr, bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
  if (p == MAP_FAILED) {
    perror("softgpu: cannot reserve address space");
    _exit(98);
  }
  return p;
}

void read_options() {
  if (const char* s = getenv("SOFTGPU_CHECK")) {
    std::string c = std::string(",") + s + ",";
    auto on = [&](const char* n) { return c.find(std::string(",") + n + ",") != std::string::npos; };
    g_opt.mem = on("mem");
    g_opt.race = on("race");
    g_opt.init = on("init");
    g_opt.benign = on("benign");
  }
  const char* v = getenv("SOFTGPU_VERBOSE");
  g_opt.verbose = v && *v && *v != '0';
  if (const char* m = getenv("SOFTGPU_MAX_INSTR")) g_opt.max_instr = strtoull(m, nullptr, 0);
}

uint64_t off(uint64_t p) { return p - g_arena; }

void release_oldest() {
  while (g_quarantined > kQuarantine && !g_quarantine.empty()) {
    auto it = g_blocks.find(g_quarantine.front());
    g_quarantine.pop_front();
    g_quarantined -= it->second.span;
    g_free.emplace(it->second.span, it->first);
    g_blocks.erase(it);
  }
}

uint64_t take_span(uint64_t span, uint64_t align) {
  auto it = g_free.lower_bound(span);
  if (it != g_free.end() && it->first <= span * 2 && it->second % align == 0) {
    uint64_t b = it->second, left = it->first - span;
    g_free.erase(it);
    if (left >= 4096) g_free.emplace(left, b + span);
    return b;
  }
  uint64_t b = (g_arena + g_top + align - 1) & ~(align - 1);
  if (off(b) + span > kArenaSize - 4096) return 0;
  g_top = off(b) + span;
  return b;
}

}  // namespace

void memory_init() {
  static std::once_flag once;
  std::call_once(once, [] {
    read_options();
    g_arena = (uint64_t)reserve(kArenaSize);
    g_shadow = (uint8_t*)reserve(kArenaSize);
    g_cells.word = (Cell*)reserve(kArenaSize / 4 * sizeof(Cell));
    g_cells.byte = (Cell*)reserve(kArenaSize * sizeof(Cell));
    g_top = 4096;
  });
}

uint64_t mem_alloc(uint64_t size, MemKind kind, const std::string& name, uint64_t align) {
  memory_init();
  std::lock_guard<std::recursive_mutex> g(g_memory_lock);
  if (align < 16) align = 16;
  uint64_t red = kRedZone + (size / 16 < 65536 ? size / 16 : 65536);  // long strides need a long red zone
  uint64_t span = (size + red + 511) & ~511ull;
  if (size > kArenaSize / 2) return 0;
  uint64_t b = take_span(span, align < 512 ? 512 : align);
  if (!b) return 0;
  Block blk;
  blk.span = span;
  blk.a.base = b;
  blk.a.size = size;
  blk.a.kind = kind;
  blk.a.name = name;
  g_blocks[b] = blk;
  g_live += size;
  bool ready = kind == MemKind::Host || kind == MemKind::Symbol;  // the host or the loader fills these
  memset(g_shadow + off(b), kAllocated | (ready ? kInitialised : 0), size);
  memset(g_shadow + off(b) + size, 0, span - size);
  return b;
}

bool mem_free(uint64_t p) {
  std::lock_guard<std::recursive_mutex> g(g_memory_lock);
  auto it = g_blocks.find(p);
  if (it == g_blocks.end() || it->second.a.freed) return false;
  Block& b = it->second;
  b.a.freed = true;
  g_live -= b.a.size;
  memset(g_shadow + off(p), 0, b.span);
  if (b.span >= 1 << 20) {  // give the pages back; the address stays quarantined
    uint64_t lo = (p + 4095) & ~4095ull, hi = (p + b.span) & ~4095ull;
    madvise((void*)lo, hi - lo, MADV_DONTNEED);
  }
  g_quarantine.push_back(p);
  g_quarantined += b.span;
  release_oldest();
  return true;
}

bool mem_find(uint64_t p, Allocation* out, bool* inside) {
  std::lock_guard<std::recursive_mutex> g(g_memory_lock);
  *inside = false;
  for (auto& [b, n] : g_registered)
    if (p >= b && p < b + n) {
      *out = Allocation{b, n, MemKind::Registered, false, ""};
      *inside = true;
      return true;
    }
  if (g_blocks.empty() || !in_arena(p)) return false;
  auto it = g_blocks.upper_bound(p);
  const Block* best = nullptr;
  if (it != g_blocks.begin()) best = &std::prev(it)->second;
  if (best && p < best->a.base + best->a.size && !best->a.freed) {
    *out = best->a;
    *inside = true;
    return true;
  }
  if (best && p < best->a.base + best->a.size) {
    *out = best->a;
    return true;
  }  // inside a freed one
  // before the next allocation, rather than after the previous one?
  if (it != g_blocks.end() && (!best || it->first - p < p - (best->a.base + best->a.size))) best = &it->second;
  if (!best) return false;
  *out = best->a;
  return true;
}

void mem_register(uint64_t p, uint64_t size) {
  std::lock_guard<std::recursive_mutex> g(g_memory_lock);
  g_registered[p] = size;
}
bool mem_unregister(uint64_t p) {
  std::lock_guard<std::recursive_mutex> g(g_memory_lock);
  return g_registered.erase(p);
}
bool mem_registered(uint64_t p, uint64_t size) {
  std::lock_guard<std::recursive_mutex> g(g_memory_lock);
  auto it = g_registered.upper_bound(p);
  if (it == g_registered.begin()) return false;
  --it;
  return p >= it->first && p + size <= it->first + it->second;
}

bool mem_range_ok(uint64_t p, uint64_t size) {
  if (!in_arena(p) || !size) return true;
  Allocation a;
  bool inside;
  return mem_find(p, &a, &inside) && inside && p + size <= a.base + a.size;
}

void mem_mark_init(uint64_t p, uint64_t size) {
  if (!in_arena(p) || !mem_range_ok(p, size)) return;
  uint8_t* s = g_shadow + off(p);
  for (uint64_t i = 0; i < size; i++) s[i] |= kInitialised;
}

void mem_copy_init(uint64_t dst, uint64_t src, uint64_t size) {
  if (!in_arena(src)) return mem_mark_init(dst, size);
  if (!in_arena(dst) || !mem_range_ok(dst, size) || !mem_range_ok(src, size)) return;
  for (uint64_t i = 0; i < size; i++) {
    uint8_t& d = g_shadow[off(dst) + i];
    d = (d & ~kInitialised) | (g_shadow[off(src) + i] & kInitialised);
  }
}

uint64_t mem_in_use() { return g_live; }

bool cells_create(CellMap& m, uint64_t bytes) {
  bytes = (bytes + 15) & ~15ull;
  m.word = (Cell*)calloc(bytes / 4 + 4, sizeof(Cell));
  m.byte = (Cell*)calloc(bytes + 16, sizeof(Cell));
  return m.word && m.byte;
}
void cells_destroy(CellMap& m, uint64_t) {
  free(m.word);
  free(m.byte);
  m = CellMap();
}

void cells_forget() {
  uint64_t n = (g_top + 4095) & ~4095ull;
  madvise(g_cells.word, n / 4 * sizeof(Cell), MADV_DONTNEED);
  madvise(g_cells.byte, n * sizeof(Cell), MADV_DONTNEED);
}

unsigned report_count() { return g_reports; }

namespace {
// The exit code is forced from the last destructor-like hook; _exit skips nothing that matters
// by then, because handlers registered before ours have still to run only for the C library.
void exit_hook() {
  const char* e = getenv("SOFTGPU_EXIT");
  fprintf(stderr, "softgpu: %u report(s)\n", g_reports);
  if (e && *e == '0') return;
  fflush(nullptr);
  _exit(97);
}
}  // namespace

void report(const std::string& key, const std::string& text) {
  std::lock_guard<std::recursive_mutex> g(g_memory_lock);
  if (!g_seen.insert(key).second) return;
  if (!g_reports++) atexit(exit_hook);
  fprintf(stderr, "softgpu: %s\n", text.c_str());
  fflush(stderr);
  g_texts += text + "\n";
}

}  // namespace softgpu

extern "C" const char* softgpu_take_reports() {
  using namespace softgpu;
  std::lock_guard<std::recursive_mutex> g(g_memory_lock);
  static std::string taken;
  taken.swap(g_texts);
  g_texts.clear();
  g_seen.clear();
  return taken.c_str();
}
