#include "interp.h"
#include <cxxabi.h>
#include <unistd.h>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <mutex>
#include "decode.h"

namespace softgpu {

u32 g_seq = 1;
std::deque<SourceLine> g_source;
static u64 g_instructions = 0;
// Instructions before another thread and another block get their turn, should this one be spinning.
// In a cooperative launch blocks wait for each other as a rule.
constexpr u64 kThreadSlice = 1 << 18, kBlockSlice = 1ull << 27;
constexpr u64 kCoopThreadSlice = 1 << 12, kCoopBlockSlice = 1 << 15;
constexpr size_t kMaxResident = 128;

u64 clock_now() { return (u64)std::chrono::steady_clock::now().time_since_epoch().count(); }
u64 instructions_run() { return g_instructions; }

// ---- messages ----------------------------------------------------------------------------------------
static string demangle(const string& n) {
  int st;
  char* d = abi::__cxa_demangle(n.c_str(), nullptr, nullptr, &st);
  if (st) return n;
  string s = d;
  free(d);
  return s;
}
static string dim(u32 x, u32 y, u32 z) {
  return "(" + std::to_string(x) + "," + std::to_string(y) + "," + std::to_string(z) + ")";
}
static string thread_name(const Launch& l, u32 tid) {
  const Dim& b = l.cfg.block;
  return dim(tid % b.x, tid / b.x % b.y, tid / (b.x * b.y));
}
static string block_name(const Launch& l, u32 i) {
  const Dim& g = l.cfg.grid;
  return dim(i % g.x, i / g.x % g.y, i / (g.x * g.y));
}
static string place(u32 id) {
  const SourceLine& s = g_source[id];
  string r = "`" + s.text + "`";
  if (s.line && s.f->module) r += " (" + s.f->module->file_name(s.file) + ":" + std::to_string(s.line) + ")";
  return r;
}
static string who(const Ctx& c) {
  return "kernel " + c.l->k->display + ", block " + block_name(*c.l, c.b->index) + ", thread " +
         thread_name(*c.l, c.t->tid);
}
static string hex(u64 v) {
  char b[32];
  snprintf(b, sizeof b, "0x%llx", (unsigned long long)v);
  return b;
}

static string nearest(u64 a) {
  Allocation n;
  bool inside;
  if (!mem_find(a, &n, &inside)) return "no allocation is near";
  static const char* kinds[] = {"device", "pinned host", "managed", "variable", "registered host"};
  string what = string(kinds[(int)n.kind]) + (n.name.empty() ? " allocation" : " " + n.name) + " of " +
                std::to_string(n.size) + " bytes at " + hex(n.base);
  if (inside) return "inside the " + what + ", offset " + std::to_string(a - n.base) + " (it runs over the end)";
  if (n.freed && a >= n.base && a < n.base + n.size)
    return "inside the freed " + what + ", offset " + std::to_string(a - n.base) + " (use after free)";
  if (a >= n.base + n.size)
    return std::to_string(a - n.base - n.size) + " bytes past the end of the " + (n.freed ? "freed " : "") + what;
  return std::to_string(n.base - a) + " bytes before the " + what;
}

void bad_access(Ctx& c, const Inst* in, const char* space, u64 a, unsigned n, bool w, const char* what) {
  string s = string(what) + ": " + space + (w ? " write" : " read") + " of " + std::to_string(n) + " bytes at " +
             hex(a) + " by " + who(c) + ", ";
  if (space[0] == 'g') {
    Allocation al;
    bool inside;
    if (what[0] == 'm' || what[0] == 'u')
      s += mem_find(a, &al, &inside) && inside
               ? "offset " + std::to_string(a - al.base) + " of " + std::to_string(al.size)
               : "";
    else
      s += nearest(a);
  } else if (space[0] == 's')
    s += "the block has " + std::to_string(c.l->shared) + " bytes of shared memory";
  else
    s += "the thread has " + std::to_string(c.l->stack_bytes) + " bytes of stack";
  report(string(what) + std::to_string(in->id) + space, s + ", at " + place(in->id));
}

bool global_slow(Ctx& c, const Inst* in, u64 a, unsigned n, bool w) {
  if (!c.mem) return true;
  if (!in_arena(a)) {
    if (mem_registered(a, n)) return true;
    bad_access(c, in, "global", a, n, w, a < 65536 ? "out of bounds (null pointer?)" : "out of bounds");
    return false;
  }
  if (w && (g_shadow[a - g_arena] & kReadOnly))
    bad_access(c, in, "global", a, n, w, "write to constant memory");
  else
    bad_access(c, in, "global", a, n, w, "out of bounds");
  return false;
}

// ---- race detector, uncommon paths -----------------------------------------------------------------------
static u32 block_of(const Launch& l, u32 seq) {
  auto it = std::upper_bound(l.segments.begin(), l.segments.end(), seq,
                             [](u32 s, const std::pair<u32, u32>& p) { return s < p.first; });
  return it == l.segments.begin() ? 0 : std::prev(it)->second;
}

// Has this thread seen another block's release? Any strong access before (its own, or its block's before
// the last barrier) counts: which value it read is not tracked.
bool acquired(Ctx& c) {
  u32 b = c.b->strong_seq;
  return c.t->strong_seq || (b && (b < c.b->epoch_seq || b < c.b->warps[c.t->tid >> 5].full_sync));
}

void cross_block(Ctx& c, u32 seq, u16 tid, bool was_read, bool* race, bool* cross) {
  u32 blk = block_of(*c.l, seq);
  if (blk == c.b->index) {  // an earlier time slice of this same block
    *cross = false;
    *race = tid != c.t->tid && seq >= c.b->epoch_seq &&
            !(tid >> 5 == c.t->tid >> 5 && seq < c.b->warps[tid >> 5].full_sync);
    return;
  }
  *cross = true;
  const BlockSync& s = c.l->sync[blk];
  bool released = was_read ? s.read_seq && ((tid == s.read_tid && seq <= s.read_seq) || seq < s.read_epoch)
                           : s.rel_seq && ((tid == s.rel_tid && seq < s.rel_seq) || seq < s.rel_epoch);
  *race = !(released && acquired(c));
}

void race_report(Ctx& c, const Inst* in, bool shared, u64 a, unsigned n, bool w, const Cell& prev, bool prev_write,
                 bool cross) {
  u32 pc = prev_write ? prev.wpc : prev.rpc, seq = prev_write ? prev.wseq : prev.rseq,
      tid = prev_write ? prev.wtid : prev.rtid;
  if (!prev_write && tid == c.t->tid && !cross && (prev.rflags & kManyThreads)) tid = prev.rtid2, pc = prev.rpc2;
  string key =
      "race" + std::to_string(std::min(pc, in->id)) + "," + std::to_string(std::max(pc, in->id)) + (cross ? "x" : "");
  string s = string("race on ") + (shared ? "shared" : "global") + " memory" +
             (cross ? " between blocks" : " inside a block") + ": " + (w ? "write" : "read") + " of " +
             std::to_string(n) + " bytes at " + hex(a) + " by " + who(c) + ", at " + place(in->id) + "; earlier " +
             (prev_write ? "write" : "read") + " by block " +
             block_name(*c.l, shared ? c.b->index : block_of(*c.l, seq)) + ", thread " + thread_name(*c.l, tid) +
             ", at " + place(pc);
  if (!shared) s += "; " + nearest(a).substr(0, nearest(a).find(" (it runs"));
  report(key, s);
}

void fatal_kernel(Ctx& c, const Inst* in, const string& what, LaunchResult res) {
  fprintf(stderr, "softgpu: %s in %s, at %s\n", what.c_str(), who(c).c_str(), place(in->id).c_str());
  c.l->result = res;
  c.stop = true;
}

// Where cooperative groups keep the barrier of the whole grid; kernels find it through %envreg1 and 2.
static u64 grid_workspace() {
  static const u64 a = mem_alloc(64, MemKind::Symbol, "(grid workspace)");
  memset((void*)a, 0, 64);
  return a;
}

// ---- calls ------------------------------------------------------------------------------------------------
static u64 special_value(Special s, s64 add, Reg* r, const Ctx& c) {
  const Launch& l = *c.l;
  const Thread& t = *c.t;
  u32 lane = t.tid & 31;
  switch (s) {
    case TidX:
      return t.tx;
    case TidY:
      return t.ty;
    case TidZ:
      return t.tz;
    case NtidX:
      return l.cfg.block.x;
    case NtidY:
      return l.cfg.block.y;
    case NtidZ:
      return l.cfg.block.z;
    case CtaX:
      return c.b->id.x;
    case CtaY:
      return c.b->id.y;
    case CtaZ:
      return c.b->id.z;
    case NctaX:
      return l.cfg.grid.x;
    case NctaY:
      return l.cfg.grid.y;
    case NctaZ:
      return l.cfg.grid.z;
    case LaneId:
      return lane;
    case WarpId:
      return t.tid >> 5;
    case NWarpId:
      return (l.threads + 31) / 32;
    case SmId:
      return c.b->index % 16;
    case NSmId:
      return 16;
    case GridId:
      return l.seq0;
    case MaskEq:
      return 1u << lane;
    case MaskLt:
      return (1u << lane) - 1;
    case MaskLe:
      return (2u << lane) - 1;
    case MaskGt:
      return ~((2u << lane) - 1);
    case MaskGe:
      return ~((1u << lane) - 1);
    case DynSize:
      return l.cfg.dyn_shared;
    case TotalShared:
      return l.shared;
    case DynBase:
      return l.shared - l.cfg.dyn_shared + add;
    case Zero:
      return 0;
    case One:
      return 1;
    case EnvHigh:
      return l.workspace >> 32;
    case EnvLow:
      return (u32)l.workspace;
    case FrameByte:
      return (u64)r + add;
  }
  return 0;
}

static void enter(const Func& f, Reg* r, const Ctx& c) {
  memcpy(r + f.const_base, f.consts.data(), f.consts.size() * 8);
  for (const SpecialSlot& s : f.specials) r[s.slot].u = special_value(s.what, s.add, r, c);
}

static void builtin_printf(const char* fmt, const u8* args) {
  string out;
  size_t off = 0;
  auto take = [&](size_t n) {
    off = (off + n - 1) & ~(n - 1);
    const u8* p = args + off;
    off += n;
    return p;
  };
  for (const char* p = fmt; *p;) {
    if (*p != '%') {
      out += *p++;
      continue;
    }
    if (p[1] == '%') {
      out += '%';
      p += 2;
      continue;
    }
    string spec = "%";
    p++;
    int longs = 0;
    while (*p && strchr("-+ #0123456789.*", *p)) {
      if (*p == '*') {
        int v;
        memcpy(&v, take(4), 4);
        spec += std::to_string(v);
      } else
        spec += *p;
      p++;
    }
    while (*p && strchr("hlLqjzt", *p)) {
      if (strchr("lqjzt", *p)) longs += *p == 'l' || *p == 'j' || *p == 'z' || *p == 't' ? 1 : 2;
      p++;
    }
    char conv = *p ? *p++ : 0, buf[512];
    if (strchr("diouxXc", conv)) {
      if (longs) {
        s64 v;
        memcpy(&v, take(8), 8);
        spec += "ll";
        spec += conv;
        snprintf(buf, sizeof buf, spec.c_str(), v);
      } else {
        int v;
        memcpy(&v, take(4), 4);
        spec += conv;
        snprintf(buf, sizeof buf, spec.c_str(), v);
      }
      out += buf;
    } else if (conv && strchr("eEfFgGaA", conv)) {
      double v;
      memcpy(&v, take(8), 8);
      spec += conv;
      snprintf(buf, sizeof buf, spec.c_str(), v);
      out += buf;
    } else if (conv == 's') {
      const char* v;
      memcpy(&v, take(8), 8);
      out += v ? v : "(null)";
    } else if (conv == 'p') {
      void* v;
      memcpy(&v, take(8), 8);
      snprintf(buf, sizeof buf, "%p", v);
      out += buf;
    }
  }
  fwrite(out.data(), 1, out.size(), stdout);
  fflush(stdout);
}

static const Inst* call_builtin(const CallData& d, const Inst* in, Reg* r, Ctx& c) {
  auto arg64 = [&](int i) {
    u64 v;
    memcpy(&v, (u8*)r + d.args[i], 8);
    return v;
  };
  if (d.builtin == "vprintf") {
    builtin_printf((const char*)arg64(0), (const u8*)arg64(1));
    u32 n = 0;
    if (d.ret) memcpy((u8*)r + d.ret, &n, 4);
    return in + 1;
  }
  if (d.builtin == "malloc") {
    u64 p = mem_alloc(arg64(0), MemKind::Device, "(device malloc)");
    memcpy((u8*)r + d.ret, &p, 8);
    return in + 1;
  }
  if (d.builtin == "free") {
    if (arg64(0)) mem_free(arg64(0));
    return in + 1;
  }
  // __assertfail(expr, file, line, function, char size)
  fprintf(stderr, "%s:%u: %s: block: [%u,%u,%u], thread: [%u,%u,%u] Assertion `%s` failed.\n", (const char*)arg64(1),
          (u32)arg64(2), (const char*)arg64(3), c.b->id.x, c.b->id.y, c.b->id.z, c.t->tx, c.t->ty, c.t->tz,
          (const char*)arg64(0));
  c.l->result = LaunchResult::Assert;
  c.stop = true;
  return nullptr;
}

const Inst* op_call(const Inst* in, Reg* r, Ctx& c) {
  const CallData& d = *(const CallData*)in->p;
  if (!d.builtin.empty()) return call_builtin(d, in, r, c);
  const Func* f = d.target ? d.target : (const Func*)r[in->a].u;
  const Func* self = g_source[in->id].f;
  Reg* n = (Reg*)((u8*)r + self->frame_bytes);
  if (!f || (u64)n + f->frame_bytes > c.stack_base + c.l->stack_bytes) {
    fatal_kernel(c, in, f ? "stack overflow" : "call through a null pointer", LaunchResult::Trap);
    return nullptr;
  }
  if (f->code.empty()) {
    fprintf(stderr, "softgpu: call of %s, which has no body, in kernel %s\n", f->name.c_str(), c.l->k->display.c_str());
    exit(96);
  }
  enter(*f, n, c);
  for (size_t i = 0; i < d.args.size() && i < f->params.size(); i++)
    memcpy((u8*)n + f->params[i].off, (u8*)r + d.args[i], f->params[i].size);
  n[kSlotRet].p = (void*)(in + 1);
  n[kSlotCaller].p = r;
  n[kSlotCall].p = (void*)in;
  c.r = n;
  return f->code.data();
}

const Inst* op_ret(const Inst* in, Reg* r, Ctx& c) {
  Reg* up = (Reg*)r[kSlotCaller].p;
  if (!up) return op_exit(in, r, c);
  const Inst* call = (const Inst*)r[kSlotCall].p;
  const CallData& d = *(const CallData*)call->p;
  const Func* self = g_source[in->id].f;
  if (d.ret && !self->rets.empty()) memcpy((u8*)up + d.ret, (u8*)r + self->rets[0].off, self->rets[0].size);
  c.r = up;
  return (const Inst*)r[kSlotRet].p;
}

const Inst* op_unknown(const Inst* in, Reg*, Ctx& c) {
  fprintf(stderr, "softgpu: unknown PTX instruction: %s in kernel %s\n", g_source[in->id].text.c_str(),
          c.l->k->display.c_str());
  fflush(nullptr);
  _exit(96);
}

// ---- modules -------------------------------------------------------------------------------------------------
string Module::file_name(int i) const {
  auto it = ast->files.find(i);
  return it == ast->files.end() ? "?" : it->second;
}

Module::~Module() {
  for (auto& [n, s] : syms)
    if (s.space != ptx::Space::Shared) mem_free(s.addr);
}

void Module::place_variables() {
  for (const ptx::Var& v : ast->vars) {
    if (v.space == ptx::Space::Shared) {
      u32 al = std::max(v.align, 1u);
      if (v.is_extern && !v.size) {
        dyn_align = std::max(dyn_align, al);
        syms[v.name] = {0, 0, v.space, al};
        continue;
      }
      module_shared = (module_shared + al - 1) & ~(al - 1);
      syms[v.name] = {module_shared, v.size, v.space, al};
      module_shared += (u32)v.size;
    } else if (!(v.is_extern && syms.count(v.name))) {
      u64 a = mem_alloc(std::max<u64>(v.size, 1), MemKind::Symbol, v.name);
      memset((void*)a, 0, v.size);
      syms[v.name] = {a, v.size, v.space, v.align};
    }
  }
}

void Module::fill_variables() {
  for (const ptx::Var& v : ast->vars) {
    if (v.space == ptx::Space::Shared) continue;
    u8* p = (u8*)syms[v.name].addr;
    for (size_t i = 0; i < v.init.size() && (i + 1) * v.elem <= v.size; i++) {
      u64 bits = v.init[i].bits;
      if (v.init[i].is_sym) {
        auto s = syms.find(v.init[i].sym);
        auto fn = funcs.find(v.init[i].sym);
        if (s != syms.end())
          bits = s->second.addr + v.init[i].add;
        else if (fn != funcs.end())
          bits = (u64)fn->second.get();
        else
          fprintf(stderr, "softgpu: initialiser of %s: no symbol %s\n", v.name.c_str(), v.init[i].sym.c_str());
      }
      memcpy(p + i * v.elem, &bits, std::min<u32>(v.elem, 8));
    }
    if (v.space == ptx::Space::Const && g_opt.mem)
      memset(g_shadow + ((u64)p - g_arena), kAllocated | kInitialised | kReadOnly, v.size);
  }
}

static void decode(Module& m, Func& f) {
  try {
    Decoder(m, *f.ast, f).run();
  } catch (const std::exception& e) {
    fprintf(stderr, "softgpu: cannot decode %s: %s\n", f.display.c_str(), e.what());
    _exit(96);
  }
  f.decoded = true;
}

std::unique_ptr<Module> Module::load(const string& text, string& error) {
  memory_init();
  auto m = std::make_unique<Module>();
  m->ast = ptx::parse(text, error);
  if (!m->ast) return nullptr;
  for (auto& f : m->ast->funcs) {
    auto& slot = m->funcs[f->name];
    if (slot && (slot->ast->has_body || !f->has_body)) continue;
    if (!f->has_body && f->params.size() &&
        (f->name == "vprintf" || f->name == "__assertfail" || f->name == "malloc" || f->name == "free")) {
      m->funcs.erase(f->name);
      continue;
    }
    slot = std::make_unique<Func>();
    slot->name = f->name;
    slot->display = demangle(f->name);
    slot->entry = f->entry;
    slot->ast = f.get();
    slot->module = m.get();
    if (f->max_threads) slot->max_threads = f->max_threads;
  }
  m->place_variables();
  if (text.find("%reserved_smem_offset_1") != string::npos) {
    m->reserved_shared = (m->module_shared + 15) & ~15u;
    m->module_shared = m->reserved_shared + 1024;
  }
  m->fill_variables();
  for (auto& [n, f] : m->funcs)
    if (!f->entry && f->ast->has_body) decode(*m, *f);
  return m;
}

Func* Module::kernel(const string& name) {
  auto it = funcs.find(name);
  if (it == funcs.end() || !it->second->entry) return nullptr;
  Func& f = *it->second;
  if (!f.decoded) {
    decode(*this, f);
    f.static_shared += kernel_shared_base();
    f.dyn_align = dyn_align;
  }
  return &f;
}

bool Module::symbol(const string& name, u64* addr, u64* size) const {
  auto it = syms.find(name);
  if (it == syms.end()) return false;
  *addr = it->second.addr;
  *size = it->second.size;
  return true;
}

// Deepest chain of frames; 0 when it cannot be known (recursion, function pointers).
static u64 stack_depth(const Func& f, std::vector<const Func*>& path) {
  if (f.indirect || std::find(path.begin(), path.end(), &f) != path.end()) return 0;
  path.push_back(&f);
  u64 deep = 0;
  for (const Func* g : f.callees) {
    u64 d = stack_depth(*g, path);
    if (!d) {
      path.pop_back();
      return 0;
    }
    deep = std::max(deep, d);
  }
  path.pop_back();
  return f.frame_bytes + deep;
}

// ---- warp-wide instructions -------------------------------------------------------------------------------------
struct Scheduler {
  Launch& l;
  Ctx c;
  u64 total = 0;  // instructions of this launch
  const u64 thread_slice, block_slice;
  explicit Scheduler(Launch& launch)
      : l(launch),
        thread_slice(launch.cfg.cooperative ? kCoopThreadSlice : kThreadSlice),
        block_slice(launch.cfg.cooperative ? kCoopBlockSlice : kBlockSlice) {
    c.l = &l;
    c.mem = g_opt.mem;
    c.race = g_opt.race;
    c.init = g_opt.init;
    c.benign = g_opt.benign;
  }

