// face_areas_normals and its gradient, for CPU and CUDA. No torch, no CUDA.
#pragma once
#include <cmath>

#include <bisque/core/ops/each.h>

namespace bisque {

/// A face: the cross product of two of its edges, whose length is twice the area.
template <class T>
struct FaceCross {
  T u[3], w[3], cross[3];
  T length;

  template <class P>
  BISQUE_HOST_DEVICE FaceCross(const P& p, int64_t face) {
    const int64_t* corners = p.faces + 3 * face;
    for (int k = 0; k < 3; ++k) {
      u[k] = p.verts[3 * corners[1] + k] - p.verts[3 * corners[0] + k];
      w[k] = p.verts[3 * corners[2] + k] - p.verts[3 * corners[0] + k];
    }
    for (int k = 0; k < 3; ++k) cross[k] = u[(k + 1) % 3] * w[(k + 2) % 3] - u[(k + 2) % 3] * w[(k + 1) % 3];
    length = std::sqrt(cross[0] * cross[0] + cross[1] * cross[1] + cross[2] * cross[2]);
  }
};

/// The first corner of a face that is not a vertex index.
template <class P>
BISQUE_HOST_DEVICE inline BadValue check_corners(const P& p, int64_t face) {
  for (int corner = 0; corner < 3; ++corner) {
    if (const BadValue bad = check_index(p.faces, 3 * face + corner, p.V); bad.array) return bad;
  }
  return {};
}

template <class P>
BISQUE_HOST_DEVICE inline BadValue face_area_normal(const P& p, int64_t face) {
  auto* normal = p.normals + 3 * face;
  const BadValue bad = check_corners(p, face);
  if (bad.array) {
    p.areas[face] = normal[0] = normal[1] = normal[2] = 0;
    return bad;
  }
  using T = typename P::Float;
  const FaceCross<T> f(p, face);
  p.areas[face] = f.length / 2;
  const T divisor = f.length > T(1e-6) ? f.length : T(1e-6);
  for (int k = 0; k < 3; ++k) normal[k] = f.cross[k] / divisor;
  return bad;
}

template <class P>
BISQUE_HOST_DEVICE inline BadValue add_face_gradient(const P& p, int64_t face) {
  if (const BadValue bad = check_corners(p, face); bad.array) return bad;
  using T = typename P::Float;
  const FaceCross<T> f(p, face);
  if (!(f.length > 0)) return {};
  const T* of_normal = p.grad_normals + 3 * face;
  const bool clamped = !(f.length > T(1e-6));
  const T scale = T(1) / (clamped ? T(1e-6) : f.length);
  T along = 0;  // the gradient along the normal, which does not change a unit vector
  for (int k = 0; k < 3 && !clamped; ++k) along += of_normal[k] * f.cross[k] * scale * scale;
  T of_cross[3];
  for (int k = 0; k < 3; ++k) {
    of_cross[k] = (of_normal[k] - along * f.cross[k]) * scale + p.grad_areas[face] * f.cross[k] / (2 * f.length);
  }
  const int64_t* corners = p.faces + 3 * face;
  for (int k = 0; k < 3; ++k) {
    const int l = (k + 1) % 3, m = (k + 2) % 3;
    const T of_u = f.w[l] * of_cross[m] - f.w[m] * of_cross[l];
    const T of_w = of_cross[l] * f.u[m] - of_cross[m] * f.u[l];
    add_to(p.grad_verts + 3 * corners[0] + k, -of_u - of_w);
    add_to(p.grad_verts + 3 * corners[1] + k, of_u);
    add_to(p.grad_verts + 3 * corners[2] + k, of_w);
  }
  return {};
}

template <class T>
struct FaceAreasNormals {
  using Float = T;

  const T* verts;        // [V, 3]
  const int64_t* faces;  // [F, 3]
  T* areas;              // [F]
  T* normals;            // [F, 3]
  int64_t V, F;

  template <class On>
  void run(const On& on) const {
    each<face_area_normal<FaceAreasNormals>>(on, *this, F);
  }
};

template <class T>
struct FaceAreasNormalsBackward {
  using Float = T;

  const T* grad_areas;    // [F]
  const T* grad_normals;  // [F, 3]
  const T* verts;         // [V, 3]
  const int64_t* faces;   // [F, 3]
  T* grad_verts;          // [V, 3]
  int64_t V, F;

  template <class On>
  void run(const On& on) const {
    fill_zero(on, grad_verts, 3 * V);
    each_in_order<add_face_gradient<FaceAreasNormalsBackward>>(on, *this, F);
  }
};

}  // namespace bisque
