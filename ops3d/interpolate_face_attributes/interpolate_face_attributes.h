// Values of faces' corners, interpolated at pixels.
#pragma once
#include <ATen/core/Tensor.h>

#include <bisque/core/plugin/op.h>

namespace bisque {

/// Interpolates what the corners of faces carry at the pixels that a rasterizer found: the sum over the three corners
/// of bary_coords times face_attributes.
///
///   pix_to_face      [N, H, W, K]     int64, index into the faces; negative where no face is
///   bary_coords      [N, H, W, K, 3]  float32 or float64
///   face_attributes  [F, 3, D]        same dtype, for each corner of each face
///   returns          [N, H, W, K, D]  zero where no face is
///
/// Differentiable by bary_coords and face_attributes. Forward is deterministic; so is backward on the CPU. On CUDA the
/// gradient of face_attributes is summed atomically, so that its rounding differs from run to run. Any size may be 0.
/// Errors: shapes, dtypes or devices that do not match; on the CPU, an index that is F or greater. On CUDA such a pixel
/// counts as without a face. Source: PyTorch3D's interpolate_face_attributes.
inline at::Tensor interpolate_face_attributes(const at::Tensor& pix_to_face, const at::Tensor& bary_coords,
                                              const at::Tensor& face_attributes) {
  static const auto op = find_op<at::Tensor(const at::Tensor&, const at::Tensor&, const at::Tensor&)>(
      "bisque::interpolate_face_attributes");
  return op.call(pix_to_face, bary_coords, face_attributes);
}

}  // namespace bisque