  void start_block(BlockState& b, u32 index, void* const* args) {
    const Func& k = *l.k;
    b.index = index;
    const Dim& g = l.cfg.grid;
    b.id = {index % g.x, index / g.x % g.y, index / (g.x * g.y)};
    b.threads.assign(l.threads, Thread());
    b.warps.assign((l.threads + 31) / 32, Warp());
    b.shared.resize(l.shared + kSharedSlack);
    if (g_opt.init) memset(b.shared.data(), 0xff, l.shared);
    b.stacks.resize(l.threads * l.stack_bytes + 16);
    std::fill(std::begin(b.arrived), std::end(b.arrived), 0);
    b.start_seq = b.epoch_seq = ++g_seq;
    b.strong_seq = 0;
    if (c.race && b.cell_bytes < l.shared) {
      cells_destroy(b.cells, b.cell_bytes);
      cells_create(b.cells, l.shared);
      b.cell_bytes = l.shared;
    }
    c.b = &b;
    u8* stack = (u8*)(((u64)b.stacks.data() + 15) & ~15ull);
    for (u32 i = 0; i < l.threads; i++) {
      Thread& t = b.threads[i];
      t.tid = (u16)i;
      t.tx = i % l.cfg.block.x;
      t.ty = i / l.cfg.block.x % l.cfg.block.y;
      t.tz = i / (l.cfg.block.x * l.cfg.block.y);
      t.stack = stack + i * l.stack_bytes;
      t.r = (Reg*)t.stack;
      t.pc = k.code.data();
      c.t = &t;
      t.r[kSlotCC].u = 0;
      t.r[kSlotCaller].p = nullptr;
      enter(k, t.r, c);
      for (size_t p = 0; p < k.params.size(); p++) memcpy((u8*)t.r + k.params[p].off, args[p], k.params[p].size);
    }
  }

