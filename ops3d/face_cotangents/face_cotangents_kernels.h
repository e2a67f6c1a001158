// face_cotangents and its gradient, for CPU and CUDA. No torch, no CUDA.
#pragma once
#include <cmath>

#include <bisque/core/ops/each.h>

namespace bisque {

/// A face: its sides, the unit normal, and twice its area, which is not less than what eps allows.
template <class T>
struct FaceAngles {
  T sides[3][3];  // against corner k: from corner k + 1 to corner k + 2
  T normal[3];
  T double_area;
  bool clamped;

  template <class P>
  BISQUE_HOST_DEVICE FaceAngles(const P& p, int64_t face) {
    const int64_t* corners = p.faces + 3 * face;
    for (int i = 0; i < 3; ++i) {
      const T *from = p.verts + 3 * corners[(i + 1) % 3], *to = p.verts + 3 * corners[(i + 2) % 3];
      for (int k = 0; k < 3; ++k) sides[i][k] = to[k] - from[k];
    }
    for (int k = 0; k < 3; ++k) {
      const int l = (k + 1) % 3, m = (k + 2) % 3;
      normal[k] = sides[0][l] * sides[1][m] - sides[0][m] * sides[1][l];
    }
    const T length = std::sqrt(normal[0] * normal[0] + normal[1] * normal[1] + normal[2] * normal[2]);
    const T least = T(2) * static_cast<T>(std::sqrt(p.eps));
    clamped = length <= least;
    double_area = clamped ? least : length;
    for (int k = 0; k < 3 && !clamped; ++k) normal[k] /= length;
  }

  /// The product of the two sides that leave a corner.
  BISQUE_HOST_DEVICE T dot(int corner) const {
    const T *a = sides[(corner + 1) % 3], *b = sides[(corner + 2) % 3];
    return -(a[0] * b[0] + a[1] * b[1] + a[2] * b[2]);
  }
};

/// The first corner of a face that is not a vertex index.
template <class P>
BISQUE_HOST_DEVICE inline BadValue check_face_corners(const P& p, int64_t face) {
  for (int corner = 0; corner < 3; ++corner) {
    if (const BadValue bad = check_index(p.faces, 3 * face + corner, p.V); bad.array) return bad;
  }
  return {};
}

template <class P>
BISQUE_HOST_DEVICE inline BadValue cotangents_of_face(const P& p, int64_t face) {
  using T = typename P::Float;
  T* cots = p.cots + 3 * face;
  if (const BadValue bad = check_face_corners(p, face); bad.array) {
    p.areas[face] = cots[0] = cots[1] = cots[2] = 0;
    return bad;
  }
  const FaceAngles<T> f(p, face);
  p.areas[face] = f.double_area / 2;
  for (int corner = 0; corner < 3; ++corner) cots[corner] = f.dot(corner) / f.double_area;
  return {};
}

template <class P>
BISQUE_HOST_DEVICE inline BadValue add_cotangents_gradient(const P& p, int64_t face) {
  using T = typename P::Float;
  if (const BadValue bad = check_face_corners(p, face); bad.array) return bad;
  const FaceAngles<T> f(p, face);
  const T* grad = p.grad_cots + 3 * face;
  T of_dots[3], of_area = p.grad_areas[face] / 2;  // of twice the area
  for (int i = 0; i < 3; ++i) {
    of_dots[i] = grad[i] / f.double_area;
    of_area -= of_dots[i] * f.dot(i) / f.double_area;
  }
  if (f.clamped) of_area = 0;
  // A corner moves the sides next to it, and its distance from the side against it.
  for (int i = 0; i < 3; ++i) {
    const int j = (i + 1) % 3, l = (i + 2) % 3;
    for (int k = 0; k < 3; ++k) {
      const int m = (k + 1) % 3, n = (k + 2) % 3;
      const T height = f.clamped ? T(0) : f.normal[m] * f.sides[i][n] - f.normal[n] * f.sides[i][m];
      const T sum =
          of_dots[i] * (f.sides[j][k] - f.sides[l][k]) + (of_dots[j] - of_dots[l]) * f.sides[i][k] + of_area * height;
      add_to(p.grad_verts + 3 * p.faces[3 * face + i] + k, sum);
    }
  }
  return {};
}

template <class T>
struct FaceCotangents {
  using Float = T;

  const T* verts;        // [V, 3]
  const int64_t* faces;  // [F, 3]
  double eps;
  T* cots;   // [F, 3]
  T* areas;  // [F]
  int64_t V, F;

  template <class On>
  void run(const On& on) const {
    each<cotangents_of_face<FaceCotangents>>(on, *this, F);
  }
};

template <class T>
struct FaceCotangentsBackward {
  using Float = T;

  const T* grad_cots;    // [F, 3]
  const T* grad_areas;   // [F]
  const T* verts;        // [V, 3]
  const int64_t* faces;  // [F, 3]
  double eps;
  T* grad_verts;  // [V, 3]
  int64_t V, F;

  template <class On>
  void run(const On& on) const {
    fill_zero(on, grad_verts, 3 * V);
    each_in_order<add_cotangents_gradient<FaceCotangentsBackward>>(on, *this, F);
  }
};

}  // namespace bisque
