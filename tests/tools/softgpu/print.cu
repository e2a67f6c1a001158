#include <cassert>
#include "t.h"
__global__ void hello(int n, double d, const char* s) {
  printf("thread %d of %u: %5.2f %s %lld %c %x%%\n", threadIdx.x, blockDim.x, d, s, 1ll << 40, 'q', n);
}
__device__ const char d_text[] = "text";
__global__ void call() { printf("%s\n", d_text); }
__global__ void fails(int n) { assert(threadIdx.x < n); }
__global__ void traps() { __trap(); }
int main(int argc, char**) {
  char* s;
  CUDA(cudaMalloc(&s, 8));
  CUDA(cudaMemcpy(s, "abc", 4, cudaMemcpyHostToDevice));
  hello<<<1, 2>>>(255, 3.14159, s);
  call<<<1, 1>>>();
  CUDA(cudaDeviceSynchronize());
  if (argc > 1)
    traps<<<1, 1>>>();
  else
    fails<<<1, 4>>>(3);
  cudaError_t e = cudaDeviceSynchronize();
  printf("%s\n", cudaGetErrorName(e));
  return 0;
}
