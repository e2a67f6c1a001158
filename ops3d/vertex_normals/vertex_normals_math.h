// One face and one vertex of vertex_normals, for CPU and CUDA.
#pragma once
#include <cmath>

#include <bisque/core/ops/host_device.h>
#include <bisque/ops3d/vertex_normals/vertex_normals_params.h>

namespace bisque {

/// The cross product of two edges of a face into face_normals.
template <class T>
BISQUE_HOST_DEVICE inline void face_cross(const VertexNormalsParams<T>& p, int64_t mesh, int64_t face) {
  T* out = p.face_normals + 3 * (mesh * p.num_faces + face);
  const int64_t a = p.faces[3 * face], b = p.faces[3 * face + 1], c = p.faces[3 * face + 2];
  const uint64_t verts = static_cast<uint64_t>(p.num_verts);
  if (static_cast<uint64_t>(a) >= verts || static_cast<uint64_t>(b) >= verts || static_cast<uint64_t>(c) >= verts) {
    out[0] = out[1] = out[2] = 0;
    return;
  }
  const T* base = p.verts + 3 * mesh * p.num_verts;
  const T *v0 = base + 3 * a, *v1 = base + 3 * b, *v2 = base + 3 * c;
  const T ux = v1[0] - v0[0], uy = v1[1] - v0[1], uz = v1[2] - v0[2];
  const T wx = v2[0] - v0[0], wy = v2[1] - v0[1], wz = v2[2] - v0[2];
  out[0] = uy * wz - uz * wy;
  out[1] = uz * wx - ux * wz;
  out[2] = ux * wy - uy * wx;
}

/// The sum of the crosses [F, 3] of the faces around a vertex.
template <class T>
BISQUE_HOST_DEVICE inline void sum_around(const VertexNormalsParams<T>& p, const T* crosses, int64_t vert, T sum[3]) {
  sum[0] = sum[1] = sum[2] = 0;
  int64_t first = p.vert_first[vert], last = p.vert_first[vert + 1];
  if (first < 0) first = 0;
  if (last > 3 * p.num_faces) last = 3 * p.num_faces;
  for (int64_t i = first; i < last; ++i) {
    const int64_t face = p.vert_faces[i];
    if (static_cast<uint64_t>(face) >= static_cast<uint64_t>(p.num_faces)) continue;
    for (int k = 0; k < 3; ++k) sum[k] += crosses[3 * face + k];
  }
}

/// What a sum is divided by: its length, but never less than 1e-6.
template <class T>
BISQUE_HOST_DEVICE inline T clamped_length(const T sum[3]) {
  const T length = std::sqrt(sum[0] * sum[0] + sum[1] * sum[1] + sum[2] * sum[2]);
  return length > T(1e-6) ? length : T(1e-6);
}

/// The normalised sum of the face normals around a vertex.
template <class T>
BISQUE_HOST_DEVICE inline void vertex_normal(const VertexNormalsParams<T>& p, int64_t mesh, int64_t vert) {
  T sum[3];
  sum_around(p, p.face_normals + 3 * mesh * p.num_faces, vert, sum);
  const T scale = T(1) / clamped_length(sum);
  T* out = p.normals + 3 * (mesh * p.num_verts + vert);
  for (int k = 0; k < 3; ++k) out[k] = sum[k] * scale;
}

}  // namespace bisque
