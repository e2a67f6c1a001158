#include <cuda_runtime.h>
__global__ void axpy(const float* x, const float* y, float* o, float a, long n, int bug) {
  long i = blockIdx.x * (long)blockDim.x + threadIdx.x;
  if (i < n + bug) o[i] = a * x[i] + y[i];
}
__global__ void row_sum(const float* x, float* o, int cols) {
  __shared__ float s[128];
  float v = 0;
  for (int c = threadIdx.x; c < cols; c += 128) v += x[blockIdx.x * (long)cols + c];
  s[threadIdx.x] = v;
  __syncthreads();
  for (int k = 64; k; k >>= 1) {
    if (threadIdx.x < k) s[threadIdx.x] += s[threadIdx.x + k];
    __syncthreads();
  }
  if (threadIdx.x == 0) o[blockIdx.x] += s[0];
}
void run_axpy(const float* x, const float* y, float* o, float a, long n, int bug, cudaStream_t s) {
  axpy<<<(n + 127) / 128, 128, 0, s>>>(x, y, o, a, n, bug);
}
void run_row_sum(const float* x, float* o, int rows, int cols, cudaStream_t s) {
  row_sum<<<rows, 128, 0, s>>>(x, o, cols);
}
