#include "t.h"
struct Params {
  int n;
  float a;
  double b;
  const float* x;
  float* y;
  short tag[3];
};
__constant__ float c_table[16];
__device__ int d_counter = 5;
__device__ float d_array[8] = {1, 2, 3};
__managed__ int m_value = 3;
__global__ void saxpy(int n, float a, const float* x, float* y) {
  int i = blockIdx.x * blockDim.x + threadIdx.x;
  if (i < n) y[i] = a * x[i] + y[i];
}
__global__ void by_struct(Params p) {
  int i = blockIdx.x * blockDim.x + threadIdx.x;
  if (i < p.n) p.y[i] = p.a * p.x[i] + (float)p.b + p.tag[i % 3];
}
__global__ void grid3(int* out, int w, int h, int d) {
  int x = blockIdx.x * blockDim.x + threadIdx.x, y = blockIdx.y * blockDim.y + threadIdx.y,
      z = blockIdx.z * blockDim.z + threadIdx.z;
  if (x < w && y < h && z < d) out[(z * h + y) * w + x] = x + 100 * y + 10000 * z;
}
__global__ void symbols(float* out) {
  int i = threadIdx.x;
  out[i] = c_table[i] + d_array[i & 7];
  atomicAdd(&d_counter, 1);
  if (!i) m_value = 44;
}
template <class T, int N>
__global__ void tmpl(T* p) {
  T s = 0;
  for (int k = 0; k < N; k++) s += (T)(k * threadIdx.x);
  p[threadIdx.x] = s;
}
__device__ __noinline__ int fib(int n) { return n < 2 ? n : fib(n - 1) + fib(n - 2); }
__global__ void recurse(int* p) { p[threadIdx.x] = fib(threadIdx.x % 12); }
typedef float (*Op)(float, float);
__device__ __noinline__ float add_op(float a, float b) { return a + b; }
__device__ __noinline__ float mul_op(float a, float b) { return a * b; }
__device__ Op d_ops[2] = {add_op, mul_op};
__global__ void pointers(float* p) {
  int i = threadIdx.x;
  p[i] = d_ops[i & 1]((float)i, 3.0f);
}
__global__ void local_array(int* p, int n) {
  int a[32];
  for (int i = 0; i < 32; i++) a[(i * 7 + n) & 31] = i;
  int s = 0;
  for (int i = 0; i < n; i++) s = s * 3 + a[(threadIdx.x + i) & 31];
  p[threadIdx.x] = s;
}
__global__ void sw(int* p) {
  int i = threadIdx.x, v;
  switch (i) {
    case 0:
      v = 5;
      break;
    case 1:
      v = 7 * i;
      break;
    case 2:
      v = i * i;
      break;
    case 3:
      v = -1;
      break;
    case 4:
      v = 11;
      break;
    case 5:
      v = 3;
      break;
    case 6:
      v = i ^ 9;
      break;
    default:
      v = i;
  }
  p[i] = v;
}
__global__ void grid_constant(const __grid_constant__ Params p, float* out) {
  const short* t = p.tag;
  out[threadIdx.x] = t[threadIdx.x % 3] + p.a;
}
__global__ void asm_scope(int* p) {
  int r;
  asm("{ .reg .pred q; .reg .b32 t; setp.gt.s32 q, %1, 3; mov.u32 t, 1; @q add.s32 t, t, 41; mov.b32 %0, t; }"
      : "=r"(r)
      : "r"((int)threadIdx.x));
  p[threadIdx.x] = r;
}
int main() {
  const int n = 1000;
  std::vector<float> x(n), y(n);
  for (int i = 0; i < n; i++) x[i] = i * 0.5f, y[i] = 2.0f * i;
  {
    Dev<float> dx(x), dy(y);
    saxpy<<<(n + 127) / 128, 128>>>(n, 3, dx.p, dy.p);
    auto r = dy.get();
    for (int i = 0; i < n; i++) CHECK(r[i] == 3 * x[i] + y[i]);
  }
  {
    Dev<float> dx(x), dy(n);
    Params p{n, 2.f, 0.25, dx.p, dy.p, {1, 2, 3}};
    by_struct<<<8, 128>>>(p);
    auto r = dy.get();
    for (int i = 0; i < n; i++) CHECK(r[i] == 2.f * x[i] + 0.25f + (1 + i % 3));
  }
  {
    int w = 13, h = 9, d = 5;
    Dev<int> o(w * h * d);
    grid3<<<dim3(4, 3, 2), dim3(4, 4, 3)>>>(o.p, w, h, d);
    auto r = o.get();
    for (int z = 0; z < d; z++)
      for (int yy = 0; yy < h; yy++)
        for (int xx = 0; xx < w; xx++) CHECK(r[(z * h + yy) * w + xx] == xx + 100 * yy + 10000 * z);
  }
  {
    float t[16];
    for (int i = 0; i < 16; i++) t[i] = i * 1.5f;
    CUDA(cudaMemcpyToSymbol(c_table, t, sizeof t));
    Dev<float> o(16);
    symbols<<<1, 16>>>(o.p);
    auto r = o.get();
    float a[8] = {1, 2, 3};
    for (int i = 0; i < 16; i++) CHECK(r[i] == t[i] + a[i & 7]);
    int c;
    CUDA(cudaMemcpyFromSymbol(&c, d_counter, 4));
    CHECK(c == 21);
    CUDA(cudaDeviceSynchronize());
    CHECK(m_value == 44);
  }
  {
    Dev<double> a(32);
    tmpl<double, 5><<<1, 32>>>(a.p);
    auto r = a.get();
    for (int i = 0; i < 32; i++) CHECK(r[i] == 10.0 * i);
    Dev<long long> b(32);
    tmpl<long long, 9><<<1, 32>>>(b.p);
    auto q = b.get();
    for (int i = 0; i < 32; i++) CHECK(q[i] == 36 * i);
  }
  {
    Dev<int> a(32);
    recurse<<<1, 32>>>(a.p);
    auto r = a.get();
    int f[12] = {0, 1};
    for (int i = 2; i < 12; i++) f[i] = f[i - 1] + f[i - 2];
    for (int i = 0; i < 32; i++) CHECK(r[i] == f[i % 12]);
  }
  {
    Dev<float> a(32);
    pointers<<<1, 32>>>(a.p);
    auto r = a.get();
    for (int i = 0; i < 32; i++) CHECK(r[i] == (i & 1 ? i * 3.f : i + 3.f));
  }
  {
    Dev<int> a(32);
    local_array<<<1, 32>>>(a.p, 9);
    auto r = a.get();
    int m[32];
    for (int i = 0; i < 32; i++) m[(i * 7 + 9) & 31] = i;
    for (int t = 0; t < 32; t++) {
      unsigned s = 0;
      for (int i = 0; i < 9; i++) s = s * 3 + m[(t + i) & 31];
      CHECK(r[t] == (int)s);
    }
  }
  {
    Dev<int> a(9);
    sw<<<1, 9>>>(a.p);
    auto r = a.get();
    int e[9] = {5, 7, 4, -1, 11, 3, 15, 7, 8};
    for (int i = 0; i < 9; i++) CHECK(r[i] == e[i]);
  }
  {
    Dev<float> a(6);
    Params p{1, 2.f, 0, 0, 0, {4, 5, 6}};
    grid_constant<<<1, 6>>>(p, a.p);
    auto r = a.get();
    for (int i = 0; i < 6; i++) CHECK(r[i] == 6 + i % 3);
  }
  {
    Dev<int> a(8);
    asm_scope<<<1, 8>>>(a.p);
    auto r = a.get();
    for (int i = 0; i < 8; i++) CHECK(r[i] == (i > 3 ? 42 : 1));
  }
  return done();
}
