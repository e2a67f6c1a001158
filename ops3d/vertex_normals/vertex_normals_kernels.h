// vertex_normals and its gradient, for CPU and CUDA: the params, and the steps over faces and vertices. No torch, no
// CUDA.
#pragma once
#include <cmath>
#include <type_traits>

#include <bisque/core/ops/each.h>

namespace bisque {
namespace normals {

/// The floating type of the params.
template <class P>
using Float = std::remove_cvref_t<decltype(*P::verts)>;

/// The cross product of two edges of a face into face_normals; zero where the face has no such vertex.
template <class P>
BISQUE_HOST_DEVICE inline BadValue face_cross(const P& p, int64_t mesh, int64_t face) {
  using T = Float<P>;
  T* out = p.face_normals + 3 * (mesh * p.F + face);
  for (int corner = 0; corner < 3; ++corner) {
    const BadValue bad = check_index(p.faces, 3 * face + corner, p.V);
    if (!bad.array) continue;
    out[0] = out[1] = out[2] = 0;
    return bad;
  }
  const T* base = p.verts + 3 * mesh * p.V;
  const T *v0 = base + 3 * p.faces[3 * face], *v1 = base + 3 * p.faces[3 * face + 1],
          *v2 = base + 3 * p.faces[3 * face + 2];
  const T ux = v1[0] - v0[0], uy = v1[1] - v0[1], uz = v1[2] - v0[2];
  const T wx = v2[0] - v0[0], wy = v2[1] - v0[1], wz = v2[2] - v0[2];
  out[0] = uy * wz - uz * wy;
  out[1] = uz * wx - ux * wz;
  out[2] = ux * wy - uy * wx;
  return {};
}

/// Calls visit(face) for each face around a vertex, and returns the first index that is bad.
template <class P, class Visit>
BISQUE_HOST_DEVICE inline BadValue faces_around(const P& p, int64_t vert, const Visit& visit) {
  BadValue bad = check_index(p.vert_faces_offsets, vert, 3 * p.F + 1);
  if (!bad.array) bad = check_index(p.vert_faces_offsets, vert + 1, 3 * p.F + 1);
  if (bad.array) return bad;
  for (int64_t i = p.vert_faces_offsets[vert]; i < p.vert_faces_offsets[vert + 1]; ++i) {
    const BadValue of_face = check_index(p.vert_faces, i, p.F);
    if (!of_face.array) {
      visit(p.vert_faces[i]);
    } else if (!bad.array) {
      bad = of_face;
    }
  }
  return bad;
}

/// The sum of the cross products of the faces around a vertex.
template <class P>
BISQUE_HOST_DEVICE inline BadValue sum_around(const P& p, int64_t mesh, int64_t vert, Float<P> sum[3]) {
  const Float<P>* crosses = p.face_normals + 3 * mesh * p.F;
  sum[0] = sum[1] = sum[2] = 0;
  return faces_around(p, vert, [&](int64_t face) {
    for (int k = 0; k < 3; ++k) sum[k] += crosses[3 * face + k];
  });
}

/// What a sum is divided by: its length, but never less than 1e-6.
template <class T>
BISQUE_HOST_DEVICE inline T clamped_length(const T sum[3]) {
  const T length = std::sqrt(sum[0] * sum[0] + sum[1] * sum[1] + sum[2] * sum[2]);
  return length > T(1e-6) ? length : T(1e-6);
}

/// The normalised sum of the face normals around a vertex.
template <class P>
BISQUE_HOST_DEVICE inline BadValue vertex_normal(const P& p, int64_t mesh, int64_t vert) {
  using T = Float<P>;
  T sum[3];
  const BadValue bad = sum_around(p, mesh, vert, sum);
  const T scale = T(1) / clamped_length(sum);
  T* out = p.normals + 3 * (mesh * p.V + vert);
  for (int k = 0; k < 3; ++k) out[k] = sum[k] * scale;
  return bad;
}

/// Through the normalisation; where the length is clamped it is a constant.
template <class P>
BISQUE_HOST_DEVICE inline BadValue grad_sum(const P& p, int64_t mesh, int64_t vert) {
  using T = Float<P>;
  const int64_t at = 3 * (mesh * p.V + vert);
  T sum[3];
  const BadValue bad = sum_around(p, mesh, vert, sum);
  const T length = clamped_length(sum), scale = T(1) / length;
  const T* grad = p.grad_normals + at;
  T along = 0;  // the gradient along the normal, which does not change a unit vector
  if (length > T(1e-6)) along = (grad[0] * sum[0] + grad[1] * sum[1] + grad[2] * sum[2]) * scale * scale;
  for (int k = 0; k < 3; ++k) p.grad_sums[at + k] = (grad[k] - along * sum[k]) * scale;
  return bad;
}

/// Whether a face has three different vertices that exist; the gradients of any other are zero.
template <class P>
BISQUE_HOST_DEVICE inline bool has_area(const P& p, const int64_t* face) {
  const auto verts = static_cast<uint64_t>(p.V);
  for (int k = 0; k < 3; ++k) {
    if (static_cast<uint64_t>(face[k]) >= verts || face[k] == face[(k + 1) % 3]) return false;
  }
  return true;
}

/// The gradient of the cross product of a face, in the place of the latter.
template <class P>
BISQUE_HOST_DEVICE inline void grad_face_cross(const P& p, int64_t mesh, int64_t face) {
  const int64_t* corners = p.faces + 3 * face;
  if (!has_area(p, corners)) return;
  const Float<P>* sums = p.grad_sums + 3 * mesh * p.V;
  Float<P>* out = p.face_normals + 3 * (mesh * p.F + face);
  for (int k = 0; k < 3; ++k) {
    out[k] = sums[3 * corners[0] + k] + sums[3 * corners[1] + k] + sums[3 * corners[2] + k];
  }
}

/// The cross product of a face is a x b + b x c + c x a, so the gradient of a corner is (next - previous) x gradient.
template <class P>
BISQUE_HOST_DEVICE inline void grad_vertex(const P& p, int64_t mesh, int64_t vert) {
  using T = Float<P>;
  const T* verts = p.verts + 3 * mesh * p.V;
  const T* crosses = p.face_normals + 3 * mesh * p.F;
  T x = 0, y = 0, z = 0;
  faces_around(p, vert, [&](int64_t face) {
    const int64_t* corners = p.faces + 3 * face;
    if (!has_area(p, corners)) return;
    int corner = 0;
    while (corner < 3 && corners[corner] != vert) ++corner;
    if (corner == 3) return;
    const T *next = verts + 3 * corners[(corner + 1) % 3], *previous = verts + 3 * corners[(corner + 2) % 3];
    const T ex = next[0] - previous[0], ey = next[1] - previous[1], ez = next[2] - previous[2];
    const T* g = crosses + 3 * face;
    x += ey * g[2] - ez * g[1];
    y += ez * g[0] - ex * g[2];
    z += ex * g[1] - ey * g[0];
  });
  T* out = p.grad_verts + 3 * (mesh * p.V + vert);
  out[0] = x;
  out[1] = y;
  out[2] = z;
}

}  // namespace normals

template <class T>
struct VertexNormals {
  const T* verts;                     // [N, V, 3]
  const int64_t* faces;               // [F, 3]
  const int64_t* vert_faces_offsets;  // [V + 1]
  const int64_t* vert_faces;          // [3 F]
  T* normals;                         // [N, V, 3]
  T* face_normals;                    // [N, F, 3] scratch: cross products, whose length is twice the area
  int64_t N, V, F;

  template <class On>
  void run(const On& on) const {
    each<normals::face_cross<VertexNormals>>(on, *this, N, F);
    each<normals::vertex_normal<VertexNormals>>(on, *this, N, V);
  }
};

template <class T>
struct VertexNormalsBackward {
  const T* grad_normals;  // [N, V, 3]
  const T* verts;         // from here as in VertexNormals
  const int64_t *faces, *vert_faces_offsets, *vert_faces;
  T* grad_verts;    // [N, V, 3]
  T* face_normals;  // [N, F, 3] scratch
  T* grad_sums;     // [N, V, 3] scratch: the gradients of the sums before they are normalised
  int64_t N, V, F;

  template <class On>
  void run(const On& on) const {
    each<normals::face_cross<VertexNormalsBackward>>(on, *this, N, F);
    each<normals::grad_sum<VertexNormalsBackward>>(on, *this, N, V);
    each<normals::grad_face_cross<VertexNormalsBackward>>(on, *this, N, F);
    each<normals::grad_vertex<VertexNormalsBackward>>(on, *this, N, V);
  }
};

}  // namespace bisque
