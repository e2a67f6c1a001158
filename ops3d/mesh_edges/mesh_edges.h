// The edges of a mesh.
#pragma once
#include <ATen/core/Tensor.h>

#include <tuple>

#include <bisque/core/plugin/op.h>

namespace bisque {

/// The undirected edges of triangles, each once.
///
///   verts    [V, 3]  float32 or float64, for their number alone
///   faces    [F, 3]  int64
///   returns  edges           [E, 2]  int64: the lower vertex, then the upper one; sorted by both
///            faces_to_edges  [F, 3]  int64: the edges opposite to the first, second and third vertex of each face
///
/// A face that has a vertex twice has an edge from that vertex to itself, as in PyTorch3D. Not differentiable.
/// Deterministic, on CUDA as on the CPU. CUDA waits for the stream, since the number of edges depends on the faces; for
/// the same reason a meta tensor is refused. V or F may be 0. Cost: O(V + F) memory; on CUDA the work is quadratic in
/// the number of faces around one vertex. Errors: shapes, dtypes or devices that do not match, and on every device an
/// index outside [0, V). Source: PyTorch3D's Meshes.edges_packed and faces_packed_to_edges_packed.
inline std::tuple<at::Tensor, at::Tensor> mesh_edges(const at::Tensor& verts, const at::Tensor& faces) {
  static const auto op =
      find_op<std::tuple<at::Tensor, at::Tensor>(const at::Tensor&, const at::Tensor&)>("bisque::mesh_edges");
  return op.call(verts, faces);
}

}  // namespace bisque
