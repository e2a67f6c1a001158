// The distance of each segment to the nearest point of its cloud.
#pragma once
#include <ATen/core/Tensor.h>

#include <tuple>

#include <bisque/core/plugin/op.h>

namespace bisque {

/// For each segment, the nearest point of the same cloud, and its squared distance.
///
///   points            [P, 3]     float32 or float64, packed
///   points_first_idx  [N]        int64, the first point of each cloud: 0, then ascending
///   segms             [S, 2, 3]  same dtype: the corners of segments, packed
///   segms_first_idx   [N]        int64, the first segment of each cloud: 0, then ascending
///   returns           dists [S], the squared distance, and
///                     idxs [S] int64, which point it is, an index into points
///
/// A segment without a length is a point.
///
/// A segment whose cloud has no point has the distance 0 and the index -1. So does one whose cloud has only points that
/// are not finite: a point with a NaN or infinite coordinate is never the nearest. A segment with such a coordinate has
/// the distance NaN and the index -1.
///
/// Ties: among equal distances the lowest index. Deterministic, for any number of threads. CPU and CUDA compute
/// distances by the same operations, in double for either dtype.
///
/// Gradient: from dists to points and segms (idxs has none); 0 where the index is -1 or the distance is 0.
/// Deterministic on the CPU; on CUDA that of what several segments are nearest to is summed by atomics, so that its
/// rounding differs from run to run.
///
/// Cost: O((P + S) log P) by a tree of boxes on the CPU, which each call builds; O(P S) on CUDA. P, S and N may be 0.
/// Errors: shapes, dtypes or devices that do not match; on the CPU, first indices that do not ascend from 0 to at most
/// the number of items, which CUDA clamps. Source: PyTorch3D's edge_point_distance.
inline std::tuple<at::Tensor, at::Tensor> edge_point_distance(const at::Tensor& points,
                                                              const at::Tensor& points_first_idx,
                                                              const at::Tensor& segms,
                                                              const at::Tensor& segms_first_idx) {
  static const auto op = find_op<std::tuple<at::Tensor, at::Tensor>(
      const at::Tensor&, const at::Tensor&, const at::Tensor&, const at::Tensor&)>("bisque::edge_point_distance");
  return op.call(points, points_first_idx, segms, segms_first_idx);
}

}  // namespace bisque
