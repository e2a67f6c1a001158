// Area-weighted unit normals of a mesh's vertices.
#pragma once
#include <ATen/core/Tensor.h>

#include <bisque/core/plugin/op.h>

namespace bisque {

/// Unit normals of the vertices: the sum of the cross products of the faces around each (so faces weigh by their area),
/// normalised.
///
///   verts       [N, V, 3]  float32 or float64: N meshes of one topology
///   faces       [F, 3]     int64, counter-clockwise seen from outside
///   vert_faces_offsets  [V + 1]    int64 and
///   vert_faces  [3 F]      int64: the faces around vertex v are vert_faces[vert_faces_offsets[v]] up to [vert_faces_offsets[v + 1]]
///                          (vert_faces_of makes both from faces)
///   returns     [N, V, 3]  unit normals; zero sums (no face, or faces that cancel) stay zero. A sum shorter than
///                          1e-6 is divided by 1e-6, as PyTorch3D's Meshes.verts_normals_packed does.
///
/// Differentiable by verts. Deterministic, forward and backward: each vertex sums its faces in the order given. Faces
/// with an index outside [0, V) count as zero normals. N, V or F may be 0. Error: shapes, dtypes or devices that do not
/// match.
inline at::Tensor vertex_normals(const at::Tensor& verts, const at::Tensor& faces, const at::Tensor& vert_faces_offsets,
                                 const at::Tensor& vert_faces) {
  static const auto op =
      find_op<at::Tensor(const at::Tensor&, const at::Tensor&, const at::Tensor&, const at::Tensor&)>(
          "bisque::vertex_normals");
  return op.call(verts, faces, vert_faces_offsets, vert_faces);
}

}  // namespace bisque