  void resume(BlockState& b) {
    b.seg_seq = ++g_seq;
    if (c.race) l.segments.push_back({b.seg_seq, b.index});
    c.b = &b;
    c.shared_base = (u64)b.shared.data();
  }

  u64 run_thread(Thread& t) {
    c.t = &t;
    c.r = t.r;
    c.stack_base = (u64)t.stack;
    const Inst* pc = t.pc;
    u64 n = thread_slice;
    do {
      pc = pc->fn(pc, c.r, c);
    } while (pc && --n);
    if (pc) t.pc = pc;
    t.r = c.r;
    return thread_slice - n + (pc == nullptr);
  }

  enum Outcome { Done, Slice, Stuck };

  Outcome run_block(BlockState& b) {
    u64 used = 0;
    for (;;) {
      bool ran = false;
      for (size_t w = 0; w < b.warps.size(); w++) {
        u64 n = run_warp(b, w);
        if (c.stop) return Done;
        used += n;
        ran |= n != 0;
      }
      bool alive = false;
      for (auto& t : b.threads) alive |= t.state != State::Exit;
      if (!alive) {
        total += used;
        return Done;
      }
      if (release_barriers(b)) continue;
      if (!ran) return Stuck;
      if (g_opt.max_instr && total + used > g_opt.max_instr) {
        l.result = LaunchResult::InstrLimit;
        c.stop = true;
        return Done;
      }
      if (used > block_slice) {
        total += used;
        return Slice;
      }
    }
  }
  u64 run_warp(BlockState& b, size_t w) {
    u64 used = 0;
    Thread* lanes = &b.threads[w * 32];
    const u32 n = std::min<u32>(32, l.threads - (u32)w * 32);
    for (;;) {
      bool slice = false;
      for (u32 i = 0; i < n; i++) {
        if (lanes[i].state != State::Run) continue;
        u64 k = run_thread(lanes[i]);
        used += k;
        if (c.stop) {
          g_instructions += used;
          return used;
        }
        slice |= lanes[i].state == State::Run;
      }
      if (!resolve_warp(b, w, lanes, n, slice)) break;
      if (slice) break;
    }
    g_instructions += used;
    return used;
  }

