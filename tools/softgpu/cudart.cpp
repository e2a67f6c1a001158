// The stand-in for libcudart.so.13: memory, streams and events that do everything at once, and
// launches that go to the interpreter. Entry points not written here are generated stubs (stubs.py).
#include <cuda_runtime_api.h>
#include <dlfcn.h>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <map>
#include <memory>
#include <mutex>
#include <set>
#include <string>
#include <unordered_map>
#include "fatbin.h"
#include "interp.h"

using namespace softgpu;

namespace {

thread_local cudaError_t t_last = cudaSuccess;
cudaError_t g_sticky = cudaSuccess;  // after an assertion or trap the context is lost
std::recursive_mutex g_lock;

constexpr uint32_t kDefaultShared = 48 << 10, kMaxShared = 227 << 10;

cudaError_t err(cudaError_t e) {
  if (e != cudaSuccess) t_last = e;
  return e;
}
#define API extern "C" cudaError_t
#define LOCK std::lock_guard<std::recursive_mutex> lock_(g_lock)

// ---- registered code ---------------------------------------------------------------------------------
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

bool range(const void* p, size_t n, const char* what);

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

// ---- memory ---------------------------------------------------------------------------------------------
uint64_t fill_byte() {
  static const uint64_t b = getenv("SOFTGPU_FILL") ? strtoull(getenv("SOFTGPU_FILL"), nullptr, 0) : 0xff;
  return b;
}

cudaError_t allocate(void** p, size_t n, MemKind kind) {
  if (!p) return cudaErrorInvalidValue;
  *p = nullptr;
  if (!n) return cudaSuccess;
  uint64_t a = mem_alloc(n, kind);
  if (!a) return cudaErrorMemoryAllocation;
  // fresh memory holds NaNs, so that a kernel that counts on zeros is seen
  if (kind == MemKind::Device && fill_byte() < 256 && n <= 256u << 20) memset((void*)a, (int)fill_byte(), n);
  *p = (void*)a;
  return cudaSuccess;
}

cudaError_t release(void* p) {
  if (!p) return cudaSuccess;
  return mem_free((uint64_t)p) ? cudaSuccess : cudaErrorInvalidValue;
}

bool range(const void* p, size_t n, const char* what) {
  if (!g_opt.mem || mem_range_ok((uint64_t)p, n)) return true;
  Allocation a;
  bool inside;
  std::string s = std::string(what) + " of " + std::to_string(n) + " bytes at " + std::to_string((uint64_t)p) +
                  " leaves its allocation";
  if (mem_find((uint64_t)p, &a, &inside))
    s += (inside ? " of " : "; nearest: ") + std::to_string(a.size) + " bytes" + (a.freed ? " (freed)" : "");
  report(s, s);
  return false;
}

cudaError_t copy(void* d, const void* s, size_t n) {
  if (!n) return cudaSuccess;
  if (!d || !s) return cudaErrorInvalidValue;
  if (!range(d, n, "copy to device memory") || !range(s, n, "copy from device memory")) return cudaErrorInvalidValue;
  memmove(d, s, n);
  mem_copy_init((uint64_t)d, (uint64_t)s, n);
  return cudaSuccess;
}

cudaError_t fill(void* d, int v, size_t n) {
  if (!n) return cudaSuccess;
  if (!d || !range(d, n, "memset")) return cudaErrorInvalidValue;
  memset(d, v, n);
  mem_mark_init((uint64_t)d, n);
  return cudaSuccess;
}

cudaError_t copy2d(void* d, size_t dp, const void* s, size_t sp, size_t w, size_t h) {
  for (size_t i = 0; i < h; i++)
    if (cudaError_t e = copy((char*)d + i * dp, (const char*)s + i * sp, w)) return e;
  return cudaSuccess;
}

cudaError_t copy3d(const cudaMemcpy3DParms* p) {
  if (p->srcArray || p->dstArray) return cudaErrorNotSupported;
  for (size_t z = 0; z < p->extent.depth; z++) {
    char* d =
        (char*)p->dstPtr.ptr + p->dstPos.x + p->dstPtr.pitch * (p->dstPos.y + p->dstPtr.ysize * (p->dstPos.z + z));
    const char* s = (const char*)p->srcPtr.ptr + p->srcPos.x +
                    p->srcPtr.pitch * (p->srcPos.y + p->srcPtr.ysize * (p->srcPos.z + z));
    if (cudaError_t e = copy2d(d, p->dstPtr.pitch, s, p->srcPtr.pitch, p->extent.width, p->extent.height)) return e;
  }
  return cudaSuccess;
}

cudaError_t symbol(const void* host, uint64_t* addr, uint64_t* size) {
  LOCK;
  auto it = reg().vars.find(host);
  if (it == reg().vars.end()) return cudaErrorInvalidSymbol;
  Module* m = module_of(it->second.bin);
  return m && m->symbol(it->second.name, addr, size) ? cudaSuccess : cudaErrorInvalidSymbol;
}

// Constant memory is read-only to kernels only; the host's copies go round the shadow's mark.
cudaError_t symbol_copy(const void* sym, void* host, const void* from, size_t n, size_t off) {
  uint64_t a, size;
  if (cudaError_t e = symbol(sym, &a, &size)) return e;
  if (off + n > size) return cudaErrorInvalidValue;
  return from ? copy((void*)(a + off), from, n) : copy(host, (void*)(a + off), n);
}

struct Stream {
  unsigned flags;
  int priority;
  unsigned long long id;
};
struct Event {
  std::chrono::steady_clock::time_point at;
  bool recorded = false;
};
unsigned long long g_stream_ids = 16;

}  // namespace

