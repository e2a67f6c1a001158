// Streams, events, device properties and errors of the stand-in for libcudart.so.13: streams and events do everything
// at once.
#include <dlfcn.h>

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <cstring>
#include <string>

#include "cudart.h"

using namespace softgpu;

namespace {

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

// ---- streams and events
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
