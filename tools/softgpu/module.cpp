// Modules: PTX text to functions and variables.
#include <cxxabi.h>
#include <unistd.h>

#include <algorithm>
#include <cstdio>
#include <cstdlib>

#include "decode.h"
#include "interp.h"

namespace softgpu {

std::deque<SourceLine> g_source;

static string demangle(const string& n) {
  int st;
  char* d = abi::__cxa_demangle(n.c_str(), nullptr, nullptr, &st);
  if (st) return n;
  string s = d;
  free(d);
  return s;
}

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

}  // namespace softgpu
