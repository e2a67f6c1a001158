#include <bisque/ops3d/io/matrix4.h>

#include <algorithm>
#include <cmath>

namespace bisque {
namespace {

// The cofactors of the linear part, column-major: its inverse transpose times its determinant.
std::array<double, 9> cofactors(const Matrix4& m) {
  std::array<double, 9> result{};
  for (size_t column = 0; column < 3; ++column) {
    const double* a = &m[(column + 1) % 3 * 4];
    const double* b = &m[(column + 2) % 3 * 4];
    for (size_t row = 0; row < 3; ++row) {
      const size_t next = (row + 1) % 3;
      const size_t last = (row + 2) % 3;
      result[column * 3 + row] = a[next] * b[last] - a[last] * b[next];
    }
  }
  return result;
}

void transform(const Matrix4& m, double w, float* vector) {
  if (m == kIdentity) return;  // keeps values bit for bit
  const std::array<double, 3> v{vector[0], vector[1], vector[2]};
  for (size_t axis = 0; axis < 3; ++axis) {
    vector[axis] = static_cast<float>(m[axis] * v[0] + m[4 + axis] * v[1] + m[8 + axis] * v[2] + m[12 + axis] * w);
  }
}

}  // namespace

Matrix4 multiply(const Matrix4& a, const Matrix4& b) {
  Matrix4 product{};
  for (size_t column = 0; column < 4; ++column) {
    for (size_t row = 0; row < 4; ++row) {
      for (size_t k = 0; k < 4; ++k) product[column * 4 + row] += a[k * 4 + row] * b[column * 4 + k];
    }
  }
  return product;
}

bool is_finite(const Matrix4& m) {
  return std::all_of(m.begin(), m.end(), [](double value) { return std::isfinite(value); });
}

bool is_mirrored(const Matrix4& m) {
  const std::array<double, 9> c = cofactors(m);
  return m[0] * c[0] + m[1] * c[1] + m[2] * c[2] < 0;
}

void transform_position(const Matrix4& m, float* position) { transform(m, 1, position); }

void transform_offset(const Matrix4& m, float* offset) { transform(m, 0, offset); }

void transform_normal(const Matrix4& m, float* normal) {
  const std::array<double, 9> c = cofactors(m);
  const double sign = is_mirrored(m) ? -1 : 1;
  std::array<double, 3> turned{};
  for (size_t axis = 0; axis < 3; ++axis) {
    turned[axis] = sign * (c[axis] * normal[0] + c[3 + axis] * normal[1] + c[6 + axis] * normal[2]);
  }
  const double length = std::hypot(turned[0], turned[1], turned[2]);
  const bool has_direction = length > 0 && std::isfinite(length);
  for (size_t axis = 0; axis < 3; ++axis) {
    normal[axis] = has_direction ? static_cast<float>(turned[axis] / length) : 0;
  }
}

}  // namespace bisque
