// The point of a point, a segment or a triangle that is nearest to another point. In double for any type of
// coordinates, so that slivers and far points keep their digits; without branches, so that the CPU runs it in vectors.
// No torch, no CUDA.
#pragma once
#include <cstdint>

#include <bisque/core/ops/host_device.h>

namespace bisque::distance {

struct Vec3 {
  double x, y, z;
};
BISQUE_HOST_DEVICE inline Vec3 operator+(Vec3 a, Vec3 b) { return {a.x + b.x, a.y + b.y, a.z + b.z}; }
BISQUE_HOST_DEVICE inline Vec3 operator-(Vec3 a, Vec3 b) { return {a.x - b.x, a.y - b.y, a.z - b.z}; }
BISQUE_HOST_DEVICE inline Vec3 operator*(double s, Vec3 a) { return {s * a.x, s * a.y, s * a.z}; }
BISQUE_HOST_DEVICE inline double dot(Vec3 a, Vec3 b) { return a.x * b.x + a.y * b.y + a.z * b.z; }
BISQUE_HOST_DEVICE inline Vec3 cross(Vec3 a, Vec3 b) {
  return {a.y * b.z - a.z * b.y, a.z * b.x - a.x * b.z, a.x * b.y - a.y * b.x};
}

/// A vector whose coordinates are `stride` values apart.
template <class T>
BISQUE_HOST_DEVICE inline Vec3 load(const T* values, int64_t stride) {
  return {static_cast<double>(values[0]), static_cast<double>(values[stride]), static_cast<double>(values[2 * stride])};
}

template <class T>
BISQUE_HOST_DEVICE inline bool all_finite(const T* values, int count) {
  bool finite = true;
  for (int i = 0; i < count; ++i) finite &= values[i] - values[i] == 0;
  return finite;
}

/// A point, a segment or a triangle.
template <int kCorners>
struct Simplex {
  template <class T>
  BISQUE_HOST_DEVICE Simplex(const T* values, int64_t stride) {
    for (int k = 0; k < kCorners; ++k) corners[k] = load(values + 3 * k * stride, stride);
  }
  Vec3 corners[kCorners];
};

template <int kCorners>
struct NearestPoint {
  double square;             // of the distance
  double weights[kCorners];  // of the corners, whose weighted sum the nearest point is
};

BISQUE_HOST_DEVICE inline NearestPoint<1> nearest_point(Vec3 point, const Simplex<1>& simplex, double) {
  const Vec3 offset = simplex.corners[0] - point;
  return {dot(offset, offset), {1}};
}

/// On the segment from a to b; a segment without a length is its first end.
BISQUE_HOST_DEVICE inline NearestPoint<2> nearest_on_segment(Vec3 point, Vec3 a, Vec3 b) {
  const Vec3 along = b - a, to_a = a - point, to_b = b - point;
  const double share = -dot(to_a, along) / dot(along, along);  // NaN without a length
  const double clamped = share > 0 ? share : 0;
  const Vec3 offset = to_a + clamped * along;
  const bool inner = clamped < 1;
  const double square = inner ? dot(offset, offset) : dot(to_b, to_b);
  return {square, {inner ? 1 - clamped : 0, inner ? clamped : 1}};
}

BISQUE_HOST_DEVICE inline NearestPoint<2> nearest_point(Vec3 point, const Simplex<2>& simplex, double) {
  return nearest_on_segment(point, simplex.corners[0], simplex.corners[1]);
}

/// The projection to the plane of a triangle if it lies within, else the nearest point of its sides. A triangle without
/// an area, or with one below min_triangle_area, is its three sides.
BISQUE_HOST_DEVICE inline NearestPoint<3> nearest_point(Vec3 point, const Simplex<3>& simplex,
                                                        double min_triangle_area) {
  const Vec3 a = simplex.corners[0], b = simplex.corners[1], c = simplex.corners[2];
  const NearestPoint<2> ab = nearest_on_segment(point, a, b);
  const NearestPoint<2> bc = nearest_on_segment(point, b, c);
  const NearestPoint<2> ca = nearest_on_segment(point, c, a);
  const bool first = ab.square <= bc.square && ab.square <= ca.square, second = !first && bc.square <= ca.square;
  NearestPoint<3> nearest;
  nearest.square = first ? ab.square : second ? bc.square : ca.square;
  nearest.weights[0] = first ? ab.weights[0] : second ? 0 : ca.weights[1];
  nearest.weights[1] = first ? ab.weights[1] : second ? bc.weights[0] : 0;
  nearest.weights[2] = first ? 0 : second ? bc.weights[1] : ca.weights[0];

  // Barycentric coordinates by cross products with the sides: their error grows with the ratio of the longest side to
  // the height, not with its square. The nearest point is put together from them, since an error within the plane
  // matters less than one of the normal.
  const Vec3 to_a = a - point, u = b - a, v = c - a, normal = cross(u, v);
  const double normal_square = dot(normal, normal);  // four times the square of the area
  const Vec3 scaled = 1 / normal_square * normal;
  const double of_b = dot(scaled, cross(v, to_a)), of_c = dot(scaled, cross(to_a, u));
  const Vec3 offset = to_a + of_b * u + of_c * v;
  const double square = dot(offset, offset);
  const bool large = normal_square >= 4 * min_triangle_area * min_triangle_area;
  const bool within = large & (of_b >= 0) & (of_c >= 0) & (of_b + of_c <= 1) & (square <= nearest.square);
  nearest.square = within ? square : nearest.square;
  nearest.weights[0] = within ? 1 - of_b - of_c : nearest.weights[0];
  nearest.weights[1] = within ? of_b : nearest.weights[1];
  nearest.weights[2] = within ? of_c : nearest.weights[2];
  return nearest;
}

}  // namespace bisque::distance
