// Reports of bad accesses and races, and the race detector's uncommon paths.
#include "reports.h"

#include <algorithm>
#include <cstdio>

namespace softgpu {

using std::string;

// ---- messages
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
string place(u32 id) {
  const SourceLine& s = g_source[id];
  string r = "`" + s.text + "`";
  if (s.line && s.f->module) r += " (" + s.f->module->file_name(s.file) + ":" + std::to_string(s.line) + ")";
  return r;
}
string who(const Ctx& c) {
  return "kernel " + c.l->k->display + ", block " + block_name(*c.l, c.b->index) + ", thread " +
         thread_name(*c.l, c.t->tid);
}
string hex(u64 v) {
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

// ---- race detector, uncommon paths
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

}  // namespace softgpu
