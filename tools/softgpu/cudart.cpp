// The stand-in for libcudart.so.13: registered code, and launches, which go to the interpreter. Entry points not
// written here or in cudart_*.cpp are generated stubs (stubs.py).
#include "cudart.h"

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <memory>
#include <set>
#include <string>
#include <unordered_map>

#include "fatbin.h"

namespace softgpu {

thread_local cudaError_t t_last = cudaSuccess;
cudaError_t g_sticky = cudaSuccess;
std::recursive_mutex g_lock;

namespace {

// ---- registered code
struct FatBinary {
  const void* wrapper;
  std::unique_ptr<Module> module;
  bool tried = false;
  int arch = 0;
};
struct KernelRef {
  FatBinary* bin;
  std::string name;
  Func* func = nullptr;
  bool tried = false;
};
struct VarRef {
  FatBinary* bin;
  std::string name;
  size_t size;
};
struct ManagedRef {
  void** host;
  std::string name;
  size_t size;
};

struct Registry {
  std::unordered_map<const void*, KernelRef*> kernels;
  std::unordered_map<KernelRef*, bool> handles;
  std::unordered_map<const void*, VarRef> vars;
  std::unordered_map<FatBinary*, std::vector<ManagedRef>> managed;
};
Registry& reg() {
  static Registry* r = new Registry;
  return *r;
}  // never destroyed: used from exit handlers

Module* module_of(FatBinary* b) {
  if (b->tried) return b->module.get();
  b->tried = true;
  std::string text = fatbin_ptx(b->wrapper), error;
  if (text.empty()) return nullptr;
  size_t t = text.find(".target sm_");
  if (t != std::string::npos) b->arch = atoi(text.c_str() + t + 11);
  b->module = Module::load(text, error);
  if (!b->module) fprintf(stderr, "softgpu: cannot parse PTX: %s\n", error.c_str());
  return b->module.get();
}

KernelRef* kernel_of(const void* f) {
  LOCK;
  auto it = reg().kernels.find(f);
  if (it != reg().kernels.end()) return it->second;
  auto* k = (KernelRef*)f;
  return reg().handles.count(k) ? k : nullptr;  // a cudaKernel_t / cudaFunction_t handle
}

cudaError_t resolve(const void* f, Func** out, KernelRef** ref = nullptr) {
  LOCK;
  KernelRef* k = kernel_of(f);
  if (!k) return cudaErrorInvalidDeviceFunction;
  if (ref) *ref = k;
  if (!k->tried) {
    k->tried = true;
    Module* m = module_of(k->bin);
    if (m) k->func = m->kernel(k->name);
    if (!k->func) fprintf(stderr, "softgpu: no PTX for kernel %s (machine code only)\n", k->name.c_str());
  }
  *out = k->func;
  return k->func ? cudaSuccess : cudaErrorNoKernelImageForDevice;
}

// PyTorch's own kernels are machine code. Its fill, which at::zeros needs, is done here: the arguments
// are (int n, FillFunctor<T> holding the value, std::array<char*, 1>).
size_t fill_functor_size(const std::string& name) {
  size_t q = name.find("ENS0_11FillFunctorI");
  if (q == std::string::npos || name.find("vectorized_elementwise_kernelILi") == std::string::npos) return 0;
  const std::string t = name.substr(q + 19);
  static const std::pair<const char*, size_t> types[] = {{"fEE", 4},
                                                         {"dEE", 8},
                                                         {"iEE", 4},
                                                         {"lEE", 8},
                                                         {"sEE", 2},
                                                         {"aEE", 1},
                                                         {"hEE", 1},
                                                         {"bEE", 1},
                                                         {"N3c104HalfEEE", 2},
                                                         {"N3c108BFloat16EEE", 2},
                                                         {"N3c107complexIfEEEE", 8},
                                                         {"N3c107complexIdEEEE", 16}};
  for (auto& [code, size] : types)
    if (t.compare(0, strlen(code), code) == 0) return size;
  return 0;
}

bool native_fill(const std::string& name, void** args) {
  const size_t size = fill_functor_size(name);
  if (!size) return false;
  const int n = *(int*)args[0];
  char* out = *(char**)args[2];
  if (n <= 0 || !range(out, n * size, "fill")) return true;
  for (int i = 0; i < n; i++) memcpy(out + i * size, args[1], size);
  mem_mark_init((uint64_t)out, n * size);
  return true;
}

// SOFTGPU_LAUNCHES=FILE: every kernel that ran, one name a line (once a process), so that a test run can tell which it
// left out
void note_launch(const Func& k) {
  static const char* file = getenv("SOFTGPU_LAUNCHES");
  static std::set<std::string> seen;
  if (!file || !*file || !seen.insert(k.name).second) return;
  if (FILE* out = fopen(file, "a")) {
    fprintf(out, "%s\n", k.name.c_str());
    fclose(out);
  } else
    fprintf(stderr, "softgpu: cannot write SOFTGPU_LAUNCHES=%s\n", file);
}

cudaError_t do_launch(const void* f, dim3 grid, dim3 block, void** args, size_t shared, bool coop) {
  if (g_sticky) return g_sticky;
  Func* k;
  if (KernelRef* ref = kernel_of(f))
    if (native_fill(ref->name, args)) return cudaSuccess;
  if (cudaError_t e = resolve(f, &k)) return e;
  // more than 48 KiB has to be asked for, as on the real device
  if ((int64_t)shared > std::max<int64_t>(k->max_dyn, (int64_t)kDefaultShared - k->static_shared))
    return cudaErrorInvalidValue;
  LaunchConfig c;
  c.grid = {grid.x, grid.y, grid.z};
  c.block = {block.x, block.y, block.z};
  c.dyn_shared = (uint32_t)shared;
  c.cooperative = coop;
  if (g_opt.verbose)
    fprintf(stderr, "softgpu: launch %s <<<(%u,%u,%u),(%u,%u,%u),%zu>>>\n", k->display.c_str(), grid.x, grid.y, grid.z,
            block.x, block.y, block.z, shared);
  note_launch(*k);
  switch (launch(*k, c, args)) {
    case LaunchResult::Ok:
      return cudaSuccess;
    case LaunchResult::BadConfig:
      return cudaErrorInvalidConfiguration;
    case LaunchResult::Assert:
      return g_sticky = cudaErrorAssert, cudaSuccess;
    case LaunchResult::Trap:
      return g_sticky = cudaErrorLaunchFailure, cudaSuccess;
    default:
      return g_sticky = cudaErrorLaunchTimeout, cudaSuccess;
  }
}

}  // namespace

cudaError_t symbol(const void* host, uint64_t* addr, uint64_t* size) {
  LOCK;
  auto it = reg().vars.find(host);
  if (it == reg().vars.end()) return cudaErrorInvalidSymbol;
  Module* m = module_of(it->second.bin);
  return m && m->symbol(it->second.name, addr, size) ? cudaSuccess : cudaErrorInvalidSymbol;
}

}  // namespace softgpu

