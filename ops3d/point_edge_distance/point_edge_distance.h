// The distance of each point to the nearest segment of its cloud.
#pragma once
#include <ATen/core/Tensor.h>

#include <tuple>

#include <bisque/core/plugin/op.h>

namespace bisque {

/// For each point, the nearest segment of the same cloud, and its squared distance.
///
///   points            [P, 3]     float32 or float64, packed
///   points_first_idx  [N]        int64, the first point of each cloud: 0, then ascending
///   segms             [S, 2, 3]  same dtype: the corners of segments, packed
///   segms_first_idx   [N]        int64, the first segment of each cloud: 0, then ascending
///   returns           dists [P], the squared distance, and
///                     idxs [P] int64, which segment it is, an index into segms
///
/// A segment without a length is a point.
///
/// A point whose cloud has no segment has the distance 0 and the index -1. So does one whose cloud has only segments
/// that are not finite: a segment with a NaN or infinite coordinate is never the nearest. A point with such a
/// coordinate has the distance NaN and the index -1.
///
/// Ties: among equal distances the lowest index. Deterministic, for any number of threads. CPU and CUDA compute
/// distances by the same operations, in double for either dtype.
///
/// Gradient: from dists to points and segms (idxs has none); 0 where the index is -1 or the distance is 0.
/// Deterministic on the CPU; on CUDA that of what several points are nearest to is summed by atomics, so that its
/// rounding differs from run to run.
///
/// Cost: O((P + S) log S) by a tree of boxes on the CPU, which each call builds; O(P S) on CUDA. P, S and N may be 0.
/// Errors: shapes, dtypes or devices that do not match; on the CPU, first indices that do not ascend from 0 to at most
/// the number of items, which CUDA clamps. Source: PyTorch3D's point_edge_distance.
inline std::tuple<at::Tensor, at::Tensor> point_edge_distance(const at::Tensor& points,
                                                              const at::Tensor& points_first_idx,
                                                              const at::Tensor& segms,
                                                              const at::Tensor& segms_first_idx) {
  static const auto op = find_op<std::tuple<at::Tensor, at::Tensor>(
      const at::Tensor&, const at::Tensor&, const at::Tensor&, const at::Tensor&)>("bisque::point_edge_distance");
  return op.call(points, points_first_idx, segms, segms_first_idx);
}

}  // namespace bisque