  // Performs every warp instruction all of whose members have arrived.
  bool resolve_warp(BlockState& b, size_t w, Thread* t, u32 n, bool running) {
    u32 alive = 0, wait = 0;
    for (u32 i = 0; i < n; i++) {
      if (t[i].state != State::Exit) alive |= 1u << i;
      if (t[i].state == State::Warp) wait |= 1u << i;
    }
    if (!wait) return false;
    bool any = false;
    for (u32 i = 0; i < n; i++) {
      if (!(wait >> i & 1) || t[i].pc->aux == WActive) continue;
      if (!(t[i].mask >> i & 1)) {
        c.t = &t[i];
        report("mask" + std::to_string(t[i].pc->id),
               "a thread outside its own membermask " + hex(t[i].mask) + ": " + who(c) + ", at " + place(t[i].pc->id));
        t[i].mask |= 1u << i;
      }
      u32 need = t[i].mask & alive;
      if (need & ~wait) continue;
      bool same = true;
      for (u32 j = 0; j < n; j++)
        if (need >> j & 1) same &= t[j].pc->aux == t[i].pc->aux && (t[j].mask & alive) == need;
      if (!same) continue;
      perform(t, need);
      if (t[i].pc[-1].aux == WSync) ordered(b, w, t, need, need == alive);
      wait &= ~need;
      any = true;
    }
    if (any || running) return any;
    for (u32 i = 0; i < n; i++) {  // nobody else can come: those at one activemask are converged
      if (!(wait >> i & 1) || t[i].pc->aux != WActive) continue;
      u32 group = 0;
      for (u32 j = 0; j < n; j++)
        if ((wait >> j & 1) && t[j].pc == t[i].pc) group |= 1u << j;
      perform(t, group);
      return true;
    }
    return false;
  }

