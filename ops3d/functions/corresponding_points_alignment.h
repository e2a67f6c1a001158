// The similarity transform between two sets of corresponding points.
#pragma once
#include <ATen/core/Tensor.h>

#include <optional>

namespace bisque {

/// s x R + T for row vectors x.
struct SimilarityTransform {
  at::Tensor R;  // [N, D, D] orthogonal
  at::Tensor T;  // [N, D]
  at::Tensor s;  // [N]

  /// Of points [N, P, D].
  at::Tensor apply(const at::Tensor& points) const;
};

struct CorrespondingPointsAlignmentOptions {
  bool estimate_scale = false;    // else s is 1
  bool allow_reflection = false;  // permits an R of determinant -1
  double eps = 1e-9;              // the least sum of weights, and the least variance of X that s is divided by
};

/// The transform with the least sum of weights * |s X R + T - Y|^2.
///
///   X, Y     [N, P, D]  float32 or float64, points that correspond
///   weights  [N, P]     not negative; none: ones
///   lengths  [N]        int64 in [0, P], the points of each cloud; none: P
///   returns             R, T and s
///
/// Degenerate clouds give no NaN: see nearest_rotation. Points on a line leave R a turn around it, of which one is
/// taken; a single point, a cloud without points and one whose weights are 0 have R = 1, and s = 0 if it is estimated.
///
/// Differentiable by X, Y and weights; the gradient is finite for degenerate and symmetric clouds too. Error: shapes,
/// dtypes or devices that do not match. Source: Umeyama, Least-squares estimation of transformation parameters between
/// two point patterns (1991).
SimilarityTransform corresponding_points_alignment(const at::Tensor& X, const at::Tensor& Y,
                                                   const std::optional<at::Tensor>& weights = std::nullopt,
                                                   const std::optional<at::Tensor>& lengths = std::nullopt,
                                                   const CorrespondingPointsAlignmentOptions& options = {});

}  // namespace bisque
