#include <cub/block/block_radix_sort.cuh>
#include <cub/block/block_reduce.cuh>
#include <cub/block/block_scan.cuh>
#include <cub/warp/warp_reduce.cuh>
#include <cuda/functional>
#include "t.h"
__global__ void k(const int* x, int* scan, float* sum, int* warp, unsigned* sorted) {
  using Scan = cub::BlockScan<int, 128>;
  using Red = cub::BlockReduce<float, 128>;
  using Warp = cub::WarpReduce<int>;
  using Sort = cub::BlockRadixSort<unsigned, 128, 4>;
  __shared__ union {
    Scan::TempStorage a;
    Red::TempStorage b;
    Warp::TempStorage c[4];
    Sort::TempStorage d;
  } s;
  int t = threadIdx.x, v = x[t], o;
  Scan(s.a).ExclusiveSum(v, o);
  scan[t] = o;
  __syncthreads();
  float f = Red(s.b).Sum((float)v);
  if (!t) *sum = f;
  __syncthreads();
  int m = Warp(s.c[t / 32]).Reduce(v, cuda::maximum<>{});
  if (t % 32 == 0) warp[t / 32] = m;
  __syncthreads();
  unsigned key[4];
  for (int i = 0; i < 4; i++) key[i] = (v * 2654435761u) ^ (i * 40503u);
  Sort(s.d).Sort(key);
  for (int i = 0; i < 4; i++) sorted[t * 4 + i] = key[i];
}
#include <algorithm>
int main() {
  std::vector<int> x(128);
  for (int i = 0; i < 128; i++) x[i] = (i * 37) % 101;
  Dev<int> d(x), sc(128), w(4);
  Dev<float> s(1);
  Dev<unsigned> so(512);
  k<<<1, 128>>>(d.p, sc.p, s.p, w.p, so.p);
  auto r = sc.get();
  int a = 0;
  for (int i = 0; i < 128; i++) {
    CHECK(r[i] == a);
    a += x[i];
  }
  CHECK(s.get()[0] == a);
  auto m = w.get();
  for (int i = 0; i < 4; i++) CHECK(m[i] == *std::max_element(&x[i * 32], &x[i * 32] + 32));
  std::vector<unsigned> e;
  for (int v : x)
    for (int i = 0; i < 4; i++) e.push_back((v * 2654435761u) ^ (i * 40503u));
  std::sort(e.begin(), e.end());
  CHECK(so.get() == e);
  return done();
}
