// One function compiled for host and device, on random bits: results must agree to the bit (built with -fmad=false).
#include <cstdint>
#include "t.h"
struct Out {
  uint64_t v[40];
};
template <class T>
__host__ __device__ inline uint64_t bits(T x) {
  uint64_t u = 0;
  memcpy(&u, &x, sizeof x);
  return u;
}
__host__ __device__ inline uint64_t fbits(float x) { return x != x ? 0x7fc00000u : bits(x); }
__host__ __device__ inline uint64_t dbits(double x) { return x != x ? 0x7ff8000000000000ull : bits(x); }
__host__ __device__ void mix(uint64_t a, uint64_t b, Out& o) {
  uint64_t* p = o.v;
  int8_t s8 = a, t8 = b;
  uint8_t u8 = a >> 9, v8 = b >> 7;
  int16_t s16 = a >> 3, t16 = b >> 5;
  uint16_t u16 = a >> 17, v16 = b >> 11;
  int32_t s32 = a >> 20, t32 = (int32_t)(b >> 22) | 1;
  uint32_t u32 = a, v32 = (uint32_t)b | 1;
  int64_t s64 = a, t64 = (int64_t)b >> (a & 31) | 1;
  *p++ = (uint8_t)(s8 * t8);
  *p++ = (uint64_t)(int64_t)(s8 / (t8 | 1));
  *p++ = (uint16_t)(u8 << (v8 & 7));
  *p++ = (uint64_t)(int64_t)(s16 >> (v8 & 15));
  *p++ = (uint16_t)(s16 * t16);
  *p++ = u16 % (v16 | 1);
  *p++ = (uint64_t)(int64_t)(int8_t)(s16 + u8);
  *p++ = (uint64_t)(int64_t)(s16 < t16 ? s8 : t16);
  *p++ = (uint32_t)((uint32_t)s32 * (uint32_t)t32);
  *p++ = (uint64_t)((int64_t)s32 * t32);
  *p++ = (uint64_t)u32 * v32;
  *p++ = u32 / v32;
  *p++ = u32 % v32;
  *p++ = t32 == -1 ? 0 : (uint64_t)(int64_t)(s32 / t32);
  *p++ = t32 == -1 ? 0 : (uint64_t)(int64_t)(s32 % t32);
  *p++ = t64 == -1 ? 0 : (uint64_t)(s64 / t64);
  *p++ = t64 == -1 ? 0 : (uint64_t)(s64 % t64);
  *p++ = a / (b | 1);
  *p++ = a % ((b >> 40) | 1);
  *p++ = a << (b & 63) | a >> (63 - (b & 63));
  *p++ = (uint64_t)(s64 >> (b & 63));
  *p++ = (a > b) + 2 * (s64 > (int64_t)b) + 4 * (u32 < v32) + 8 * (s32 <= t32);
  *p++ = (a & b) ^ (~a | (b << 3));
  *p++ = a * b + (a ^ b);
  float f = (float)s32 / 65536.0f, g = (float)(int32_t)(b >> 9) * 1e-5f, h;
  uint32_t raw = (uint32_t)(a >> 13);
  memcpy(&h, &raw, 4);
  *p++ = fbits(f + g);
  *p++ = fbits(f * g);
  *p++ = fbits(f / g);
  *p++ = fbits(sqrtf(f < 0 ? -f : f));
  *p++ = fbits(h * g);
  *p++ = fbits(h + f);
  *p++ = (uint64_t)(int64_t)(int32_t)f;
  *p++ = (h < f) + 2 * (h >= g) + 4 * (h != h) + 8 * !(h > g);
  double d = (double)s64 * 1e-7, e = (double)(int64_t)b * 3.7e-9, q;
  memcpy(&q, &a, 8);
  *p++ = dbits(d + e);
  *p++ = dbits(d * e);
  *p++ = dbits(d / e);
  *p++ = dbits(sqrt(d < 0 ? -d : d));
  *p++ = dbits(q * e);
  *p++ = fbits((float)q);
  *p++ = (uint64_t)(int64_t)(d * 1e-6);
  *p++ = dbits((double)a) ^ fbits((float)b) ^ fbits((float)s64);
}
__global__ void k(const uint64_t* x, Out* o, int n) {
  int i = blockIdx.x * blockDim.x + threadIdx.x;
  if (i < n) mix(x[2 * i], x[2 * i + 1], o[i]);
}
int main() {
  const int n = 20000;
  std::vector<uint64_t> x(2 * n);
  uint64_t s = 88172645463325252ull;
  for (auto& v : x) {
    s ^= s << 13;
    s ^= s >> 7;
    s ^= s << 17;
    v = s;
  }
  for (int i = 0; i < 400; i++) x[i] &= ~0ull >> (i % 64);  // small numbers too
  Dev<uint64_t> d(x);
  Dev<Out> o(n);
  k<<<(n + 127) / 128, 128>>>(d.p, o.p, n);
  auto r = o.get();
  for (int i = 0; i < n; i++) {
    Out e;
    mix(x[2 * i], x[2 * i + 1], e);
    for (int j = 0; j < 40; j++) {
      if (r[i].v[j] != e.v[j] && g_failed < 10)
        printf("value %d of %d: %016llx not %016llx (%016llx, %016llx)\n", j, i, (unsigned long long)r[i].v[j],
               (unsigned long long)e.v[j], (unsigned long long)x[2 * i], (unsigned long long)x[2 * i + 1]);
      CHECK(r[i].v[j] == e.v[j]);
    }
  }
  return done();
}
