// Areas and unit normals of triangles.
#pragma once
#include <ATen/core/Tensor.h>

#include <tuple>

#include <bisque/core/plugin/op.h>

namespace bisque {

/// The area and the unit normal of each face.
///
///   verts    [V, 3]  float32 or float64, packed
///   faces    [F, 3]  int64, counter-clockwise seen from the side to which normals point
///   returns  areas   [F]     in the square of the unit of verts
///            normals [F, 3]  unit length; the cross product of two edges divided by its length or by 1e-6, whichever is
///                            greater, so that a face without an area has the normal zero
///
/// Differentiable by verts: the gradient of a face without an area is zero. Forward is deterministic; so is backward on
/// the CPU. On CUDA its sums are atomic, so that their rounding differs from run to run. V or F may be 0. Errors:
/// shapes, dtypes or devices that do not match; on the CPU, an index outside [0, V). On CUDA such a face has an area
/// and a normal of zero. Source: PyTorch3D's mesh_face_areas_normals.
inline std::tuple<at::Tensor, at::Tensor> face_areas_normals(const at::Tensor& verts, const at::Tensor& faces) {
  static const auto op =
      find_op<std::tuple<at::Tensor, at::Tensor>(const at::Tensor&, const at::Tensor&)>("bisque::face_areas_normals");
  return op.call(verts, faces);
}

}  // namespace bisque
