// Seeded bugs and their correct twins: the first argument picks one ("race", "race_ok" ...).
#include <string>
#include "t.h"
__global__ void copy(const float* x, float* y, int n, int bias) {
  int i = blockIdx.x * blockDim.x + threadIdx.x;
  if (i < n) y[i] = x[i + bias];
}
__global__ void fill(float* y, int n) {
  int i = blockIdx.x * blockDim.x + threadIdx.x;
  if (i < n) y[i] = i;
}
template <bool Sync>
__global__ void reverse(int* o) {
  __shared__ int s[64];
  s[threadIdx.x] = threadIdx.x;
  if (Sync) __syncthreads();
  o[threadIdx.x] = s[63 - threadIdx.x];
}
template <bool Sync>
__global__ void tree(int* o) {
  __shared__ int s[64];
  int t = threadIdx.x;
  s[t] = t;
  __syncthreads();
  for (int k = 32; k; k >>= 1) {
    if (t < k) s[t] += s[t + k];
    if (Sync) __syncthreads();
  }
  if (!t) *o = s[0];
}
template <bool Sync>
__global__ void warp(int* o) {
  __shared__ int s[32];
  s[threadIdx.x] = threadIdx.x;
  if (Sync) __syncwarp();
  o[threadIdx.x] = s[31 - threadIdx.x];
}
template <bool Sync>
__global__ void global_in_block(int* g, int* o) {
  g[threadIdx.x] = threadIdx.x;
  if (Sync) __syncthreads();
  o[threadIdx.x] = g[(threadIdx.x + 1) % blockDim.x];
}
template <bool Atomic>
__global__ void count(int* c) {
  if (threadIdx.x == 0) {
    if (Atomic)
      atomicAdd(c, 1);
    else
      *c = *c + 1;
  }
}
template <bool Wrong>
__global__ void neighbour(int* x) {
  int i = blockIdx.x * blockDim.x + threadIdx.x;
  if (threadIdx.x == 0) {
    if (Wrong) {
      if (i) x[0] = x[i - 1];
      x[i] = i;
    } else
      x[i] = i;
  }
}
__global__ void bytes(unsigned char* p) { p[threadIdx.x + blockIdx.x * blockDim.x] = 1; }
__global__ void vec(const char* p, float* o, int off) { o[threadIdx.x] = *(const float*)(p + 4 * threadIdx.x + off); }
__global__ void sh(int* o, int k) {
  extern __shared__ int s[];
  s[threadIdx.x] = 1;
  __syncthreads();
  o[threadIdx.x] = s[threadIdx.x + k];
}
template <bool Ok>
__global__ void ticket(int* part, unsigned* t, int* out) {
  if (threadIdx.x == 0) {
    part[blockIdx.x] = 1;
    if (Ok) __threadfence();
    if (atomicAdd(t, 1) == gridDim.x - 1) {
      int s = 0;
      for (int i = 0; i < gridDim.x; i++) s += part[i];
      *out = s;
    }
  }
}
__global__ void some_barrier(int* o) {
  if (threadIdx.x < 16) __syncwarp(0xffffffff);
  o[threadIdx.x] = 1;
  if (threadIdx.x >= 16) __syncthreads();
}
__global__ void same(int* flag) { *flag = 1; }
__constant__ int c_value = 4;
__global__ void const_write(int* o, int* p) {
  *p = 5;
  o[0] = c_value;
}
int main(int, char** v) {
  std::string m = v[1];
  bool ok = m.size() > 3 && m.substr(m.size() - 3) == "_ok";
  if (ok) m.resize(m.size() - 3);
  const int n = 100;
  Dev<float> x(std::vector<float>(n, 1)), y(n);
  Dev<int> a(256), b(256);
  a.zero();
  if (m == "read")
    copy<<<1, 128>>>(x.p, y.p, n, ok ? 0 : 1);
  else if (m == "read_far")
    copy<<<1, 128>>>(x.p, y.p, n, ok ? 0 : 100000000);
  else if (m == "write")
    fill<<<1, 128>>>(y.p, ok ? n : n + 1);
  else if (m == "null")
    fill<<<1, 128>>>(ok ? y.p : nullptr, n);
  else if (m == "host") {
    std::vector<float> h(n);
    fill<<<1, 128>>>(ok ? y.p : h.data(), n);
  } else if (m == "freed") {
    float* p;
    cudaMalloc(&p, 400);
    if (!ok) cudaFree(p);
    fill<<<1, 128>>>(p, n);
  } else if (m == "race") {
    if (ok)
      reverse<true><<<1, 64>>>(a.p);
    else
      reverse<false><<<1, 64>>>(a.p);
  } else if (m == "tree") {
    if (ok)
      tree<true><<<1, 64>>>(a.p);
    else
      tree<false><<<1, 64>>>(a.p);
  } else if (m == "warp") {
    if (ok)
      warp<true><<<1, 32>>>(a.p);
    else
      warp<false><<<1, 32>>>(a.p);
  } else if (m == "global") {
    if (ok)
      global_in_block<true><<<1, 128>>>(a.p, b.p);
    else
      global_in_block<false><<<1, 128>>>(a.p, b.p);
  } else if (m == "cross") {
    if (ok)
      count<true><<<4, 32>>>(a.p);
    else
      count<false><<<4, 32>>>(a.p);
  } else if (m == "neighbour") {
    if (ok)
      neighbour<false><<<4, 32>>>(a.p);
    else
      neighbour<true><<<4, 32>>>(a.p);
  } else if (m == "bytes")
    bytes<<<4, ok ? 37 : 37>>>((unsigned char*)a.p + (ok ? 0 : 1000));
  else if (m == "misaligned")
    vec<<<1, 8>>>((char*)a.p, y.p, ok ? 4 : 2);
  else if (m == "shared")
    sh<<<1, 32, 33 * 4>>>(a.p, ok ? 0 : 2);
  else if (m == "ticket") {
    a.zero();
    if (ok)
      ticket<true><<<5, 32>>>(a.p, (unsigned*)a.p + 100, a.p + 200);
    else
      ticket<false><<<5, 32>>>(a.p, (unsigned*)a.p + 100, a.p + 200);
  } else if (m == "init") {
    Dev<float> z(n);
    if (ok) cudaMemset(z.p, 0, n * 4);
    copy<<<1, 128>>>(z.p, y.p, n, 0);
  } else if (m == "init_part") {
    Dev<float> z(n);
    fill<<<1, 128>>>(z.p, ok ? n : n - 1);
    copy<<<1, 128>>>(z.p, y.p, n, 0);
  } else if (m == "deadlock") {
    if (!ok)
      some_barrier<<<1, 32>>>(a.p);
    else
      fill<<<1, 32>>>(y.p, n);
  } else if (m == "constant") {
    int* p;
    cudaGetSymbolAddress((void**)&p, c_value);
    const_write<<<1, 1>>>(a.p, ok ? a.p + 1 : p);
  } else if (m == "same")
    same<<<2, 64>>>(a.p);
  else if (m == "memcpy")
    cudaMemcpy(y.p, x.p, ok ? n * 4 : n * 4 + 4, cudaMemcpyDeviceToDevice);
  else {
    printf("no such case %s\n", m.c_str());
    return 2;
  }
  cudaDeviceSynchronize();
  return 0;
}
