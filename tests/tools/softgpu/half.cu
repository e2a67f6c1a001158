#include <cuda_bf16.h>
#include <cuda_fp16.h>
#include "t.h"
#define OF(T, FMA, EXP, SQRT)                        \
  __device__ T fma_of(T a, T b, T c) { return FMA; } \
  __device__ T exp_of(T a) { return EXP; }           \
  __device__ T sqrt_of(T a) { return SQRT; }         \
  __device__ T max_of(T a, T b) { return a > b ? a : b; }
OF(half, __hfma(a, b, c), hexp(a), hsqrt(__habs(a)))
#if __CUDA_ARCH__ >= 800
OF(__nv_bfloat16, __hfma(a, b, c), hexp(a), hsqrt(__habs(a)))
#else
OF(__nv_bfloat16, __float2bfloat16(fmaf(__bfloat162float(a), __bfloat162float(b), __bfloat162float(c))),
   __float2bfloat16(expf(__bfloat162float(a))), __float2bfloat16(sqrtf(fabsf(__bfloat162float(a)))))
#endif
template <class T>
__global__ void scalar(const float* x, float* o) {
  int i = threadIdx.x;
  T a = (T)x[i], b = (T)x[(i + 5) & 63];
  float* p = o + i * 10;
  p[0] = (float)(a + b);
  p[1] = (float)(a - b);
  p[2] = (float)(a * b);
  p[3] = (float)(a / b);
  p[4] = (float)fma_of(a, b, a);
  p[5] = (float)exp_of(a);
  p[6] = (float)sqrt_of(a);
  p[7] = a < b;
  p[8] = (float)max_of(a, b);
  p[9] = (float)(int)a;
}
__global__ void pairs(const float* x, float* o) {
  int i = threadIdx.x;
  half2 a = __floats2half2_rn(x[i], x[(i + 1) & 63]), b = __floats2half2_rn(x[(i + 2) & 63], 2.0f),
        c = __hfma2(a, b, a);
  o[i * 4] = __low2float(c);
  o[i * 4 + 1] = __high2float(c);
  __nv_bfloat162 d = __floats2bfloat162_rn(x[i], x[(i + 1) & 63]), e = __hadd2(d, d);
  o[i * 4 + 2] = __low2float(e);
  o[i * 4 + 3] = __high2float(e);
}
__global__ void atom(half* h, half2* h2, __nv_bfloat16* b) {
  atomicAdd(h, __float2half(1.0f));
  atomicAdd(h2, __floats2half2_rn(1.0f, 0.5f));
  atomicAdd(b, __float2bfloat16(1.0f));
}
__global__ void conv(const float* x, unsigned short* o) {
  int i = threadIdx.x;
  o[i * 5] = __half_as_ushort(__float2half_rn(x[i]));
  o[i * 5 + 1] = __half_as_ushort(__float2half_rz(x[i]));
  o[i * 5 + 2] = __half_as_ushort(__float2half_ru(x[i]));
  o[i * 5 + 3] = __bfloat16_as_ushort(__float2bfloat16_rn(x[i]));
  o[i * 5 + 4] = __half_as_ushort(__int2half_rn(i * 37));
}
static float rh(double v) { return (float)(_Float16)v; }
static float rb(double v) {
  float f = (float)v;
  unsigned u;
  memcpy(&u, &f, 4);
  u = (u + 0x7fff + ((u >> 16) & 1)) & 0xffff0000u;
  memcpy(&f, &u, 4);
  return f;
}
int main() {
  std::vector<float> x(64);
  for (int i = 0; i < 64; i++) x[i] = (i - 31.3f) * 0.173f;
  Dev<float> d(x), o(640);
  for (int bf = 0; bf < 2; bf++) {
    auto R = bf ? rb : rh;
    double eps = bf ? 8e-3 : 1e-3;
    if (bf)
      scalar<__nv_bfloat16><<<1, 64>>>(d.p, o.p);
    else
      scalar<half><<<1, 64>>>(d.p, o.p);
    auto r = o.get();
    for (int i = 0; i < 64; i++) {
      double a = R(x[i]), b = R(x[(i + 5) & 63]);
      float* p = &r[i * 10];
      CHECK(p[0] == R(a + b));
      CHECK(p[1] == R(a - b));
      CHECK(p[2] == R(a * b));
      CHECK(near(p[3], a / b, eps));
      CHECK(bf ? near(p[4], a * b + a, eps) : p[4] == R(a * b + a));
      CHECK(near(p[5], exp(a), eps));
      CHECK(near(p[6], sqrt(fabs(a)), eps));
      CHECK(p[7] == (a < b));
      CHECK(p[8] == fmax(a, b));
      CHECK(p[9] == (int)a);
    }
  }
  {
    pairs<<<1, 64>>>(d.p, o.p);
    auto r = o.get();
    for (int i = 0; i < 64; i++) {
      double a = rh(x[i]), a2 = rh(x[(i + 1) & 63]), b = rh(x[(i + 2) & 63]);
      CHECK(r[i * 4] == rh(a * b + a));
      CHECK(r[i * 4 + 1] == rh(3 * a2));
      CHECK(r[i * 4 + 2] == rb(2 * rb(x[i])));
      CHECK(r[i * 4 + 3] == rb(2 * rb(x[(i + 1) & 63])));
    }
  }
  {
    Dev<unsigned short> h(8);
    h.zero();
    atom<<<2, 50>>>((half*)h.p, (half2*)(h.p + 2), (__nv_bfloat16*)(h.p + 4));
    auto r = h.get();
    half t[8];
    memcpy(t, r.data(), 16);
    CHECK((float)t[0] == 100);
    CHECK((float)t[2] == 100 && (float)t[3] == 50);
    __nv_bfloat16 b;
    memcpy(&b, &r[4], 2);
    CHECK((float)b == 100);
  }
  {
    Dev<unsigned short> q(320);
    conv<<<1, 64>>>(d.p, q.p);
    auto r = q.get();
    for (int i = 0; i < 64; i++) {
      CHECK(r[i * 5] == __half_as_ushort(__float2half_rn(x[i])));
      CHECK(r[i * 5 + 1] == __half_as_ushort(__float2half_rz(x[i])));
      CHECK(r[i * 5 + 2] == __half_as_ushort(__float2half_ru(x[i])));
      CHECK(r[i * 5 + 3] == __bfloat16_as_ushort(__float2bfloat16_rn(x[i])));
      CHECK(r[i * 5 + 4] == __half_as_ushort(__float2half_rn(i * 37.f)));
    }
  }
  return done();
}
