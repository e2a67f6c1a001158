// The distance of each triangle to the nearest point of its cloud.
#pragma once
#include <ATen/core/Tensor.h>

#include <tuple>

#include <bisque/core/plugin/op.h>

namespace bisque {

struct FacePointDistanceOptions {
  /// A triangle with a smaller area is its three sides. 0 is exact; PyTorch3D's default is 5e-3.
  double min_triangle_area = 0;
};

/// For each triangle, the nearest point of the same cloud, and its squared distance.
///
///   points            [P, 3]     float32 or float64, packed
///   points_first_idx  [N]        int64, the first point of each cloud: 0, then ascending
///   tris              [F, 3, 3]  same dtype: the corners of triangles, packed
///   tris_first_idx    [N]        int64, the first triangle of each cloud: 0, then ascending
///   returns           dists [F], the squared distance, and
///                     idxs [F] int64, which point it is, an index into points
///
/// Exact for triangles of any size. A triangle without an area is its longest side, or a point.
///
/// A triangle whose cloud has no point has the distance 0 and the index -1. So does one whose cloud has only points
/// that are not finite: a point with a NaN or infinite coordinate is never the nearest. A triangle with such a
/// coordinate has the distance NaN and the index -1.
///
/// Ties: among equal distances the lowest index. Deterministic, for any number of threads. CPU and CUDA compute
/// distances by the same operations, in double for either dtype.
///
/// Gradient: from dists to points and tris (idxs has none); 0 where the index is -1 or the distance is 0. Deterministic
/// on the CPU; on CUDA that of what several triangles are nearest to is summed by atomics, so that its rounding differs
/// from run to run.
///
/// Cost: O((P + F) log P) by a tree of boxes on the CPU, which each call builds; O(P F) on CUDA. P, F and N may be 0.
/// Errors: shapes, dtypes or devices that do not match, a negative min_triangle_area; on the CPU, first indices that do
/// not ascend from 0 to at most the number of items, which CUDA clamps. Source: PyTorch3D's face_point_distance.
inline std::tuple<at::Tensor, at::Tensor> face_point_distance(const at::Tensor& points,
                                                              const at::Tensor& points_first_idx,
                                                              const at::Tensor& tris, const at::Tensor& tris_first_idx,
                                                              const FacePointDistanceOptions& options = {}) {
  static const auto op =
      find_op<std::tuple<at::Tensor, at::Tensor>(const at::Tensor&, const at::Tensor&, const at::Tensor&,
                                                 const at::Tensor&, double)>("bisque::face_point_distance");
  return op.call(points, points_first_idx, tris, tris_first_idx, options.min_triangle_area);
}

}  // namespace bisque
