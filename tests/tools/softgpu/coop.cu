#include <cooperative_groups.h>
#include "t.h"
namespace cg = cooperative_groups;
// every block writes, the grid meets, every block reads another's value: three rounds
__global__ void rounds(int* a, int* b) {
  auto g = cg::this_grid();
  int i = g.thread_rank(), n = g.size();
  for (int k = 0; k < 3; k++) {
    b[i] = a[(i + 33) % n] + 1;
    g.sync();
    a[i] = b[(i + 65) % n];
    g.sync();
  }
}
__global__ void big(float* o) {
  extern __shared__ float s[];
  s[threadIdx.x * 512] = threadIdx.x;
  __syncthreads();
  o[threadIdx.x] = s[(31 - threadIdx.x) * 512];
}
int main() {
  const int n = 6 * 64;
  std::vector<int> a(n), b(n);
  for (int i = 0; i < n; i++) a[i] = i * i;
  Dev<int> da(a), db(n);
  void* args[] = {&da.p, &db.p};
  CUDA(cudaLaunchCooperativeKernel((void*)rounds, dim3(6), dim3(64), args, 0, 0));
  for (int k = 0; k < 3; k++) {
    for (int i = 0; i < n; i++) b[i] = a[(i + 33) % n] + 1;
    for (int i = 0; i < n; i++) a[i] = b[(i + 65) % n];
  }
  CHECK(da.get() == a);
  Dev<float> o(32);
  big<<<1, 32, 65536>>>(o.p);
  CHECK(cudaGetLastError() == cudaErrorInvalidValue);  // not opted in
  CUDA(cudaFuncSetAttribute(big, cudaFuncAttributeMaxDynamicSharedMemorySize, 65536));
  big<<<1, 32, 65536>>>(o.p);
  CUDA(cudaGetLastError());
  auto r = o.get();
  for (int i = 0; i < 32; i++) CHECK(r[i] == 31 - i);
  cudaLaunchConfig_t c = {};
  c.gridDim = 1;
  c.blockDim = 32;
  c.dynamicSmemBytes = 65536;
  CUDA(cudaLaunchKernelEx(&c, big, o.p));
  int blocks;
  CUDA(cudaOccupancyMaxActiveBlocksPerMultiprocessor(&blocks, big, 32, 0));
  CHECK(blocks == 32);
  big<<<1, 2000>>>(o.p);
  CHECK(cudaGetLastError() == cudaErrorInvalidConfiguration);
  return done();
}
