#include <cooperative_groups.h>
#include "t.h"
namespace cg = cooperative_groups;
__global__ void shuffles(int* o) {
  int t = threadIdx.x & 31, v = t * t;
  int* p = o + threadIdx.x * 6;
  p[0] = __shfl_down_sync(~0u, v, 3);
  p[1] = __shfl_up_sync(~0u, v, 5);
  p[2] = __shfl_xor_sync(~0u, v, 9);
  p[3] = __shfl_sync(~0u, v, 7);
  p[4] = __shfl_sync(~0u, v, t + 1, 8);
  p[5] = __shfl_down_sync(~0u, v, 2, 4);
}
__global__ void sum(const double* x, double* out) {
  double v = x[threadIdx.x];
  for (int k = 16; k; k >>= 1) v += __shfl_down_sync(~0u, v, k);
  if (threadIdx.x % 32 == 0) out[threadIdx.x / 32] = v;
}
__global__ void compact(const int* x, int* out, int* count, int n) {
  int i = blockIdx.x * blockDim.x + threadIdx.x, lane = threadIdx.x & 31;
  bool keep = i < n && x[i] % 3 == 0;
  unsigned b = __ballot_sync(~0u, keep);
  int base = 0;
  if (lane == 0) base = atomicAdd(count, __popc(b));
  base = __shfl_sync(~0u, base, 0);
  if (keep) out[base + __popc(b & ((1u << lane) - 1))] = x[i];
}
__global__ void votes(unsigned* o) {
  int t = threadIdx.x;
  o[t] = __all_sync(~0u, t < 32) | __any_sync(~0u, t == 40) << 1 | __any_sync(~0u, t == 3) << 2;
  o[32 + t] = __match_any_sync(~0u, t % 5);
  int pr;
  unsigned m = __match_all_sync(~0u, 7, &pr);
  o[64 + t] = m & (pr ? ~0u : 0);
}
// divergent halves each synchronise among themselves, then meet
__global__ void halves(int* o) {
  int t = threadIdx.x, v = t;
  if (t < 16) {
    v += __shfl_xor_sync(0xffffu, v, 1);
    __syncwarp(0xffffu);
  } else
    v *= __shfl_xor_sync(0xffff0000u, v, 2);
  v += __shfl_sync(~0u, v, 31 - t);
  o[t] = v;
}
__global__ void active(unsigned* o) {
  int t = threadIdx.x;
  if (t % 2)
    o[t] = __activemask();
  else
    o[t] = 0;
}
__global__ void coop(int* o) {
  auto tile = cg::tiled_partition<8>(cg::this_thread_block());
  int v = tile.thread_rank() + 1;
  for (int k = 4; k; k >>= 1) v += tile.shfl_xor(v, k);
  auto g = cg::coalesced_threads();
  o[threadIdx.x] = v * 100 + g.size();
}
#if __CUDA_ARCH__ >= 800 || !defined(__CUDA_ARCH__)
__global__ void redux(unsigned* o) {
  unsigned t = threadIdx.x;
  o[t] = __reduce_add_sync(~0u, t);
  o[32 + t] = __reduce_max_sync(~0u, t ^ 5);
  o[64 + t] = (unsigned)__reduce_min_sync(~0u, (int)t - 9);
  o[96 + t] = __reduce_xor_sync(~0u, t * 3);
}
#else
__global__ void redux(unsigned*) {}
#endif
int main(int argc, char** argv) {
  {
    Dev<int> o(32 * 6);
    shuffles<<<1, 32>>>(o.p);
    auto r = o.get();
    for (int t = 0; t < 32; t++) {
      int* p = &r[t * 6];
      auto sq = [](int k) { return k * k; };
      CHECK(p[0] == sq(t + 3 < 32 ? t + 3 : t));
      CHECK(p[1] == sq(t >= 5 ? t - 5 : t));
      CHECK(p[2] == sq(t ^ 9));
      CHECK(p[3] == 49);
      CHECK(p[4] == sq((t & 24) | ((t + 1) & 7)));
      CHECK(p[5] == sq((t & 3) + 2 < 4 ? t + 2 : t));
    }
  }
  {
    std::vector<double> x(64);
    for (int i = 0; i < 64; i++) x[i] = i + 0.5;
    Dev<double> d(x), o(2);
    sum<<<1, 64>>>(d.p, o.p);
    auto r = o.get();
    CHECK(r[0] == 512 && r[1] == 1536);
  }
  {
    int n = 1000;
    std::vector<int> x(n);
    for (int i = 0; i < n; i++) x[i] = (i * 7919) % 1000;
    Dev<int> d(x), o(n), c(1);
    c.zero();
    compact<<<8, 128>>>(d.p, o.p, c.p, n);
    int k = c.get()[0], e = 0;
    long s = 0, es = 0;
    for (int v : x)
      if (v % 3 == 0) e++, es += v;
    CHECK(k == e);
    auto r = o.get();
    for (int i = 0; i < k; i++) s += r[i];
    CHECK(s == es);
  }
  {
    Dev<unsigned> o(96);
    votes<<<1, 32>>>(o.p);
    auto r = o.get();
    for (int t = 0; t < 32; t++) {
      CHECK(r[t] == 5);
      unsigned m = 0;
      for (int j = 0; j < 32; j++)
        if (j % 5 == t % 5) m |= 1u << j;
      CHECK(r[32 + t] == m);
      CHECK(r[64 + t] == ~0u);
    }
  }
  {
    Dev<int> o(32);
    halves<<<1, 32>>>(o.p);
    auto r = o.get();
    int v[32];
    for (int t = 0; t < 32; t++) v[t] = t < 16 ? t + (t ^ 1) : t * (t ^ 2);
    for (int t = 0; t < 32; t++) CHECK(r[t] == v[t] + v[31 - t]);
  }
  {
    Dev<unsigned> o(32);
    active<<<1, 32>>>(o.p);
    auto r = o.get();
    for (int t = 0; t < 32; t++) CHECK(r[t] == (t % 2 ? 0xaaaaaaaau : 0));
  }
  {
    Dev<int> o(64);
    coop<<<1, 64>>>(o.p);
    auto r = o.get();
    for (int v : r) CHECK(v == 3632);
  }
  if (argc > 1 && atoi(argv[1]) >= 80) {
    Dev<unsigned> o(128);
    redux<<<1, 32>>>(o.p);
    auto r = o.get();
    unsigned x = 0;
    for (int t = 0; t < 32; t++) x ^= t * 3;
    for (int t = 0; t < 32; t++) {
      CHECK(r[t] == 496);
      CHECK(r[32 + t] == 31);
      CHECK((int)r[64 + t] == -9);
      CHECK(r[96 + t] == x);
    }
  }
  return done();
}
