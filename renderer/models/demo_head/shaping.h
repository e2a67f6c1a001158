// Internal. Smooth one-dimensional shaping functions of the demo head. They use only + - * / and sqrt, which round the
// same on every machine.
#pragma once
#include <algorithm>
#include <array>
#include <cmath>

#include <Eigen/Core>

namespace bisque::demo {

using Vec3 = Eigen::Vector3d;
using Vec2 = Eigen::Vector2d;

inline double clamp01(double t) { return std::clamp(t, 0.0, 1.0); }

inline double mix(double a, double b, double t) { return a + (b - a) * t; }

/// 0 below `from`, 1 above `to`, smooth in between (`from` may be above `to`).
inline double smooth_step(double from, double to, double x) {
  const double t = clamp01((x - from) / (to - from));
  return t * t * (3 - 2 * t);
}

/// A bell: 1 at 0, 0 from |x| = radius on, smooth everywhere.
inline double bell(double x, double radius) {
  const double t = clamp01(1 - x * x / (radius * radius));
  return t * t * t;
}

/// A bell over an ellipsoid around `centre`: 1 in the middle, 0 outside.
inline double bell(const Vec3& p, const Vec3& centre, const Vec3& radii) {
  const double t = clamp01(1 - (p - centre).cwiseQuotient(radii).squaredNorm());
  return t * t;
}

template <int N>
struct Key {
  double at;
  std::array<double, N> values;
};

/// A smooth curve through keys (cubic Hermite, slopes by neighbours).
template <int N, size_t K>
std::array<double, N> curve(const Key<N> (&keys)[K], double at) {
  size_t i = 0;
  while (i + 2 < K && at > keys[i + 1].at) ++i;
  const Key<N>& a = keys[i];
  const Key<N>& b = keys[i + 1];
  const Key<N>& before = keys[i == 0 ? 0 : i - 1];
  const Key<N>& after = keys[std::min(i + 2, K - 1)];
  const double h = b.at - a.at;
  const double t = (at - a.at) / h;
  std::array<double, N> out;
  for (int n = 0; n < N; ++n) {
    const double slope_a = (b.values[n] - before.values[n]) / (b.at - before.at) * h;
    const double slope_b = (after.values[n] - a.values[n]) / (after.at - a.at) * h;
    const double d = b.values[n] - a.values[n];
    out[n] = a.values[n] + t * (slope_a + t * (3 * d - 2 * slope_a - slope_b + t * (slope_a + slope_b - 2 * d)));
  }
  return out;
}

/// (cos, sin) of an angle, by a short series and doubled angles.
inline Vec2 on_circle(double degrees) {
  const double a = degrees * (3.14159265358979323846 / 180 / 16);
  const double a2 = a * a;
  double c = 1 - a2 / 2 * (1 - a2 / 12 * (1 - a2 / 30 * (1 - a2 / 56)));
  double s = a * (1 - a2 / 6 * (1 - a2 / 20 * (1 - a2 / 42)));
  for (int doubling = 0; doubling < 4; ++doubling) {
    const double doubled = 2 * s * c;
    c = 1 - 2 * s * s;
    s = doubled;
  }
  return {c, s};
}

}  // namespace bisque::demo
