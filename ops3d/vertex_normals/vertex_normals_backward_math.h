// The steps of the gradient of vertex_normals, for CPU and CUDA: face_cross, then grad_sum, then grad_face_cross, then
// grad_vertex.
#pragma once
#include <bisque/ops3d/vertex_normals/vertex_normals_backward_params.h>
#include <bisque/ops3d/vertex_normals/vertex_normals_math.h>

namespace bisque {

/// Through the normalisation; where the length is clamped it is a constant.
template <class T>
BISQUE_HOST_DEVICE inline void grad_sum(const VertexNormalsBackwardParams<T>& p, int64_t mesh, int64_t vert) {
  const int64_t at = 3 * (mesh * p.forward.num_verts + vert);
  T sum[3];
  sum_around(p.forward, p.forward.face_normals + 3 * mesh * p.forward.num_faces, vert, sum);
  const T length = clamped_length(sum), scale = T(1) / length;
  const T* grad = p.grad_normals + at;
  T along = 0;  // the gradient along the normal, which does not change a unit vector
  if (length > T(1e-6)) along = (grad[0] * sum[0] + grad[1] * sum[1] + grad[2] * sum[2]) * scale * scale;
  for (int k = 0; k < 3; ++k) p.grad_sums[at + k] = (grad[k] - along * sum[k]) * scale;
}

/// Whether a face has three different vertices, all of them there; the gradients of any other are zero.
template <class T>
BISQUE_HOST_DEVICE inline bool counts(const VertexNormalsParams<T>& p, const int64_t* face) {
  const uint64_t verts = static_cast<uint64_t>(p.num_verts);
  for (int k = 0; k < 3; ++k) {
    if (static_cast<uint64_t>(face[k]) >= verts || face[k] == face[(k + 1) % 3]) return false;
  }
  return true;
}

/// The gradient by the cross product of a face, in the place of the latter.
template <class T>
BISQUE_HOST_DEVICE inline void grad_face_cross(const VertexNormalsBackwardParams<T>& p, int64_t mesh, int64_t face) {
  const int64_t* corners = p.forward.faces + 3 * face;
  if (!counts(p.forward, corners)) return;
  const T* sums = p.grad_sums + 3 * mesh * p.forward.num_verts;
  T* out = p.forward.face_normals + 3 * (mesh * p.forward.num_faces + face);
  for (int k = 0; k < 3; ++k) {
    out[k] = sums[3 * corners[0] + k] + sums[3 * corners[1] + k] + sums[3 * corners[2] + k];
  }
}

/// The cross product of a face is a x b + b x c + c x a, so the gradient by a corner is (next - previous) x gradient.
template <class T>
BISQUE_HOST_DEVICE inline void grad_vertex(const VertexNormalsBackwardParams<T>& p, int64_t mesh, int64_t vert) {
  const VertexNormalsParams<T>& f = p.forward;
  const T* verts = f.verts + 3 * mesh * f.num_verts;
  const T* crosses = f.face_normals + 3 * mesh * f.num_faces;
  T x = 0, y = 0, z = 0;
  int64_t first = f.vert_first[vert], last = f.vert_first[vert + 1];
  if (first < 0) first = 0;
  if (last > 3 * f.num_faces) last = 3 * f.num_faces;
  for (int64_t i = first; i < last; ++i) {
    const int64_t face = f.vert_faces[i];
    if (static_cast<uint64_t>(face) >= static_cast<uint64_t>(f.num_faces)) continue;
    const int64_t* corners = f.faces + 3 * face;
    if (!counts(f, corners)) continue;
    int corner = 0;
    while (corner < 3 && corners[corner] != vert) ++corner;
    if (corner == 3) continue;
    const T *next = verts + 3 * corners[(corner + 1) % 3], *previous = verts + 3 * corners[(corner + 2) % 3];
    const T ex = next[0] - previous[0], ey = next[1] - previous[1], ez = next[2] - previous[2];
    const T* g = crosses + 3 * face;
    x += ey * g[2] - ez * g[1];
    y += ez * g[0] - ex * g[2];
    z += ex * g[1] - ey * g[0];
  }
  T* out = p.grad_verts + 3 * (mesh * f.num_verts + vert);
  out[0] = x;
  out[1] = y;
  out[2] = z;
}

}  // namespace bisque
