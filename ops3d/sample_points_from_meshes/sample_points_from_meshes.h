// Random points on the surfaces of meshes.
#pragma once
#include <ATen/core/Tensor.h>

#include <tuple>

#include <bisque/core/plugin/op.h>

namespace bisque {

/// Points on the surface of each mesh, evenly distributed over its area if `uniforms` are.
///
///   verts                           [V, 3]     float32 or float64, packed
///   faces                           [F, 3]     int64, packed
///   mesh_to_faces_packed_first_idx  [N]        int64, the first face of each mesh: 0, then ascending
///   num_faces_per_mesh              [N]        int64
///   uniforms                        [N, S, 3]  random numbers of [0, 1), same dtype: the first chooses the face, the
///                                              other two the point on it. What lies outside counts as the nearest of
///                                              both ends, NaN as 0
///   returns  samples      [N, S, 3]
///            face_idx     [N, S]     int64, the face of each, an index into faces
///            bary_coords  [N, S, 3]  the weights of its corners, which also interpolate attributes of verts
///
/// A face is chosen with the probability of its share of the mesh's area; one without an area never, nor one with a NaN
/// or infinite coordinate. If no face of a mesh has an area, all are chosen alike. A sample of a mesh without faces, or
/// whose chosen face is not finite, is 0, with the face -1 and weights 0. A float32 number has 24 bits, so that faces
/// below 6e-8 of the area may not be chosen.
///
/// Differentiable by verts, for fixed faces and weights. Deterministic, and with the same faces and weights on the CPU
/// and on CUDA; the gradient on CUDA is summed by atomics, so that its rounding differs from run to run. V, F, N or S
/// may be 0. Errors: shapes, dtypes or devices that do not match; on the CPU, indices out of range, and meshes that
/// overlap. On CUDA a face with such an index is never chosen. Source: Osada et al., Shape distributions (2002);
/// PyTorch3D's sample_points_from_meshes.
inline std::tuple<at::Tensor, at::Tensor, at::Tensor> sample_points_from_meshes(
    const at::Tensor& verts, const at::Tensor& faces, const at::Tensor& mesh_to_faces_packed_first_idx,
    const at::Tensor& num_faces_per_mesh, const at::Tensor& uniforms) {
  static const auto op = find_op<std::tuple<at::Tensor, at::Tensor, at::Tensor>(
      const at::Tensor&, const at::Tensor&, const at::Tensor&, const at::Tensor&, const at::Tensor&)>(
      "bisque::sample_points_from_meshes");
  return op.call(verts, faces, mesh_to_faces_packed_first_idx, num_faces_per_mesh, uniforms);
}

}  // namespace bisque