// ---- registration (called by code nvcc generates) ---------------------------------------------------------
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

// ---- launches ----------------------------------------------------------------------------------------------
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

// ---- memory --------------------------------------------------------------------------------------------------
API cudaMalloc(void** p, size_t n) { return err(allocate(p, n, MemKind::Device)); }
API cudaMallocAsync(void** p, size_t n, cudaStream_t) { return err(allocate(p, n, MemKind::Device)); }
API cudaMallocFromPoolAsync(void** p, size_t n, cudaMemPool_t, cudaStream_t) {
  return err(allocate(p, n, MemKind::Device));
}
API cudaMallocManaged(void** p, size_t n, unsigned) { return err(allocate(p, n, MemKind::Managed)); }
API cudaMallocHost(void** p, size_t n) { return err(allocate(p, n, MemKind::Host)); }
API cudaHostAlloc(void** p, size_t n, unsigned) { return err(allocate(p, n, MemKind::Host)); }
API cudaMallocPitch(void** p, size_t* pitch, size_t w, size_t h) {
  *pitch = (w + 511) & ~511ull;
  return err(allocate(p, *pitch * h, MemKind::Device));
}
API cudaMalloc3D(cudaPitchedPtr* p, cudaExtent e) {
  p->pitch = (e.width + 511) & ~511ull;
  p->xsize = e.width;
  p->ysize = e.height;
  return err(allocate(&p->ptr, p->pitch * e.height * e.depth, MemKind::Device));
}
API cudaFree(void* p) { return err(release(p)); }
API cudaFreeAsync(void* p, cudaStream_t) { return err(release(p)); }
API cudaFreeHost(void* p) { return err(release(p)); }
API cudaHostRegister(void* p, size_t n, unsigned) {
  mem_register((uint64_t)p, n);
  return cudaSuccess;
}
API cudaHostUnregister(void* p) {
  return mem_unregister((uint64_t)p) ? cudaSuccess : err(cudaErrorHostMemoryNotRegistered);
}
API cudaHostGetDevicePointer(void** d, void* h, unsigned) {
  *d = h;
  return cudaSuccess;
}
API cudaHostGetFlags(unsigned* f, void*) {
  *f = 0;
  return cudaSuccess;
}
API cudaMemGetInfo(size_t* fr, size_t* total) {
  *total = 16ull << 30;
  *fr = *total - std::min<size_t>(*total, mem_in_use());
  return cudaSuccess;
}
API cudaMemcpy(void* d, const void* s, size_t n, cudaMemcpyKind) { return err(g_sticky ? g_sticky : copy(d, s, n)); }
API cudaMemcpyAsync(void* d, const void* s, size_t n, cudaMemcpyKind, cudaStream_t) {
  return err(g_sticky ? g_sticky : copy(d, s, n));
}
API cudaMemcpyPeer(void* d, int, const void* s, int, size_t n) { return err(copy(d, s, n)); }
API cudaMemcpyPeerAsync(void* d, int, const void* s, int, size_t n, cudaStream_t) { return err(copy(d, s, n)); }
API cudaMemcpy2D(void* d, size_t dp, const void* s, size_t sp, size_t w, size_t h, cudaMemcpyKind) {
  return err(copy2d(d, dp, s, sp, w, h));
}
API cudaMemcpy2DAsync(void* d, size_t dp, const void* s, size_t sp, size_t w, size_t h, cudaMemcpyKind, cudaStream_t) {
  return err(copy2d(d, dp, s, sp, w, h));
}
API cudaMemcpy3D(const cudaMemcpy3DParms* p) { return err(copy3d(p)); }
API cudaMemcpy3DAsync(const cudaMemcpy3DParms* p, cudaStream_t) { return err(copy3d(p)); }
API cudaMemset(void* d, int v, size_t n) { return err(fill(d, v, n)); }
API cudaMemsetAsync(void* d, int v, size_t n, cudaStream_t) { return err(fill(d, v, n)); }
API cudaMemset2D(void* d, size_t p, int v, size_t w, size_t h) {
  for (size_t i = 0; i < h; i++)
    if (cudaError_t e = fill((char*)d + i * p, v, w)) return err(e);
  return cudaSuccess;
}
API cudaMemset2DAsync(void* d, size_t p, int v, size_t w, size_t h, cudaStream_t) {
  return cudaMemset2D(d, p, v, w, h);
}
API cudaMemcpyToSymbol(const void* s, const void* h, size_t n, size_t o, cudaMemcpyKind) {
  return err(symbol_copy(s, nullptr, h, n, o));
}
API cudaMemcpyToSymbolAsync(const void* s, const void* h, size_t n, size_t o, cudaMemcpyKind, cudaStream_t) {
  return err(symbol_copy(s, nullptr, h, n, o));
}
API cudaMemcpyFromSymbol(void* h, const void* s, size_t n, size_t o, cudaMemcpyKind) {
  return err(symbol_copy(s, h, nullptr, n, o));
}
API cudaMemcpyFromSymbolAsync(void* h, const void* s, size_t n, size_t o, cudaMemcpyKind, cudaStream_t) {
  return err(symbol_copy(s, h, nullptr, n, o));
}
API cudaGetSymbolAddress(void** p, const void* s) {
  uint64_t a, n;
  cudaError_t e = symbol(s, &a, &n);
  if (!e) *p = (void*)a;
  return err(e);
}
API cudaGetSymbolSize(size_t* p, const void* s) {
  uint64_t a, n;
  cudaError_t e = symbol(s, &a, &n);
  if (!e) *p = n;
  return err(e);
}
API cudaMemPrefetchAsync(const void*, size_t, cudaMemLocation, unsigned, cudaStream_t) { return cudaSuccess; }
API cudaMemAdvise(const void*, size_t, cudaMemoryAdvise, cudaMemLocation) { return cudaSuccess; }
API cudaPointerGetAttributes(cudaPointerAttributes* a, const void* p) {
  memset(a, 0, sizeof *a);
  Allocation al;
  bool inside;
  if (!mem_find((uint64_t)p, &al, &inside) || !inside) {
    a->type = cudaMemoryTypeUnregistered;
    a->device = -1;
    a->hostPointer = (void*)p;
    return cudaSuccess;
  }
  bool host = al.kind == MemKind::Host || al.kind == MemKind::Registered, managed = al.kind == MemKind::Managed;
  a->type = managed ? cudaMemoryTypeManaged : host ? cudaMemoryTypeHost : cudaMemoryTypeDevice;
  a->devicePointer = (void*)p;
  a->hostPointer = host || managed ? (void*)p : nullptr;
  return cudaSuccess;
}

