#include <climits>
#include "t.h"
__global__ void all(int* i, unsigned* u, unsigned long long* l, float* f, double* d) {
  int t = blockIdx.x * blockDim.x + threadIdx.x;
  atomicAdd(&i[0], t);
  atomicSub(&i[1], t);
  atomicMin(&i[2], -t);
  atomicMax(&i[3], t);
  atomicXor(&i[4], t);
  atomicOr(&i[5], t);
  atomicAnd(&i[6], ~(1 << (t % 31)));
  atomicInc(&u[0], 99);
  atomicDec(&u[1], 49);
  atomicMax(&u[2], 0x80000000u + t);
  atomicAdd(&l[0], (unsigned long long)t << 20);
  atomicMax(&l[1], (unsigned long long)t << 33);
  atomicMin((long long*)&l[2], -(long long)t);
  atomicAdd(&f[0], 0.5f);
  atomicAdd(&d[0], 0.25);
}
__device__ double cas_add(double* p, double v) {
  unsigned long long *a = (unsigned long long*)p, old = *(volatile unsigned long long*)a, want;
  do {
    want = old;
    old = atomicCAS(a, want, __double_as_longlong(v + __longlong_as_double(want)));
  } while (want != old);
  return __longlong_as_double(old);
}
__global__ void cas(double* d) { cas_add(d, threadIdx.x); }
__global__ void hist(const int* x, int* h, int n) {
  __shared__ int s[16];
  if (threadIdx.x < 16) s[threadIdx.x] = 0;
  __syncthreads();
  for (int i = blockIdx.x * blockDim.x + threadIdx.x; i < n; i += blockDim.x * gridDim.x) atomicAdd(&s[x[i] & 15], 1);
  __syncthreads();
  if (threadIdx.x < 16) atomicAdd(&h[threadIdx.x], s[threadIdx.x]);
}
__global__ void exch(int* lock, int* v) {  // a spin lock: threads must make progress independently
  for (bool go = true; go;)
    if (atomicCAS(lock, 0, 1) == 0) {
      __threadfence();
      *(volatile int*)v = *(volatile int*)v + 1;
      __threadfence();
      atomicExch(lock, 0);
      go = false;
    }
}
// the last block to finish adds up what the others left (fence, counter)
__device__ unsigned d_ticket = 0;
__global__ void last_block(float* part, float* out) {
  __shared__ bool last;
  if (threadIdx.x == 0) {
    part[blockIdx.x] = blockIdx.x + 1.0f;
    __threadfence();
    last = atomicAdd(&d_ticket, 1) == gridDim.x - 1;
  }
  __syncthreads();
  if (last && threadIdx.x == 0) {
    float s = 0;
    for (int i = 0; i < gridDim.x; i++) s += part[i];
    *out = s;
  }
}
// block b waits for block b+1: blocks must be able to run together
__global__ void backwards(volatile int* flag, int* out) {
  if (threadIdx.x == 0) {
    if (blockIdx.x + 1 < gridDim.x)
      while (!flag[blockIdx.x + 1]) {
      }
    out[blockIdx.x] = blockIdx.x * 2;
    __threadfence();
    flag[blockIdx.x] = 1;
  }
}
int main() {
  const int n = 512;
  {
    std::vector<int> i(7, 0);
    i[6] = -1;
    Dev<int> di(i);
    std::vector<unsigned> u(3, 0);
    Dev<unsigned> du(u);
    std::vector<unsigned long long> l(3, 0);
    Dev<unsigned long long> dl(l);
    Dev<float> f(std::vector<float>(1, 0));
    Dev<double> d(std::vector<double>(1, 0));
    all<<<4, 128>>>(di.p, du.p, dl.p, f.p, d.p);
    auto r = di.get();
    int s = n * (n - 1) / 2, x = 0, o = 0;
    for (int t = 0; t < n; t++) x ^= t, o |= t;
    CHECK(r[0] == s && r[1] == -s && r[2] == -(n - 1) && r[3] == n - 1 && r[4] == x && r[5] == o && r[6] == INT_MIN);
    auto q = du.get();
    CHECK(q[0] == n % 100);
    CHECK(q[2] == 0x80000000u + n - 1);
    unsigned v = 0;
    for (int t = 0; t < n; t++) v = v == 0 || v > 49 ? 49 : v - 1;
    CHECK(q[1] == v);
    auto ll = dl.get();
    CHECK(ll[0] == (unsigned long long)s << 20);
    CHECK(ll[1] == (unsigned long long)(n - 1) << 33);
    CHECK((long long)ll[2] == -(n - 1));
    CHECK(f.get()[0] == n * 0.5f);
    CHECK(d.get()[0] == n * 0.25);
  }
  {
    Dev<double> d(std::vector<double>(1, 1.5));
    cas<<<1, 100>>>(d.p);
    CHECK(d.get()[0] == 4951.5);
  }
  {
    std::vector<int> x(3000);
    int e[16] = {};
    for (int i = 0; i < 3000; i++) {
      x[i] = i * i + 3;
      e[x[i] & 15]++;
    }
    Dev<int> d(x), h(16);
    h.zero();
    hist<<<3, 128>>>(d.p, h.p, 3000);
    auto r = h.get();
    for (int i = 0; i < 16; i++) CHECK(r[i] == e[i]);
  }
  {
    Dev<int> l(1), v(1);
    l.zero();
    v.zero();
    exch<<<3, 64>>>(l.p, v.p);
    CHECK(v.get()[0] == 192);
  }
  {
    Dev<float> p(20), o(1);
    last_block<<<20, 32>>>(p.p, o.p);
    CHECK(o.get()[0] == 210);
  }
  {
    Dev<int> f(3), o(3);
    f.zero();
    backwards<<<3, 32>>>(f.p, o.p);
    auto r = o.get();
    for (int i = 0; i < 3; i++) CHECK(r[i] == 2 * i);
  }
  return done();
}
