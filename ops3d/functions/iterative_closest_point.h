// Registration of point clouds.
#pragma once
#include <ATen/core/Tensor.h>

#include <optional>
#include <vector>

#include <bisque/ops3d/functions/corresponding_points_alignment.h>

namespace bisque {

struct IterativeClosestPointOptions {
  std::optional<SimilarityTransform> init_transform = std::nullopt;  // where to begin; none: the identity
  int64_t max_iterations = 100;
  double relative_rmse_thr = 1e-6;  // ends when the rmse of every cloud falls by no more than this share of it
  bool estimate_scale = false;
  bool allow_reflection = false;
};

struct IcpSolution {
  bool converged;           // whether the threshold was reached
  at::Tensor rmse;          // [N] root mean squared distance to the nearest point; undefined without an iteration
  at::Tensor Xt;            // [N, P1, D] X after the transform; 0 beyond the points of a cloud
  SimilarityTransform RTs;  // of X to Y
  std::vector<SimilarityTransform> t_history;  // after each iteration
};

/// Aligns clouds: in turns, finds the nearest point in Y of each point of the moved X, and the transform of X to these.
/// The result is a local optimum.
///
///   X         [N, P1, D]  float32 or float64
///   Y         [N, P2, D]  same dtype, P2 at least 1
///   lengths1  [N]         int64 in [0, P1], the points of each cloud of X; none: P1
///   lengths2  [N]         int64 in [0, P2], those of Y; none: P2
///
/// If a cloud is empty, the transform of its pair is the identity.
///
/// Differentiable as far as nearest points do not change. On CUDA it waits for the stream after each iteration. Error:
/// shapes, dtypes or devices that do not match; max_iterations below 0. Source: Besl and McKay, A method for
/// registration of 3-D shapes (1992).
IcpSolution iterative_closest_point(const at::Tensor& X, const at::Tensor& Y,
                                    const std::optional<at::Tensor>& lengths1 = std::nullopt,
                                    const std::optional<at::Tensor>& lengths2 = std::nullopt,
                                    const IterativeClosestPointOptions& options = {});

}  // namespace bisque