// ---- memory pools: every pool is the one pool -------------------------------------------------------------------
static int g_pool;
API cudaDeviceGetDefaultMemPool(cudaMemPool_t* p, int) {
  *p = (cudaMemPool_t)&g_pool;
  return cudaSuccess;
}
API cudaDeviceGetMemPool(cudaMemPool_t* p, int) {
  *p = (cudaMemPool_t)&g_pool;
  return cudaSuccess;
}
API cudaDeviceSetMemPool(int, cudaMemPool_t) { return cudaSuccess; }
API cudaMemPoolCreate(cudaMemPool_t* p, const cudaMemPoolProps*) {
  *p = (cudaMemPool_t)&g_pool;
  return cudaSuccess;
}
API cudaMemPoolDestroy(cudaMemPool_t) { return cudaSuccess; }
API cudaMemPoolTrimTo(cudaMemPool_t, size_t) { return cudaSuccess; }
API cudaMemPoolSetAttribute(cudaMemPool_t, cudaMemPoolAttr, void*) { return cudaSuccess; }
API cudaMemPoolGetAttribute(cudaMemPool_t, cudaMemPoolAttr a, void* v) {
  if (a <= cudaMemPoolReuseAllowInternalDependencies)
    *(int*)v = 1;
  else
    *(uint64_t*)v = mem_in_use();
  return cudaSuccess;
}
API cudaMemPoolSetAccess(cudaMemPool_t, const cudaMemAccessDesc*, size_t) { return cudaSuccess; }

