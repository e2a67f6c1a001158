// What the parts of the stand-in for libcudart.so.13 share.
#pragma once
#include <cuda_runtime_api.h>

#include <mutex>

#include "interp.h"

#define API extern "C" cudaError_t
#define LOCK std::lock_guard<std::recursive_mutex> lock_(g_lock)

namespace softgpu {

constexpr uint32_t kDefaultShared = 48 << 10, kMaxShared = 227 << 10;

extern thread_local cudaError_t t_last;
extern cudaError_t g_sticky;  // after an assertion or trap the context is lost
extern std::recursive_mutex g_lock;

inline cudaError_t err(cudaError_t e) {
  if (e != cudaSuccess) t_last = e;
  return e;
}
// Are these bytes, which a call of the host touches, ours and inside an allocation? Reports where not.
bool range(const void* p, size_t n, const char* what);
// Address and size of a module's variable.
cudaError_t symbol(const void* host, uint64_t* addr, uint64_t* size);

}  // namespace softgpu
