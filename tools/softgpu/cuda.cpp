// The stand-in for libcuda.so.1: the few driver calls that PyTorch makes. The rest are stubs.
#include <dlfcn.h>
#include <cstddef>
#include <cstring>
typedef int CUresult;
extern "C" int softgpu_find(unsigned long long, unsigned long long*, size_t*, int*);
static int g_ctx;
#define API extern "C" CUresult
API cuInit(unsigned) { return 0; }
API cuDriverGetVersion(int* v) {
  *v = 13000;
  return 0;
}
API cuDeviceGet(int* d, int) {
  *d = 0;
  return 0;
}
API cuDeviceGetCount(int* n) {
  *n = 1;
  return 0;
}
API cuDeviceGetName(char* s, int n, int) {
  strncpy(s, "softgpu", n);
  return 0;
}
API cuDeviceTotalMem_v2(size_t* n, int) {
  *n = 16ull << 30;
  return 0;
}
extern "C" int cudaDeviceGetAttribute(int*, int, int);  // the attribute numbers are the same
API cuDeviceGetAttribute(int* v, int a, int d) { return cudaDeviceGetAttribute(v, a, d); }
API cuDeviceGetUuid(char* u, int) {
  memcpy(u, "softgpu-00000001", 16);
  return 0;
}
API cuDeviceGetUuid_v2(char* u, int) {
  memcpy(u, "softgpu-00000001", 16);
  return 0;
}
API cuDevicePrimaryCtxGetState(int, unsigned* f, int* active) {
  if (f) *f = 0;
  *active = 1;
  return 0;
}
API cuDevicePrimaryCtxRetain(void** c, int) {
  *c = &g_ctx;
  return 0;
}
API cuDevicePrimaryCtxRelease_v2(int) { return 0; }
API cuCtxGetCurrent(void** c) {
  *c = &g_ctx;
  return 0;
}
API cuCtxSetCurrent(void*) { return 0; }
API cuCtxPushCurrent_v2(void*) { return 0; }
API cuCtxPopCurrent_v2(void** c) {
  if (c) *c = &g_ctx;
  return 0;
}
API cuCtxGetDevice(int* d) {
  *d = 0;
  return 0;
}
API cuCtxSynchronize() { return 0; }
API cuGetErrorString(int e, const char** s) {
  *s = e ? "driver call not supported by softgpu" : "no error";
  return 0;
}
API cuGetErrorName(int e, const char** s) {
  *s = e ? "CUDA_ERROR_NOT_SUPPORTED" : "CUDA_SUCCESS";
  return 0;
}
API cuMemGetAddressRange_v2(unsigned long long* b, size_t* n, unsigned long long p) {
  unsigned long long base;
  size_t size;
  int host;
  if (!softgpu_find(p, &base, &size, &host)) return 1;
  if (b) *b = base;
  if (n) *n = size;
  return 0;
}
API cuPointerGetAttribute(void* out, int what, unsigned long long p) {
  unsigned long long base;
  size_t size;
  int host;
  if (!softgpu_find(p, &base, &size, &host)) return 1;
  switch (what) {
    case 1:
      *(void**)out = &g_ctx;
      return 0;  // context
    case 2:
      *(unsigned*)out = host ? 1 : 2;
      return 0;  // memory type
    case 3:
    case 4:
      *(unsigned long long*)out = p;
      return 0;  // device, host pointer
    case 9:
      *(int*)out = 0;
      return 0;  // device ordinal
    case 11:
      *(unsigned long long*)out = base;
      return 0;  // range start
    case 12:
      *(size_t*)out = size;
      return 0;  // range size
    default:
      return 801;
  }
}
API cuGetProcAddress_v2(const char* n, void** f, int, unsigned long long, int* st) {
  *f = dlsym(RTLD_DEFAULT, n);
  if (st) *st = *f ? 0 : 1;
  return 0;
}