// ---- streams and events --------------------------------------------------------------------------------------------
API cudaStreamCreateWithPriority(cudaStream_t* s, unsigned f, int p) {
  *s = (cudaStream_t) new Stream{f, p, ++g_stream_ids};
  return cudaSuccess;
}
API cudaStreamCreateWithFlags(cudaStream_t* s, unsigned f) { return cudaStreamCreateWithPriority(s, f, 0); }
API cudaStreamCreate(cudaStream_t* s) { return cudaStreamCreateWithPriority(s, 0, 0); }
static bool own(cudaStream_t s) { return (uint64_t)s > 16; }  // 0, 1, 2 are the default streams
API cudaStreamDestroy(cudaStream_t s) {
  if (own(s)) delete (Stream*)s;
  return cudaSuccess;
}
API cudaStreamSynchronize(cudaStream_t) { return err(g_sticky); }
API cudaStreamQuery(cudaStream_t) { return err(g_sticky); }
API cudaStreamWaitEvent(cudaStream_t, cudaEvent_t, unsigned) { return cudaSuccess; }
API cudaStreamGetPriority(cudaStream_t s, int* p) {
  *p = own(s) ? ((Stream*)s)->priority : 0;
  return cudaSuccess;
}
API cudaStreamGetFlags(cudaStream_t s, unsigned* f) {
  *f = own(s) ? ((Stream*)s)->flags : 0;
  return cudaSuccess;
}
API cudaStreamGetId(cudaStream_t s, unsigned long long* id) {
  *id = own(s) ? ((Stream*)s)->id : (uint64_t)s;
  return cudaSuccess;
}
API cudaStreamGetDevice(cudaStream_t, int* d) {
  *d = 0;
  return cudaSuccess;
}
API cudaStreamIsCapturing(cudaStream_t, cudaStreamCaptureStatus* s) {
  *s = cudaStreamCaptureStatusNone;
  return cudaSuccess;
}
API cudaStreamGetCaptureInfo(cudaStream_t, cudaStreamCaptureStatus* s, unsigned long long* id, cudaGraph_t* g,
                             const cudaGraphNode_t** d, const cudaGraphEdgeData** e, size_t* n) {
  *s = cudaStreamCaptureStatusNone;
  if (id) *id = 0;
  if (g) *g = nullptr;
  if (d) *d = nullptr;
  if (e) *e = nullptr;
  if (n) *n = 0;
  return cudaSuccess;
}
API cudaThreadExchangeStreamCaptureMode(cudaStreamCaptureMode* m) {
  static thread_local cudaStreamCaptureMode cur = cudaStreamCaptureModeGlobal;
  std::swap(*m, cur);
  return cudaSuccess;
}
API cudaStreamAttachMemAsync(cudaStream_t, void*, size_t, unsigned) { return cudaSuccess; }
API cudaEventCreateWithFlags(cudaEvent_t* e, unsigned) {
  *e = (cudaEvent_t) new Event;
  return cudaSuccess;
}
API cudaEventCreate(cudaEvent_t* e) { return cudaEventCreateWithFlags(e, 0); }
API cudaEventDestroy(cudaEvent_t e) {
  delete (Event*)e;
  return cudaSuccess;
}
API cudaEventRecordWithFlags(cudaEvent_t e, cudaStream_t, unsigned) {
  ((Event*)e)->at = std::chrono::steady_clock::now();
  ((Event*)e)->recorded = true;
  return cudaSuccess;
}
API cudaEventRecord(cudaEvent_t e, cudaStream_t s) { return cudaEventRecordWithFlags(e, s, 0); }
API cudaEventQuery(cudaEvent_t) { return err(g_sticky); }
API cudaEventSynchronize(cudaEvent_t) { return err(g_sticky); }
API cudaEventElapsedTime(float* ms, cudaEvent_t a, cudaEvent_t b) {
  if (!((Event*)a)->recorded || !((Event*)b)->recorded) return err(cudaErrorInvalidResourceHandle);
  *ms = std::chrono::duration<float, std::milli>(((Event*)b)->at - ((Event*)a)->at).count();
  return cudaSuccess;
}

