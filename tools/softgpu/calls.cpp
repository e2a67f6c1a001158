// Calls: entering and leaving functions, and those that the runtime offers (printf, malloc, assertions).
#include "calls.h"

#include <unistd.h>

#include <cstdio>
#include <cstdlib>

#include "ops_flow.h"

namespace softgpu {

using std::string;

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

void enter(const Func& f, Reg* r, const Ctx& c) {
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

}  // namespace softgpu
