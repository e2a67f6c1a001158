// Programs that softgpu must reject: "sass" (built with machine code only) and "unknown" (an instruction it lacks).
#include <mma.h>
#include "t.h"
using namespace nvcuda;
__global__ void product(const half* a, const half* b, float* c) {
  wmma::fragment<wmma::matrix_a, 16, 16, 16, half, wmma::row_major> x;
  wmma::fragment<wmma::matrix_b, 16, 16, 16, half, wmma::row_major> y;
  wmma::fragment<wmma::accumulator, 16, 16, 16, float> z;
  wmma::fill_fragment(z, 0);
  wmma::load_matrix_sync(x, a, 16);
  wmma::load_matrix_sync(y, b, 16);
  wmma::mma_sync(z, x, y, z);
  wmma::store_matrix_sync(c, z, 16, wmma::mem_row_major);
}
__global__ void plain(float* c) { c[threadIdx.x] = 1; }
int main(int, char** v) {
  Dev<float> c(256);
  Dev<half> a(256), b(256);
  if (!strcmp(v[1], "unknown"))
    product<<<1, 32>>>(a.p, b.p, c.p);
  else
    plain<<<1, 32>>>(c.p);
  printf("%s\n", cudaGetErrorName(cudaGetLastError()));
  return 0;
}
