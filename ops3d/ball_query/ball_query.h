// Points within a radius of other points.
#pragma once
#include <ATen/core/Tensor.h>

#include <optional>
#include <tuple>

#include <bisque/core/plugin/op.h>

namespace bisque {

struct BallQueryOptions {
  int64_t K = 500;      // most neighbours of a point, at least 1
  double radius = 0.2;  // of the ball around a point of p1, at least 0
};

/// For each point of p1, the first K points of p2 in the same cloud, in the order of their indices, that lie within a
/// ball around it: those whose squared distance is less than radius * radius, which is computed in the dtype of p1.
///
///   p1        [N, P1, D]  float32 or float64, D at least 1: the centres
///   p2        [N, P2, D]  same dtype; P2 below 2^31
///   lengths1  [N]         int64 in [0, P1], the points of each cloud of p1; none: P1
///   lengths2  [N]         int64 in [0, P2], those of p2; none: P2
///   returns   dists [N, P1, K], the squared distance to each neighbour, and idx [N, P1, K] int64, which point of the
///             cloud in p2 it is. Beyond the neighbours that there are, and beyond the points of a cloud in p1, dists is
///             0 and idx is -1. knn_gather(p2, idx) gives the neighbours.
///
/// A point with a NaN or infinite coordinate has no neighbours and is none. Distances are summed from the first
/// coordinate to the last without fused operations, so that results are the same bits on the CPU and on CUDA, for any
/// number of threads and any SIMD width. N, P1 and P2 may be 0.
///
/// Gradient: from dists to p1 and p2 (idx has none). Deterministic on the CPU; on CUDA that of p2 is summed by atomics,
/// whose order, and so the last bits, may differ from run to run.
///
/// Cost on the CPU: with a tree for larger clouds of few coordinates, O(P2 log P2) to build it, and for each point of
/// p1 at most about sqrt(K P2) steps where the order of the points is random; else O(P1 P2). On CUDA O(P1 P2); a
/// thread stops at its K-th neighbour. Errors: shapes, dtypes or devices that do not match, K below 1, a negative
/// radius; on the CPU also lengths outside of their range, which CUDA clamps. Source: Qi et al., PointNet++, NeurIPS
/// 2017; PyTorch3D's ball_query.
inline std::tuple<at::Tensor, at::Tensor> ball_query(const at::Tensor& p1, const at::Tensor& p2,
                                                     const std::optional<at::Tensor>& lengths1 = std::nullopt,
                                                     const std::optional<at::Tensor>& lengths2 = std::nullopt,
                                                     const BallQueryOptions& options = {}) {
  static const auto op =
      find_op<std::tuple<at::Tensor, at::Tensor>(const at::Tensor&, const at::Tensor&, const std::optional<at::Tensor>&,
                                                 const std::optional<at::Tensor>&, int64_t, double)>(
          "bisque::ball_query");
  return op.call(p1, p2, lengths1, lengths2, options.K, options.radius);
}

}  // namespace bisque