  void ordered(BlockState& b, size_t w, Thread* t, u32 members, bool all) {
    if (!c.race) return;
    ++g_seq;
    if (all) b.warps[w].full_sync = g_seq;
    for (u32 j = 0; j < 32; j++)
      if (members >> j & 1) {
        t[j].sync_seq = g_seq;
        t[j].sync_mask = members;
      }
  }

  static u32 shuffle_source(u32 op, u32 lane, u32 b, u32 cl, bool* valid) {
    const u32 seg = cl >> 8 & 31, bv = b & 31, cv = cl & 31;
    const s32 lo = lane & seg, hi = (lane & seg) | (cv & ~seg & 31);
    s32 j = op == WShflUp     ? (s32)lane - (s32)bv
            : op == WShflDown ? (s32)(lane + bv)
            : op == WShflBfly ? (s32)(lane ^ bv)
                              : (s32)(lo | (bv & ~seg & 31));
    *valid = op == WShflUp ? j >= hi : j <= hi;
    return *valid ? (u32)j : lane;
  }

  void perform(Thread* t, u32 members) {
    const u32 first = std::countr_zero(members);
    const u32 op = t[first].pc->aux;
    u64 val[32] = {}, res[32] = {};
    bool pred[32] = {};
    auto each = [&](auto f) {
      for (u32 m = members; m; m &= m - 1) f((u32)std::countr_zero(m));
    };
    if (op != WSync && op != WActive) each([&](u32 i) { val[i] = t[i].r[t[i].pc->a].u; });
    if (op <= WShflIdx)
      each([&](u32 i) {
        const s32* e = (const s32*)t[i].pc->p;
        u32 j = shuffle_source(op, i, get<u32>(t[i].r[t[i].pc->b]), get<u32>(t[i].r[e[1]]), &pred[i]);
        res[i] = members >> j & 1 ? (u32)val[j] : (u32)val[i];
      });
    else if (op <= WBallot) {
      u32 bal = 0;
      each([&](u32 i) { bal |= (u32)(val[i] & 1) << i; });
      u64 v = op == WBallot ? bal : op == WAll ? bal == members : op == WAny ? bal != 0 : bal == 0 || bal == members;
      each([&](u32 i) { res[i] = v; });
    } else if (op <= WMatchAll64) {
      const bool wide = op == WMatchAny64 || op == WMatchAll64;
      if (!wide) each([&](u32 i) { val[i] = (u32)val[i]; });
      bool all = true;
      each([&](u32 i) {
        u32 m = 0;
        each([&](u32 j) { m |= (u32)(val[j] == val[i]) << j; });
        res[i] = m;
        all &= m == members;
      });
      if (op >= WMatchAll32)
        each([&](u32 i) {
          res[i] = all ? members : 0;
          pred[i] = all;
        });
    } else if (op < WSync) {
      u32 acc = (u32)val[first];
      for (u32 m = members & (members - 1); m; m &= m - 1) {
        u32 v = (u32)val[std::countr_zero(m)];
        switch (op) {
          case WAddU:
            acc += v;
            break;
          case WMinU:
            acc = std::min(acc, v);
            break;
          case WMaxU:
            acc = std::max(acc, v);
            break;
          case WMinS:
            acc = (u32)std::min((s32)acc, (s32)v);
            break;
          case WMaxS:
            acc = (u32)std::max((s32)acc, (s32)v);
            break;
          case WAnd:
            acc &= v;
            break;
          case WOr:
            acc |= v;
            break;
          default:
            acc ^= v;
        }
      }
      each([&](u32 i) { res[i] = acc; });
    } else if (op == WActive)
      each([&](u32 i) { res[i] = members; });
    each([&](u32 i) {
      const Inst* in = t[i].pc;
      if (op != WSync) t[i].r[in->d].u = res[i];
      if (in->p) t[i].r[((const s32*)in->p)[0]].u = pred[i];
      t[i].pc = in + 1;
      t[i].state = State::Run;
    });
  }