using namespace softgpu;

// ---- registration (called by code nvcc generates)
extern "C" void** __cudaRegisterFatBinary(void* w) {
  auto* b = new FatBinary;
  b->wrapper = w;
  return (void**)b;
}
extern "C" void __cudaRegisterFatBinaryEnd(void**) {}
extern "C" void __cudaUnregisterFatBinary(void**) {}
extern "C" void __cudaRegisterFunction(void** h, const char* host, char*, const char* name, int, uint3*, uint3*, dim3*,
                                       dim3*, int*) {
  LOCK;
  auto* k = new KernelRef{(FatBinary*)h, name};
  reg().kernels[host] = k;
  reg().handles[k] = true;
}
extern "C" void __cudaRegisterVar(void** h, char* host, char*, const char* name, int, size_t size, int, int) {
  LOCK;
  reg().vars[host] = {(FatBinary*)h, name, size};
}
extern "C" void __cudaRegisterHostVar(void**, const char*, char*, size_t) {}
extern "C" void __cudaRegisterManagedVar(void** h, void** host, char*, const char* name, int, size_t size, int, int) {
  LOCK;
  reg().managed[(FatBinary*)h].push_back({host, name, size});
  reg().vars[host] = {(FatBinary*)h, name, size};
}
extern "C" char __cudaInitModule(void** h) {
  LOCK;
  uint64_t a, n;
  if (Module* m = module_of((FatBinary*)h))
    for (auto& v : reg().managed[(FatBinary*)h])
      if (m->symbol(v.name, &a, &n)) *v.host = (void*)a;
  return 1;
}
extern "C" void __cudaRegisterUnifiedTable(void**, void*) {}

struct CallConfig {
  dim3 grid, block;
  size_t shared;
  void* stream;
};
static thread_local std::vector<CallConfig> t_calls;
extern "C" unsigned __cudaPushCallConfiguration(dim3 g, dim3 b, size_t sh, struct CUstream_st* s) {
  t_calls.push_back({g, b, sh, s});
  return 0;
}
API __cudaPopCallConfiguration(dim3* g, dim3* b, size_t* sh, void* s) {
  if (t_calls.empty()) return err(cudaErrorMissingConfiguration);
  CallConfig c = t_calls.back();
  t_calls.pop_back();
  *g = c.grid;
  *b = c.block;
  *sh = c.shared;
  *(void**)s = c.stream;
  return cudaSuccess;
}
API __cudaGetKernel(cudaKernel_t* k, const void* f) {
  LOCK;
  *k = (cudaKernel_t)kernel_of(f);
  return *k ? cudaSuccess : err(cudaErrorInvalidDeviceFunction);
}
API __cudaLaunchKernel(cudaKernel_t k, dim3 g, dim3 b, void** a, size_t sh, cudaStream_t) {
  return err(do_launch((const void*)k, g, b, a, sh, false));
}

