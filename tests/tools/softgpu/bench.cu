// PTX instructions a second on a few kinds of kernel.
#include <chrono>
#include "t.h"
extern "C" unsigned long long softgpu_instructions();
__global__ void arith(float* y, int n) {
  int i = threadIdx.x + blockIdx.x * blockDim.x;
  float s = 0;
  for (int k = 0; k < n; k++) s = s * 1.0001f + (float)(k ^ i);
  y[i] = s;
}
__global__ void global_sum(const float* x, float* y, int n) {
  int i = threadIdx.x + blockIdx.x * blockDim.x;
  float s = 0;
  for (int k = 0; k < n; k++) s += x[k];
  y[i] = s;
}
__global__ void stream(const float* x, float* y, int n) {
  int i = threadIdx.x + blockIdx.x * blockDim.x;
  if (i < n) y[i] = 2 * x[i] + y[i];
}
__global__ void reduce(const float* x, float* out) {
  __shared__ float s[256];
  int t = threadIdx.x;
  s[t] = x[blockIdx.x * 256 + t];
  __syncthreads();
  for (int k = 128; k; k >>= 1) {
    if (t < k) s[t] += s[t + k];
    __syncthreads();
  }
  if (!t) out[blockIdx.x] = s[0];
}
__global__ void shuffle(float* out, int n) {
  float v = threadIdx.x;
  for (int k = 0; k < n; k++) v += __shfl_xor_sync(~0u, v, 1 << (k % 5));
  out[threadIdx.x] = v;
}
int main() {
  const int n = 1 << 20;
  Dev<float> x(n), y(n);
  x.zero();
  y.zero();
  auto run = [&](const char* name, auto f) {
    auto i0 = softgpu_instructions();
    auto t0 = std::chrono::steady_clock::now();
    f();
    double s = std::chrono::duration<double>(std::chrono::steady_clock::now() - t0).count();
    printf("%-11s %6.1f M PTX instructions/s\n", name, (softgpu_instructions() - i0) / s / 1e6);
  };
  run("arithmetic", [&] { arith<<<8, 128>>>(y.p, 20000); });
  run("global read", [&] { global_sum<<<8, 128>>>(x.p, y.p, 20000); });
  run("stream", [&] {
    for (int k = 0; k < 5; k++) stream<<<n / 128, 128>>>(x.p, y.p, n);
  });
  run("shared tree", [&] { reduce<<<n / 256, 256>>>(x.p, y.p); });
  run("shuffle", [&] { shuffle<<<1, 128>>>(y.p, 20000); });
  return 0;
}
