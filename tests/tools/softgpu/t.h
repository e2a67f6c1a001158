// Helpers of the test programs: managed-free device vectors and a check counter.
#pragma once
#include <cmath>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <vector>
static int g_failed = 0, g_checks = 0;
#define CHECK(c)                                                                 \
  do {                                                                           \
    g_checks++;                                                                  \
    if (!(c)) {                                                                  \
      if (g_failed++ < 10) printf("FAILED %s:%d: %s\n", __FILE__, __LINE__, #c); \
    }                                                                            \
  } while (0)
#define CUDA(c)                                                                         \
  do {                                                                                  \
    cudaError_t e_ = (c);                                                               \
    if (e_ != cudaSuccess) {                                                            \
      printf("FAILED %s:%d: %s: %s\n", __FILE__, __LINE__, #c, cudaGetErrorString(e_)); \
      g_failed++;                                                                       \
    }                                                                                   \
  } while (0)
template <class T>
struct Dev {
  T* p = nullptr;
  size_t n;
  explicit Dev(size_t n_) : n(n_) { CUDA(cudaMalloc(&p, n * sizeof(T))); }
  explicit Dev(const std::vector<T>& v) : Dev(v.size()) {
    CUDA(cudaMemcpy(p, v.data(), n * sizeof(T), cudaMemcpyHostToDevice));
  }
  ~Dev() { cudaFree(p); }
  std::vector<T> get() const {
    std::vector<T> v(n);
    CUDA(cudaMemcpy(v.data(), p, n * sizeof(T), cudaMemcpyDeviceToHost));
    return v;
  }
  void zero() { CUDA(cudaMemset(p, 0, n * sizeof(T))); }
};
inline bool near(double a, double b, double tol) {
  return (std::isnan(a) && std::isnan(b)) || a == b || std::fabs(a - b) <= tol * std::fmax(1.0, std::fabs(b));
}
inline int done() {
  CUDA(cudaDeviceSynchronize());
  printf("%d checks, %d failed\n", g_checks, g_failed);
  return g_failed ? 1 : 0;
}
