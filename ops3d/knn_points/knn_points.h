// The K nearest neighbours of points among the points of another cloud.
#pragma once
#include <ATen/core/Tensor.h>

#include <optional>
#include <tuple>

#include <bisque/core/plugin/op.h>

namespace bisque {

struct KnnPointsOptions {
  int64_t K = 1;              // neighbours of a point, at least 1; may exceed the points that there are
  int64_t norm = 2;           // 2: squared Euclidean distance; 1: sum of the absolute differences
  bool return_sorted = true;  // false permits any order; results are sorted all the same, since they are found so
};

/// For each point of p1, the K points of p2 in the same cloud that are nearest, by exact search.
///
///   p1        [N, P1, D]  float32 or float64, D at least 1
///   p2        [N, P2, D]  same dtype; P2 below 2^31
///   lengths1  [N]         int64 in [0, P1], the points of each cloud of p1; none: P1
///   lengths2  [N]         int64 in [0, P2], those of p2; none: P2
///   returns   dists [N, P1, K], the distance to each neighbour (squared for norm 2), nearest first, and
///             idx [N, P1, K] int64, which point of the cloud in p2 it is. Both are 0 beyond the points of a cloud in p1, and
///             where a cloud in p2 has fewer than K points.
///
/// Ties: among equal distances the lower index comes first. A distance that is NaN (a NaN coordinate, or two infinite
/// ones) comes after all others, infinite ones included. Distances are summed from the first coordinate to the last
/// without fused operations, on the CPU and on CUDA, so that results are the same bits on both, for any number of
/// threads and any SIMD width. N, P1 and P2 may be 0.
///
/// Gradient: from dists to p1 and p2 (idx has none). For norm 1 it is 0 where coordinates are equal. Deterministic on
/// the CPU; on CUDA that of p2 is summed by atomics, whose order, and so the last bits, may differ from run to run.
///
/// Cost: O(P1 P2) with SIMD for small clouds or many coordinates, else a tree of boxes, O((P1 + P2) log P2), on the
/// CPU; O(P1 P2) on CUDA. No memory in the size of P1 P2. Error: shapes, dtypes or devices that do not match, K below
/// 1, norm other than 1 and 2; on the CPU also lengths outside of their range, which CUDA clamps, since to look at them
/// would stall it.
inline std::tuple<at::Tensor, at::Tensor> knn_points(const at::Tensor& p1, const at::Tensor& p2,
                                                     const std::optional<at::Tensor>& lengths1 = std::nullopt,
                                                     const std::optional<at::Tensor>& lengths2 = std::nullopt,
                                                     const KnnPointsOptions& options = {}) {
  static const auto op =
      find_op<std::tuple<at::Tensor, at::Tensor>(const at::Tensor&, const at::Tensor&, const std::optional<at::Tensor>&,
                                                 const std::optional<at::Tensor>&, int64_t, int64_t, bool)>(
          "bisque::knn_points");
  return op.call(p1, p2, lengths1, lengths2, options.K, options.norm, options.return_sorted);
}

}  // namespace bisque
