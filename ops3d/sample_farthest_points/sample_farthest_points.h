// Farthest point sampling.
#pragma once
#include <ATen/core/Tensor.h>

#include <optional>
#include <tuple>

#include <bisque/core/plugin/op.h>
#include <bisque/ops3d/functions/knn_gather.h>

namespace bisque {

struct SampleFarthestPointsOptions {
  int64_t K = 50;                         // points to select from each cloud
  std::optional<at::Tensor> num_samples;  // [N] int64 in [0, K], how many to select from each; none: K
  std::optional<at::Tensor> start_idxs;   // [N] int64 in [0, length), the first to select; none: 0
};

/// Points of each cloud that cover it evenly: each is the one farthest from those selected before it.
///
///   points       [N, P, D]  float32 or float64, D at least 1; P below 2^31
///   lengths      [N]        int64 in [0, P], the points of each cloud; none: P
///   num_samples  [N]        int64 in [0, K], the points to select from each cloud; none: K
///   start_idxs   [N]        int64 in [0, length), the first point; none: 0. For a random one make it with torch.rand.
///   returns      points [N, K, D], the selected points, and idx [N, K] int64, which ones they are. Where a cloud has
///                fewer points, or fewer are wanted, they end with zeros and idx with -1.
///
/// The result is exact: the distance of a point is the least squared distance to the points selected before, summed
/// from the first coordinate to the last without fused operations, and among equal ones the lowest index is selected.
/// So a cloud with fewer different points than are wanted repeats its first one. A point with a NaN or infinite
/// coordinate is selected only as the start, or where a cloud has no other. Deterministic: the same on the CPU and on
/// CUDA, for any number of threads and any SIMD width. N, P and K may be 0.
///
/// The selected points are differentiable by points. Not differentiable: idx, all that the op itself returns.
///
/// Cost: on the CPU points far from a selected one are skipped through the tree of knn_points, so that K points of 3
/// coordinates take about O(P log P); a cloud is one thread's. On CUDA O(P K), a block for each cloud. Errors: shapes,
/// dtypes or devices that do not match, a negative K; on the CPU also lengths, num_samples and start_idxs outside of
/// their range, which CUDA clamps. Source: Qi et al., PointNet++, NeurIPS 2017; PyTorch3D's sample_farthest_points.
inline std::tuple<at::Tensor, at::Tensor> sample_farthest_points(
    const at::Tensor& points, const std::optional<at::Tensor>& lengths = std::nullopt,
    const SampleFarthestPointsOptions& options = {}) {
  static const auto op =
      find_op<at::Tensor(const at::Tensor&, const std::optional<at::Tensor>&, int64_t, const std::optional<at::Tensor>&,
                         const std::optional<at::Tensor>&)>("bisque::sample_farthest_points");
  const at::Tensor idx = op.call(points, lengths, options.K, options.num_samples, options.start_idxs);
  return {masked_gather(points, idx), idx};
}

}  // namespace bisque
