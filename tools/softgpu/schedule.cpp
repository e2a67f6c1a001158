// Launches: blocks, warps and threads in turn, warp-wide instructions and barriers.
#include <algorithm>
#include <bit>
#include <chrono>
#include <memory>
#include <mutex>

#include "calls.h"
#include "ops_flow.h"
#include "reports.h"

namespace softgpu {

using std::string;

u32 g_seq = 1;
static u64 g_instructions = 0;
// Instructions before another thread and another block get their turn, should this one be spinning.
// In a cooperative launch blocks wait for each other as a rule.
constexpr u64 kThreadSlice = 1 << 18, kBlockSlice = 1ull << 27;
constexpr u64 kCoopThreadSlice = 1 << 12, kCoopBlockSlice = 1 << 15;
constexpr size_t kMaxResident = 128;

u64 clock_now() { return (u64)std::chrono::steady_clock::now().time_since_epoch().count(); }
u64 instructions_run() { return g_instructions; }

// Where cooperative groups keep the barrier of the whole grid; kernels find it through %envreg1 and 2.
static u64 grid_workspace() {
  static const u64 a = mem_alloc(64, MemKind::Symbol, "(grid workspace)");
  memset((void*)a, 0, 64);
  return a;
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

// ---- warp-wide instructions
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

  // ---- block barriers
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