// ---- launches
API cudaLaunchKernel(const void* f, dim3 g, dim3 b, void** a, size_t sh, cudaStream_t) {
  return err(do_launch(f, g, b, a, sh, false));
}
API cudaLaunchCooperativeKernel(const void* f, dim3 g, dim3 b, void** a, size_t sh, cudaStream_t) {
  return err(do_launch(f, g, b, a, sh, true));
}
API cudaLaunchKernelExC(const cudaLaunchConfig_t* c, const void* f, void** a) {
  bool coop = false;
  for (unsigned i = 0; i < c->numAttrs; i++) {
    const auto& at = c->attrs[i];
    if (at.id == cudaLaunchAttributeCooperative) coop = at.val.cooperative;
    if (at.id == cudaLaunchAttributeClusterDimension &&
        at.val.clusterDim.x * at.val.clusterDim.y * at.val.clusterDim.z > 1)
      return err(cudaErrorNotSupported);
  }
  return err(do_launch(f, c->gridDim, c->blockDim, a, c->dynamicSmemBytes, coop));
}
API cudaLaunchHostFunc(cudaStream_t, cudaHostFn_t f, void* d) {
  f(d);
  return cudaSuccess;
}
API cudaStreamAddCallback(cudaStream_t s, cudaStreamCallback_t f, void* d, unsigned) {
  f(s, cudaSuccess, d);
  return cudaSuccess;
}
API cudaGetFuncBySymbol(cudaFunction_t* out, const void* f) {
  LOCK;
  *out = (cudaFunction_t)kernel_of(f);
  return *out ? cudaSuccess : err(cudaErrorInvalidDeviceFunction);
}
API cudaGetKernel(cudaKernel_t* out, const void* f) { return __cudaGetKernel(out, f); }
API cudaFuncGetName(const char** n, const void* f) {
  LOCK;
  KernelRef* k = kernel_of(f);
  if (!k) return err(cudaErrorInvalidDeviceFunction);
  *n = k->name.c_str();
  return cudaSuccess;
}
API cudaFuncGetAttributes(cudaFuncAttributes* a, const void* f) {
  Func* k;
  KernelRef* ref;
  if (cudaError_t e = resolve(f, &k, &ref)) return err(e);
  memset(a, 0, sizeof *a);
  a->sharedSizeBytes = k->static_shared;
  a->localSizeBytes = k->local_bytes;
  a->maxThreadsPerBlock = k->max_threads;
  a->numRegs = 32;
  a->ptxVersion = ref->bin->arch;
  a->binaryVersion = 90;
  a->maxDynamicSharedSizeBytes = k->max_dyn >= 0 ? (int)k->max_dyn : (int)(kDefaultShared - k->static_shared);
  return cudaSuccess;
}
API cudaFuncSetAttribute(const void* f, cudaFuncAttribute a, int v) {
  Func* k;
  if (cudaError_t e = resolve(f, &k)) return err(e);
  if (a != cudaFuncAttributeMaxDynamicSharedMemorySize) return cudaSuccess;
  if (v < 0 || v + k->static_shared > kMaxShared) return err(cudaErrorInvalidValue);
  k->max_dyn = v;
  return cudaSuccess;
}
API cudaFuncSetCacheConfig(const void*, cudaFuncCache) { return cudaSuccess; }
API cudaFuncSetSharedMemConfig(const void*, cudaSharedMemConfig) { return cudaSuccess; }
API cudaOccupancyMaxActiveBlocksPerMultiprocessorWithFlags(int* n, const void* f, int block, size_t dyn, unsigned) {
  Func* k;
  if (cudaError_t e = resolve(f, &k)) return err(e);
  size_t sh = k->static_shared + dyn;
  *n = block <= 0 || block > k->max_threads ? 0 : std::min<int>(32, 2048 / block);
  if (sh) *n = std::min<int>(*n, (int)(228 * 1024 / (sh + 1024)));
  return cudaSuccess;
}
API cudaOccupancyMaxActiveBlocksPerMultiprocessor(int* n, const void* f, int b, size_t d) {
  return cudaOccupancyMaxActiveBlocksPerMultiprocessorWithFlags(n, f, b, d, 0);
}
API cudaOccupancyAvailableDynamicSMemPerBlock(size_t* n, const void*, int blocks, int) {
  *n = 227 * 1024 / std::max(1, blocks);
  return cudaSuccess;
}
