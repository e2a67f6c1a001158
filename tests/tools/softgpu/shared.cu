#include "t.h"
__global__ void reduce(const float* x, float* out, int n) {
  __shared__ float s[256];
  int t = threadIdx.x, i = blockIdx.x * 256 + t;
  s[t] = i < n ? x[i] : 0;
  __syncthreads();
  for (int k = 128; k > 0; k >>= 1) {
    if (t < k) s[t] += s[t + k];
    __syncthreads();
  }
  if (t == 0) out[blockIdx.x] = s[0];
}
extern __shared__ char dyn[];
__global__ void dynamic(int* out) {
  __shared__ int fixed[32];
  int* a = (int*)dyn;
  double* b = (double*)(dyn + 128);
  int t = threadIdx.x;
  fixed[t] = t;
  a[t] = 2 * t;
  b[t] = 0.5 * t;
  __syncthreads();
  int o = 31 - t;
  out[t] = fixed[o] + a[o] + (int)(4 * b[o]);
}
__global__ void transpose(const int* in, int* out) {
  __shared__ int tile[16][17];
  tile[threadIdx.y][threadIdx.x] = in[(blockIdx.y * 16 + threadIdx.y) * 32 + blockIdx.x * 16 + threadIdx.x];
  __syncthreads();
  out[(blockIdx.x * 16 + threadIdx.y) * 32 + blockIdx.y * 16 + threadIdx.x] = tile[threadIdx.x][threadIdx.y];
}
__device__ int sum3(const int* p) { return p[0] + p[1] + p[2]; }  // generic address of shared memory
__global__ void generic(int* out, const int* g, int k) {
  __shared__ int s[64];
  s[threadIdx.x] = threadIdx.x;
  __syncthreads();
  const int* p = threadIdx.x >= k ? g : s;
  out[threadIdx.x] = sum3(p + threadIdx.x % 8);
}
__global__ void counted(int* out) {
  int t = threadIdx.x;
  int c = __syncthreads_count(t % 3 == 0), a = __syncthreads_and(t < 64), o = __syncthreads_or(t == 7);
  if (!t) {
    out[0] = c;
    out[1] = a;
    out[2] = o;
  }
}
__global__ void early_exit(int* out) {
  if (threadIdx.x >= 40) return;
  __shared__ int s;
  if (!threadIdx.x) s = 9;
  __syncthreads();
  out[threadIdx.x] = s;
}
// producer and consumer warps at named barriers
__global__ void named(int* out) {
  __shared__ int s[32];
  if (threadIdx.x < 32) {
    s[threadIdx.x] = threadIdx.x * 3;
    asm volatile("bar.arrive 1, 64;" ::: "memory");
  } else {
    asm volatile("bar.sync 1, 64;" ::: "memory");
    out[threadIdx.x - 32] = s[63 - threadIdx.x];
  }
}
int main() {
  const int n = 2000;
  std::vector<float> x(n);
  for (int i = 0; i < n; i++) x[i] = i % 17;
  {
    Dev<float> d(x), o(8);
    reduce<<<8, 256>>>(d.p, o.p, n);
    auto r = o.get();
    for (int b = 0; b < 8; b++) {
      float s = 0;
      for (int i = b * 256; i < b * 256 + 256 && i < n; i++) s += x[i];
      CHECK(r[b] == s);
    }
  }
  {
    Dev<int> o(32);
    CUDA(cudaFuncSetAttribute(dynamic, cudaFuncAttributeMaxDynamicSharedMemorySize, 65536));
    dynamic<<<1, 32, 128 + 256>>>(o.p);
    auto r = o.get();
    for (int t = 0; t < 32; t++) CHECK(r[t] == 5 * (31 - t));
  }
  {
    std::vector<int> a(1024);
    for (int i = 0; i < 1024; i++) a[i] = i;
    Dev<int> d(a), o(1024);
    transpose<<<dim3(2, 2), dim3(16, 16)>>>(d.p, o.p);
    auto r = o.get();
    for (int i = 0; i < 32; i++)
      for (int j = 0; j < 32; j++) CHECK(r[i * 32 + j] == j * 32 + i);
  }
  {
    std::vector<int> g(16, 5);
    Dev<int> d(g), o(64);
    generic<<<1, 64>>>(o.p, d.p, 20);
    auto r = o.get();
    for (int t = 0; t < 64; t++) CHECK(r[t] == (t >= 20 ? 15 : 3 * (t % 8) + 3));
  }
  {
    Dev<int> o(3);
    counted<<<1, 100>>>(o.p);
    auto r = o.get();
    CHECK(r[0] == 34 && r[1] == 0 && r[2] != 0);
  }
  {
    Dev<int> o(40);
    early_exit<<<1, 128>>>(o.p);
    auto r = o.get();
    for (int v : r) CHECK(v == 9);
  }
  {
    Dev<int> o(32);
    named<<<1, 64>>>(o.p);
    auto r = o.get();
    for (int t = 0; t < 32; t++) CHECK(r[t] == 3 * (31 - t));
  }
  return done();
}
