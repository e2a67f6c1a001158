// Cosines of the angles between faces that share an edge.
#pragma once
#include <ATen/core/Tensor.h>

#include <tuple>

#include <bisque/core/plugin/op.h>

namespace bisque {

/// For each pair of faces that share an edge, the cosine of the angle between their normals: what
/// mesh_normal_consistency sums.
///
///   verts           [V, 3]  float32 or float64, packed
///   faces           [F, 3]  int64
///   faces_to_edges  [F, 3]  int64 in [0, num_edges): the edge against each corner, as of
///                           Meshes::faces_packed_to_edges_packed()
///   num_edges               at least 0
///   returns  cosines  [P]     1 where two faces lie in a plane, -1 where one lies on the other; 0 where one of them has
///                             no area. The order of the corners within a face does not matter
///            corners  [P, 2]  int64, the corners against the edge: 3 face + 0, 1 or 2, the lesser first
///
/// An edge of k faces has k (k - 1) / 2 pairs, a boundary edge none. Pairs are in the order of their edges, then of
/// their corners.
///
/// Differentiable by verts; a face without an area has no gradient. Forward is deterministic for any number of threads;
/// so is backward on the CPU. On CUDA its sums are atomic, so that their rounding differs from run to run. CUDA waits
/// for the stream, since P depends on the values; for the same reason a meta tensor is refused. V, F or num_edges may
/// be 0. float32 is computed in double. Errors: shapes, dtypes or devices that do not match; on the CPU, an index out
/// of range. On CUDA a corner with a bad edge is skipped, and the cosine of a pair with a bad vertex is 0.
inline std::tuple<at::Tensor, at::Tensor> adjacent_face_cosines(const at::Tensor& verts, const at::Tensor& faces,
                                                                const at::Tensor& faces_to_edges, int64_t num_edges) {
  static const auto op =
      find_op<std::tuple<at::Tensor, at::Tensor>(const at::Tensor&, const at::Tensor&, const at::Tensor&, int64_t)>(
          "bisque::adjacent_face_cosines");
  return op.call(verts, faces, faces_to_edges, num_edges);
}

}  // namespace bisque
