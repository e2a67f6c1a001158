// Memory of the stand-in for libcudart.so.13: allocation, copies, fills, pools.
#include <algorithm>
#include <cstdlib>
#include <cstring>
#include <string>

#include "cudart.h"

namespace softgpu {

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

namespace {

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

// Constant memory is read-only to kernels only; the host's copies go round the shadow's mark.
cudaError_t symbol_copy(const void* sym, void* host, const void* from, size_t n, size_t off) {
  uint64_t a, size;
  if (cudaError_t e = symbol(sym, &a, &size)) return e;
  if (off + n > size) return cudaErrorInvalidValue;
  return from ? copy((void*)(a + off), from, n) : copy(host, (void*)(a + off), n);
}

}  // namespace
}  // namespace softgpu

using namespace softgpu;

// ---- memory
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

// ---- memory pools: every pool is the one pool
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