  // ---- block barriers --------------------------------------------------------------------------------------------
  // Threads at barrier id, counted as the hardware does: whole warps once all their live threads wait there.
  u32 arrivals(BlockState& b, u32 id, u32* live) {
    u32 count = 0;
    *live = 0;
    for (size_t w = 0; w < b.warps.size(); w++) {
      u32 here = 0, alive = 0;
      for (u32 i = (u32)w * 32; i < std::min<u32>(l.threads, (u32)w * 32 + 32); i++) {
        alive += b.threads[i].state != State::Exit;
        here += b.threads[i].state == State::Barrier && b.threads[i].bar_id == id;
      }
      *live += alive ? 32 : 0;
      if (alive && here == alive) count += 32;
    }
    return count;
  }

  bool release_barriers(BlockState& b) {
    bool any = false;
    const Thread* waiting[16] = {};
    for (auto& t : b.threads)
      if (t.state == State::Barrier && !waiting[t.bar_id]) waiting[t.bar_id] = &t;
    for (u32 id = 0; id < 16; id++) {
      const Thread* first = waiting[id];
      if (!first) continue;
      u32 live, n = arrivals(b, id, &live) + (b.arrived[id] + 31) / 32 * 32;
      if (n < (first->bar_count ? (first->bar_count + 31) / 32 * 32 : live)) continue;
      release(b, id);
      any = true;
    }
    return any;
  }

