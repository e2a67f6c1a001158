#include <cstdint>
#include "t.h"
template <class T>
struct Fn {
  const char* name;
  T (*host)(T);
};
// clang-format off
#define LIST(X) \
  X(sin) X(cos) X(tan) X(exp) X(exp2) X(expm1) X(log) X(log2) X(log10) X(log1p) X(sqrt) X(cbrt) X(asin) X(acos) X(atan) \
  X(sinh) X(cosh) X(tanh) X(asinh) X(erf) X(erfc) X(lgamma) X(tgamma) X(floor) X(ceil) X(trunc) X(rint) X(round) X(fabs)
// clang-format on
#define ONE(F)                                                         \
  __global__ void k_##F(const double* x, double* y, float* z, int n) { \
    int i = threadIdx.x + blockIdx.x * blockDim.x;                     \
    if (i < n) {                                                       \
      y[i] = F(x[i]);                                                  \
      z[i] = F##f((float)x[i]);                                        \
    }                                                                  \
  }
LIST(ONE)
__global__ void two(const double* x, double* y, float* z, int n) {
  int i = threadIdx.x;
  double a = x[i], b = x[(i + 3) % n];
  y[i * 8] = pow(fabs(a), b / 20);
  y[i * 8 + 1] = atan2(a, b);
  y[i * 8 + 2] = fmod(a, b);
  y[i * 8 + 3] = hypot(a, b);
  y[i * 8 + 4] = fmin(a, b);
  y[i * 8 + 5] = copysign(a, b);
  y[i * 8 + 6] = ldexp(a, i % 9);
  y[i * 8 + 7] = remainder(a, b);
  float c = a, d = b;
  z[i * 8] = powf(fabsf(c), d / 20);
  z[i * 8 + 1] = atan2f(c, d);
  z[i * 8 + 2] = fmodf(c, d);
  z[i * 8 + 3] = c / d;
  z[i * 8 + 4] = fmaxf(c, d);
  z[i * 8 + 5] = __fdividef(c, d);
  z[i * 8 + 6] = rsqrtf(fabsf(c));
  z[i * 8 + 7] = __expf(c / 50);
}
__global__ void rounding(const double* x, float* f, int* q, long long* l, double* d, int n) {
  int i = threadIdx.x;
  double a = x[i];
  float b = (float)a;
  f[i * 6] = __double2float_rz(a / 3);
  f[i * 6 + 1] = __double2float_ru(a / 3);
  f[i * 6 + 2] = __double2float_rd(a / 3);
  f[i * 6 + 3] = __fadd_rz(b, 1e-9f);
  f[i * 6 + 4] = __fmul_ru(b, 1.1f);
  f[i * 6 + 5] = __saturatef(b);
  q[i * 6] = __double2int_rn(a);
  q[i * 6 + 1] = __double2int_rz(a);
  q[i * 6 + 2] = __double2int_ru(a);
  q[i * 6 + 3] = __double2int_rd(a);
  q[i * 6 + 4] = (int)(b * 1e10f);
  q[i * 6 + 5] = (int)(signed char)(int)a;
  l[i * 2] = __double2ll_rn(a * 1e9);
  l[i * 2 + 1] = (long long)__ull2float_rz(0xfffffffffffull + i);
  d[i * 2] = __ddiv_ru(a, 3.0);
  d[i * 2 + 1] = __dsqrt_rd(fabs(a));
}
__global__ void bits(const unsigned* x, unsigned* o) {
  int i = threadIdx.x;
  unsigned a = x[i], b = x[(i + 1) & 31];
  unsigned long long w = (unsigned long long)a << 32 | b;
  unsigned* p = o + i * 24;
  p[0] = __popc(a);
  p[1] = __clz(a);
  p[2] = __brev(a);
  p[3] = __ffs(a);
  p[4] = __popcll(w);
  p[5] = __clzll(w);
  p[6] = __byte_perm(a, b, 0x5172);
  p[7] = __funnelshift_l(a, b, 9);
  p[8] = __funnelshift_r(a, b, 13);
  p[9] = __umulhi(a, b);
  p[10] = __mulhi((int)a, (int)b);
  p[11] = __umul24(a, b);
  p[12] = __usad(a, b, 7);
  p[13] = a / (b | 1);
  p[14] = a % (b | 1);
  p[15] = (int)a / (int)(b | 1);
  p[16] = (unsigned)(__umul64hi(w, w ^ 77) >> 7);
  p[17] = (a & b) ^ (~a | (b & 0xff));
  p[18] = __vadd4(a, b);
  p[19] = (unsigned)__dp4a((int)a, (int)b, 3);
  p[20] = a >> (b & 63);
  p[21] = (int)a >> 5;
  p[22] = (unsigned)(w / ((b & 0xffff) | 1));
  p[23] = (unsigned)((long long)w % (long long)((b & 0xfffff) | 1));
}
static unsigned perm(unsigned a, unsigned b, unsigned s) {
  uint64_t v = (uint64_t)b << 32 | a;
  unsigned r = 0;
  for (int i = 0; i < 4; i++) r |= (unsigned)(uint8_t)(v >> 8 * (s >> 4 * i & 7)) << 8 * i;
  return r;
}
int main() {
  const int n = 64;
  std::vector<double> x(n);
  for (int i = 0; i < n; i++) x[i] = i < 32 ? (i - 16) * 0.37 + 0.01 : (i - 48) * (i % 2 ? 31.7 : 0.055) + 0.003;
  Dev<double> dx(x), dy(n);
  Dev<float> dz(n);
#define RUN(f)                                                                                 \
  {                                                                                            \
    k_##f<<<1, n>>>(dx.p, dy.p, dz.p, n);                                                      \
    auto y = dy.get();                                                                         \
    auto z = dz.get();                                                                         \
    for (int i = 0; i < n; i++) {                                                              \
      bool ok = near(y[i], f(x[i]), 1e-13) && near(z[i], (float)f((double)(float)x[i]), 4e-6); \
      if (!ok) printf(#f "(%.17g) = %.17g, %g not %.17g\n", x[i], y[i], z[i], f(x[i]));        \
      CHECK(ok);                                                                               \
    }                                                                                          \
  }
  LIST(RUN) {
    Dev<double> y(n * 8);
    Dev<float> z(n * 8);
    two<<<1, n>>>(dx.p, y.p, z.p, n);
    auto r = y.get();
    auto s = z.get();
    for (int i = 0; i < n; i++) {
      double a = x[i], b = x[(i + 3) % n];
      float c = a, d = b;
      double e[8] = {pow(fabs(a), b / 20), atan2(a, b),    fmod(a, b),      hypot(a, b),
                     fmin(a, b),           copysign(a, b), ldexp(a, i % 9), remainder(a, b)};
      float g[8] = {powf(fabsf(c), d / 20), atan2f(c, d), fmodf(c, d), c / d, fmaxf(c, d), c / d,
                    1 / sqrtf(fabsf(c)),    expf(c / 50)};
      for (int k = 0; k < 8; k++) {
        CHECK(near(r[i * 8 + k], e[k], 1e-12));
        CHECK(near(s[i * 8 + k], g[k], 1e-5));
      }
    }
  }
  {
    Dev<float> f(n * 6);
    Dev<int> q(n * 6);
    Dev<long long> l(n * 2);
    Dev<double> d(n * 2);
    rounding<<<1, n>>>(dx.p, f.p, q.p, l.p, d.p, n);
    auto F = f.get();
    auto Q = q.get();
    auto L = l.get();
    auto D = d.get();
    for (int i = 0; i < n; i++) {
      double a = x[i], t = a / 3;
      float b = a;
      float rn = (float)t, up = rn < t ? nextafterf(rn, INFINITY) : rn, dn = rn > t ? nextafterf(rn, -INFINITY) : rn;
      CHECK(F[i * 6] == (t > 0 ? dn : up));
      CHECK(F[i * 6 + 1] == up);
      CHECK(F[i * 6 + 2] == dn);
      CHECK(fabs(F[i * 6 + 3] - b) <= fabs(b) * 2e-7 + 1e-9);
      CHECK((double)F[i * 6 + 4] >= (double)b * (double)1.1f);
      CHECK(F[i * 6 + 5] == fminf(fmaxf(b, 0), 1));
      CHECK(Q[i * 6] == (int)rint(a));
      CHECK(Q[i * 6 + 1] == (int)a);
      CHECK(Q[i * 6 + 2] == (int)ceil(a));
      CHECK(Q[i * 6 + 3] == (int)floor(a));
      double big = (double)(b * 1e10f);
      CHECK(Q[i * 6 + 4] == (big > 2147483647.0 ? 2147483647 : big < -2147483648.0 ? (int)-2147483648ll : (int)big));
      CHECK(Q[i * 6 + 5] == (int)(signed char)(int)a);
      CHECK(L[i * 2] == llrint(a * 1e9));
      CHECK(L[i * 2 + 1] <= 0xfffffffffffll + i && L[i * 2 + 1] > 0xfffffe00000ll);
      CHECK((long double)D[i * 2] >= (long double)a / 3);
      CHECK(D[i * 2 + 1] <= sqrt(fabs(a)));
    }
  }
  {
    std::vector<unsigned> u(32);
    unsigned s = 12345;
    for (auto& v : u) v = s = s * 1664525u + 1013904223u;
    u[4] = 0;
    u[5] = ~0u;
    Dev<unsigned> d(u), o(32 * 24);
    bits<<<1, 32>>>(d.p, o.p);
    auto r = o.get();
    for (int i = 0; i < 32; i++) {
      unsigned a = u[i], b = u[(i + 1) & 31], c = b | 1;
      uint64_t w = (uint64_t)a << 32 | b;
      unsigned rv = 0;
      for (int k = 0; k < 32; k++) rv |= (a >> k & 1) << (31 - k);
      unsigned va = 0;
      int dp = 3;
      for (int k = 0; k < 4; k++) {
        va |= (unsigned)(uint8_t)((a >> 8 * k) + (b >> 8 * k)) << 8 * k;
        dp += (int)(int8_t)(a >> 8 * k) * (int)(int8_t)(b >> 8 * k);
      }
      unsigned e[24] = {(unsigned)__builtin_popcount(a),
                        a ? (unsigned)__builtin_clz(a) : 32,
                        rv,
                        (unsigned)__builtin_ffs(a),
                        (unsigned)__builtin_popcountll(w),
                        w ? (unsigned)__builtin_clzll(w) : 64,
                        perm(a, b, 0x5172),
                        (unsigned)((((uint64_t)b << 32 | a) << 9) >> 32),
                        (unsigned)(((uint64_t)b << 32 | a) >> 13),
                        (unsigned)((uint64_t)a * b >> 32),
                        (unsigned)((int64_t)(int)a * (int)b >> 32),
                        (a & 0xffffff) * (b & 0xffffff),
                        (a > b ? a - b : b - a) + 7,
                        a / c,
                        a % c,
                        (unsigned)((int)c == -1 ? -(int)a : (int)a / (int)c),
                        (unsigned)((uint64_t)(((unsigned __int128)w * (w ^ 77)) >> 64) >> 7),
                        (a & b) ^ (~a | (b & 0xff)),
                        va,
                        (unsigned)dp,
                        (b & 63) > 31 ? r[i * 24 + 20] : a >> (b & 63),
                        (unsigned)((int)a >> 5),
                        (unsigned)(w / ((b & 0xffff) | 1)),
                        (unsigned)((int64_t)w % (int64_t)((b & 0xfffff) | 1))};
      for (int k = 0; k < 24; k++) {
        if (r[i * 24 + k] != e[k]) printf("bits %d of %08x %08x: %08x not %08x\n", k, a, b, r[i * 24 + k], e[k]);
        CHECK(r[i * 24 + k] == e[k]);
      }
    }
  }
  return done();
}
