// Cotangents of the angles of triangles.
#pragma once
#include <ATen/core/Tensor.h>

#include <tuple>

#include <bisque/core/plugin/op.h>

namespace bisque {

/// The cotangent of each angle of each face, and the areas: the weights of the cotangent Laplacian (cot_laplacian).
///
///   verts    [V, 3]  float32 or float64, packed
///   faces    [F, 3]  int64
///   eps              least square of an area, at least 0; smaller areas count as its root, also where they divide
///   returns  cots    [F, 3]  of the angle at each corner: negative where it is obtuse
///            areas   [F]     in the square of the unit of verts
///
/// Differentiable by verts; an area at its least is constant. A face without an area has finite cotangents and
/// gradients if eps > 0, and no NaN or infinity. Forward is deterministic; so is backward on the CPU. On CUDA its sums
/// are atomic, so that their rounding differs from run to run. V or F may be 0. Errors: shapes, dtypes or devices that
/// do not match, eps below 0; on the CPU, an index outside [0, V). On CUDA such a face has cotangents and an area of
/// zero.
///
/// The cotangent of an angle is the product of its two sides, divided by the length of their cross product.
inline std::tuple<at::Tensor, at::Tensor> face_cotangents(const at::Tensor& verts, const at::Tensor& faces,
                                                          double eps = 1e-12) {
  static const auto op = find_op<std::tuple<at::Tensor, at::Tensor>(const at::Tensor&, const at::Tensor&, double)>(
      "bisque::face_cotangents");
  return op.call(verts, faces, eps);
}

}  // namespace bisque