// ---- the device
// ---------------------------------------------------------------------------------------------------------
API cudaGetDeviceCount(int* n) {
  *n = 1;
  return cudaSuccess;
}
API cudaGetDevice(int* d) {
  *d = 0;
  return cudaSuccess;
}
API cudaSetDevice(int d) {
  memory_init();
  return err(d == 0 ? cudaSuccess : cudaErrorInvalidDevice);
}
API cudaInitDevice(int d, unsigned, unsigned) { return cudaSetDevice(d); }
API cudaChooseDevice(int* d, const cudaDeviceProp*) {
  *d = 0;
  return cudaSuccess;
}
API cudaSetValidDevices(int*, int) { return cudaSuccess; }
API cudaGetDeviceFlags(unsigned* f) {
  *f = 0;
  return cudaSuccess;
}
API cudaSetDeviceFlags(unsigned) { return cudaSuccess; }
API cudaDeviceSynchronize() { return err(g_sticky); }
API cudaDeviceReset() {
  g_sticky = cudaSuccess;
  return cudaSuccess;
}
API cudaDeviceGetLimit(size_t* v, cudaLimit l) {
  *v = l == cudaLimitStackSize ? 65536 : l == cudaLimitPrintfFifoSize ? 1 << 20 : 8 << 20;
  return cudaSuccess;
}
API cudaDeviceSetLimit(cudaLimit, size_t) { return cudaSuccess; }
API cudaDeviceGetCacheConfig(cudaFuncCache* c) {
  *c = cudaFuncCachePreferNone;
  return cudaSuccess;
}
API cudaDeviceSetCacheConfig(cudaFuncCache) { return cudaSuccess; }
API cudaDeviceGetSharedMemConfig(cudaSharedMemConfig* c) {
  *c = cudaSharedMemBankSizeFourByte;
  return cudaSuccess;
}
API cudaDeviceSetSharedMemConfig(cudaSharedMemConfig) { return cudaSuccess; }
API cudaDeviceGetStreamPriorityRange(int* lo, int* hi) {
  if (lo) *lo = 0;
  if (hi) *hi = -5;
  return cudaSuccess;
}
API cudaDeviceCanAccessPeer(int* v, int, int) {
  *v = 0;
  return cudaSuccess;
}
API cudaDeviceGetPCIBusId(char* s, int n, int) {
  snprintf(s, n, "0000:01:00.0");
  return cudaSuccess;
}
API cudaDeviceGetByPCIBusId(int* d, const char*) {
  *d = 0;
  return cudaSuccess;
}
API cudaCtxResetPersistingL2Cache() { return cudaSuccess; }
API cudaProfilerStart() { return cudaSuccess; }
API cudaProfilerStop() { return cudaSuccess; }
API cudaDriverGetVersion(int* v) {
  *v = CUDART_VERSION;
  return cudaSuccess;
}
API cudaRuntimeGetVersion(int* v) {
  *v = CUDART_VERSION;
  return cudaSuccess;
}