  void release(BlockState& b, u32 id) {
    u32 pop = 0, total = 0;
    const Inst* at = nullptr;
    for (auto& t : b.threads)
      if (t.state == State::Barrier && t.bar_id == id) {
        total++;
        if (t.pc->aux) pop += t.r[t.pc->c].u & 1;
        const Thread* before = t.tid % 32 ? &t - 1 : nullptr;
        if (before && before->state == State::Barrier && before->bar_id == id && before->pc != t.pc && g_opt.mem) {
          c.t = &t;
          report("bardiv" + std::to_string(t.pc->id), "threads of one warp meet at different barriers: " + who(c) +
                                                          ", at " + place(t.pc->id) + " and " + place(at->id));
        }
        at = t.pc;
      }
    b.arrived[id] = 0;
    for (auto& t : b.threads)
      if (t.state == State::Barrier && t.bar_id == id) {
        if (t.pc->aux) t.r[t.pc->d].u = t.pc->aux == 1 ? pop : t.pc->aux == 2 ? pop == total : pop != 0;
        t.pc++;
        t.state = State::Run;
      }
    b.epoch_seq = ++g_seq;
  }

  void deadlock(BlockState& b) {
    string s = "deadlock: no thread of the block can go on;";
    for (auto& t : b.threads)
      if (t.state == State::Warp || t.state == State::Barrier) {
        c.t = &t;
        c.b = &b;
        s +=
            " " + who(c) + " waits at " + place(t.pc->id) + (t.state == State::Warp ? " for lanes " + hex(t.mask) : "");
        break;
      }
    report("deadlock" + l.k->name, s);
    l.result = LaunchResult::Deadlock;
  }

