// Camera poses from points in space and in the picture.
#pragma once
#include <ATen/core/Tensor.h>

#include <optional>

namespace bisque {

struct EfficientPnpOptions {
  bool skip_quadratic_eq = false;  // takes the eigenvector of the smallest eigenvalue alone; for 6 points or more
};

struct EpnpSolution {
  at::Tensor x_cam;   // [N, P, 3] the points in the camera's frame, of which the pose was found
  at::Tensor R;       // [N, 3, 3] rotation
  at::Tensor T;       // [N, 3]
  at::Tensor err_2d;  // [N] weighted mean distance between projected points and y
  at::Tensor err_3d;  // [N] weighted mean squared distance between x R + T and x_cam
};

/// The rotation and translation of a camera with y = Proj(x R + T), Proj([x, y, z]) = [x / z, y / z], in least squares:
/// the EPnP algorithm. Without noise, six points in general position give the exact pose; five nearly always do, and
/// four in about two of three cases (look at err_2d).
///
///   x        [N, P, 3]  float32 or float64, points in space, P at least 4, not all in one plane
///   y        [N, P, 2]  same dtype: their projections, in front of the camera, by a focal length of 1
///   weights  [N, P]     not negative; none: ones
///
/// Computed in float64. Points in one plane or on a line give no NaN, but no good pose: look at err_2d.
/// Differentiable by x, y and weights if the smallest eigenvalues of the 12 x 12 system differ, which is so for six
/// points and more; which of the solutions is the best counts as fixed. Error: shapes, dtypes or devices that do not
/// match, fewer points. Source: Lepetit, Moreno-Noguer and Fua, EPnP: An accurate O(n) solution to the PnP problem
/// (2009).
EpnpSolution efficient_pnp(const at::Tensor& x, const at::Tensor& y,
                           const std::optional<at::Tensor>& weights = std::nullopt,
                           const EfficientPnpOptions& options = {});

}  // namespace bisque