API cudaGetDeviceProperties(cudaDeviceProp* p, int d) {
  if (d) return err(cudaErrorInvalidDevice);
  memset(p, 0, sizeof *p);
  strcpy(p->name, "softgpu");
  p->major = 9;
  p->minor = 0;
  p->totalGlobalMem = 16ull << 30;
  p->sharedMemPerBlock = 48 << 10;
  p->sharedMemPerBlockOptin = 227 << 10;
  p->sharedMemPerMultiprocessor = 228 << 10;
  p->reservedSharedMemPerBlock = 1024;
  p->regsPerBlock = p->regsPerMultiprocessor = 65536;
  p->warpSize = 32;
  p->memPitch = 0x7fffffff;
  p->maxThreadsPerBlock = 1024;
  p->maxThreadsPerMultiProcessor = 2048;
  p->maxBlocksPerMultiProcessor = 32;
  p->maxThreadsDim[0] = p->maxThreadsDim[1] = 1024;
  p->maxThreadsDim[2] = 64;
  p->maxGridSize[0] = 0x7fffffff;
  p->maxGridSize[1] = p->maxGridSize[2] = 65535;
  p->totalConstMem = 65536;
  p->textureAlignment = 512;
  p->texturePitchAlignment = 32;
  p->surfaceAlignment = 512;
  p->multiProcessorCount = 16;
  p->canMapHostMemory = p->concurrentKernels = p->unifiedAddressing = p->managedMemory = p->concurrentManagedAccess =
      p->cooperativeLaunch = 1;
  p->memoryPoolsSupported = p->streamPrioritiesSupported = p->hostRegisterSupported =
      p->canUseHostPointerForRegisteredMem = 1;
  p->l2CacheSize = 32 << 20;
  p->memoryBusWidth = 256;
  p->asyncEngineCount = 1;
  p->pciBusID = 1;
  memcpy(&p->uuid, "softgpu-00000001", 16);
  return cudaSuccess;
}

API cudaDeviceGetAttribute(int* v, cudaDeviceAttr a, int d) {
  cudaDeviceProp p;
  if (cudaError_t e = cudaGetDeviceProperties(&p, d)) return e;
  switch (a) {
    case cudaDevAttrMaxThreadsPerBlock:
    case cudaDevAttrMaxBlockDimX:
    case cudaDevAttrMaxBlockDimY:
      *v = 1024;
      break;
    case cudaDevAttrMaxBlockDimZ:
      *v = 64;
      break;
    case cudaDevAttrMaxGridDimX:
      *v = 0x7fffffff;
      break;
    case cudaDevAttrMaxGridDimY:
    case cudaDevAttrMaxGridDimZ:
      *v = 65535;
      break;
    case cudaDevAttrMaxSharedMemoryPerBlock:
      *v = (int)p.sharedMemPerBlock;
      break;
    case cudaDevAttrMaxSharedMemoryPerBlockOptin:
      *v = (int)p.sharedMemPerBlockOptin;
      break;
    case cudaDevAttrMaxSharedMemoryPerMultiprocessor:
      *v = (int)p.sharedMemPerMultiprocessor;
      break;
    case cudaDevAttrReservedSharedMemoryPerBlock:
      *v = 1024;
      break;
    case cudaDevAttrTotalConstantMemory:
      *v = 65536;
      break;
    case cudaDevAttrWarpSize:
      *v = 32;
      break;
    case cudaDevAttrMaxRegistersPerBlock:
    case cudaDevAttrMaxRegistersPerMultiprocessor:
      *v = 65536;
      break;
    case cudaDevAttrMultiProcessorCount:
      *v = p.multiProcessorCount;
      break;
    case cudaDevAttrMaxThreadsPerMultiProcessor:
      *v = 2048;
      break;
    case cudaDevAttrMaxBlocksPerMultiprocessor:
      *v = 32;
      break;
    case cudaDevAttrComputeCapabilityMajor:
      *v = p.major;
      break;
    case cudaDevAttrComputeCapabilityMinor:
      *v = p.minor;
      break;
    case cudaDevAttrClockRate:
      *v = 1000000;
      break;
    case cudaDevAttrMemoryClockRate:
      *v = 1000000;
      break;
    case cudaDevAttrGlobalMemoryBusWidth:
      *v = p.memoryBusWidth;
      break;
    case cudaDevAttrL2CacheSize:
      *v = p.l2CacheSize;
      break;
    case cudaDevAttrTextureAlignment:
      *v = 512;
      break;
    case cudaDevAttrMaxPitch:
      *v = 0x7fffffff;
      break;
    case cudaDevAttrPciBusId:
      *v = 1;
      break;
    case cudaDevAttrConcurrentKernels:
    case cudaDevAttrUnifiedAddressing:
    case cudaDevAttrManagedMemory:
    case cudaDevAttrConcurrentManagedAccess:
    case cudaDevAttrCooperativeLaunch:
    case cudaDevAttrCanMapHostMemory:
    case cudaDevAttrStreamPrioritiesSupported:
    case cudaDevAttrMemoryPoolsSupported:
    case cudaDevAttrHostRegisterSupported:
    case cudaDevAttrAsyncEngineCount:
    case cudaDevAttrGlobalL1CacheSupported:
    case cudaDevAttrLocalL1CacheSupported:
      *v = 1;
      break;
    default:
      *v = 0;
  }
  return cudaSuccess;
}

