// Volumes of intersection and intersection over union of oriented boxes.
#pragma once
#include <ATen/core/Tensor.h>

#include <tuple>

#include <bisque/core/plugin/op.h>

namespace bisque {

struct IouBox3dOptions {
  double eps = 1e-4;  // how far the corners of a face may be off its plane, in units of the box's size
};

/// The intersection of each box of boxes1 with each of boxes2.
///
///   boxes1   [N, 8, 3]  float32 or float64, the corners of boxes: 0 to 3 around a face, 4 to 7 the opposite ones.
///                       The unit box is [0,0,0], [1,0,0], [1,1,0], [0,1,0], [0,0,1], [1,0,1], [1,1,1], [0,1,1]. It may
///                       be any convex body with six plane faces of four corners, such as a frustum, or mirrored.
///   boxes2   [M, 8, 3]  same dtype
///   returns  vol [N, M] the volume of the intersection, in the cube of the unit
///            iou [N, M] vol / (volume1 + volume2 - vol), in [0, 1]; 1 for a box with itself
///
/// Not differentiable. Deterministic: the same bits on the CPU and on CUDA. Computed in float64, relative to the boxes'
/// centers. N or M may be 0. Error: shapes, dtypes or devices that do not match, eps below 0, and the first box that
/// has a coordinate that is not finite, a face whose corners are not coplanar, or that has no area (less than the
/// square of eps times the size), or corners in another order (not convex). Corners may also be off by 8 units in the
/// last place of the largest coordinate. On CUDA these checks wait for the stream.
///
/// Source: the first box is cut by the six half-spaces of the second; the volume is that of the divergence theorem.
inline std::tuple<at::Tensor, at::Tensor> iou_box3d(const at::Tensor& boxes1, const at::Tensor& boxes2,
                                                    const IouBox3dOptions& options = {}) {
  static const auto op =
      find_op<std::tuple<at::Tensor, at::Tensor>(const at::Tensor&, const at::Tensor&, double)>("bisque::iou_box3d");
  return op.call(boxes1, boxes2, options.eps);
}

}  // namespace bisque