  void run(void* const* args) {
    std::vector<std::unique_ptr<BlockState>> resident, spare;
    u64 next = 0;
    size_t turn = 0;
    const size_t want = l.cfg.cooperative ? l.blocks : 1;
    while (next < l.blocks || !resident.empty()) {
      if (resident.empty() || (next < l.blocks && resident.size() < want)) {
        if (spare.empty()) spare.push_back(std::make_unique<BlockState>());
        resident.push_back(std::move(spare.back()));
        spare.pop_back();
        start_block(*resident.back(), (u32)next++, args);
        turn = resident.size() - 1;
      }
      BlockState& b = *resident[turn];
      resume(b);
      Outcome o = run_block(b);
      if (c.stop) return;
      if (o == Stuck) return deadlock(b);
      if (o == Done) {
        spare.push_back(std::move(resident[turn]));
        resident.erase(resident.begin() + turn);
        if (turn) turn--;
        continue;
      }
      // a long block may be spinning on a later one: let that start
      if (next < l.blocks && resident.size() < kMaxResident) {
        if (spare.empty()) spare.push_back(std::make_unique<BlockState>());
        resident.push_back(std::move(spare.back()));
        spare.pop_back();
        start_block(*resident.back(), (u32)next++, args);
        turn = resident.size() - 1;
      } else
        turn = (turn + 1) % resident.size();
    }
  }
};

LaunchResult launch(const Func& k, const LaunchConfig& cfg, void* const* args) {
  static std::mutex lock;
  std::lock_guard<std::mutex> g(lock);
  Launch l;
  l.k = &k;
  l.cfg = cfg;
  u64 threads = (u64)cfg.block.x * cfg.block.y * cfg.block.z;
  l.blocks = (u64)cfg.grid.x * cfg.grid.y * cfg.grid.z;
  u32 stat = cfg.dyn_shared ? (k.static_shared + k.dyn_align - 1) / k.dyn_align * k.dyn_align : k.static_shared;
  if (!threads || threads > 1024 || threads > (u64)k.max_threads || cfg.block.z > 64 || !l.blocks ||
      cfg.grid.y > 65535 || cfg.grid.z > 65535)
    return LaunchResult::BadConfig;
  if ((u64)stat + cfg.dyn_shared > 227 * 1024) return LaunchResult::BadConfig;
  l.threads = (u32)threads;
  l.shared = stat + cfg.dyn_shared;
  std::vector<const Func*> path;
  l.stack_bytes = (stack_depth(k, path) + 15) & ~15ull;
  if (!l.stack_bytes) l.stack_bytes = k.frame_bytes + 65536;
  if (g_seq > 3000000000u) {
    cells_forget();
    g_seq = 1;
  }
  l.seq0 = ++g_seq;
  if (cfg.cooperative) l.workspace = grid_workspace();
  if (g_opt.race) l.sync.resize(l.blocks);
  Scheduler(l).run(args);
  return l.result;
}

}  // namespace softgpu