// ---- errors
// -----------------------------------------------------------------------------------------------------------------
API cudaGetLastError() {
  cudaError_t e = t_last;
  t_last = g_sticky;
  return e;
}
API cudaPeekAtLastError() { return t_last; }
struct ErrorName {
  cudaError_t e;
  const char *name, *text;
};
static const ErrorName kErrors[] = {
    {cudaSuccess, "cudaSuccess", "no error"},
    {cudaErrorInvalidValue, "cudaErrorInvalidValue", "invalid argument"},
    {cudaErrorMemoryAllocation, "cudaErrorMemoryAllocation", "out of memory"},
    {cudaErrorInvalidConfiguration, "cudaErrorInvalidConfiguration", "invalid configuration argument"},
    {cudaErrorInvalidSymbol, "cudaErrorInvalidSymbol", "invalid device symbol"},
    {cudaErrorInvalidDeviceFunction, "cudaErrorInvalidDeviceFunction", "invalid device function"},
    {cudaErrorInvalidDevice, "cudaErrorInvalidDevice", "invalid device ordinal"},
    {cudaErrorNoKernelImageForDevice, "cudaErrorNoKernelImageForDevice",
     "no kernel image is available for execution on the device"},
    {cudaErrorMissingConfiguration, "cudaErrorMissingConfiguration", "__global__ function call is not configured"},
    {cudaErrorNotSupported, "cudaErrorNotSupported", "operation not supported"},
    {cudaErrorAssert, "cudaErrorAssert", "device-side assert triggered"},
    {cudaErrorLaunchFailure, "cudaErrorLaunchFailure", "unspecified launch failure"},
    {cudaErrorLaunchTimeout, "cudaErrorLaunchTimeout", "the launch timed out and was terminated"},
    {cudaErrorIllegalAddress, "cudaErrorIllegalAddress", "an illegal memory access was encountered"},
    {cudaErrorNotReady, "cudaErrorNotReady", "device not ready"},
    {cudaErrorInvalidResourceHandle, "cudaErrorInvalidResourceHandle", "invalid resource handle"}};
extern "C" const char* cudaGetErrorName(cudaError_t e) {
  for (auto& k : kErrors)
    if (k.e == e) return k.name;
  return "cudaErrorUnknown";
}
extern "C" const char* cudaGetErrorString(cudaError_t e) {
  for (auto& k : kErrors)
    if (k.e == e) return k.text;
  return "unknown error";
}

// ---- the driver
// -------------------------------------------------------------------------------------------------------------
static void* driver_symbol(const char* name) {
  static void* lib = [] {
    Dl_info me;
    dladdr((void*)driver_symbol, &me);
    std::string path = me.dli_fname;
    return dlopen((path.substr(0, path.rfind('/') + 1) + "libcuda.so.1").c_str(), RTLD_NOW);
  }();
  return lib ? dlsym(lib, name) : nullptr;
}
API cudaGetDriverEntryPointByVersion(const char* n, void** f, unsigned, unsigned long long,
                                     cudaDriverEntryPointQueryResult* st) {
  *f = driver_symbol(n);
  if (st) *st = *f ? cudaDriverEntryPointSuccess : cudaDriverEntryPointSymbolNotFound;
  return cudaSuccess;
}
API cudaGetDriverEntryPoint(const char* n, void** f, unsigned long long fl, cudaDriverEntryPointQueryResult* st) {
  return cudaGetDriverEntryPointByVersion(n, f, 0, fl, st);
}

// ---- for the generated stubs and the driver stand-in
// ---------------------------------------------------------------------------
extern "C" int softgpu_stub(const char* name) {
  memory_init();
  if (g_opt.verbose) fprintf(stderr, "softgpu: %s is not supported\n", name);
  return t_last = cudaErrorNotSupported;
}
extern "C" int softgpu_find(unsigned long long p, unsigned long long* base, size_t* size, int* host) {
  Allocation a;
  bool inside;
  if (!mem_find(p, &a, &inside) || !inside) return 0;
  *base = a.base;
  *size = a.size;
  *host = a.kind == MemKind::Host || a.kind == MemKind::Registered;
  return 1;
}
extern "C" unsigned long long softgpu_instructions() { return instructions_run(); }
extern "C" unsigned softgpu_reports() { return report_count(); }
