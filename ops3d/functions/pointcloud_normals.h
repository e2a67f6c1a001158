// Normals and principal curvatures of point clouds.
#pragma once
#include <ATen/core/Tensor.h>

#include <optional>

namespace bisque {

struct PointcloudNormalsOptions {
  int64_t neighborhood_size = 50;       // neighbours of a point, itself included; each cloud must have more points
  bool disambiguate_directions = true;  // turns a vector to the side on which more of the neighbours lie
};

struct LocalCoordFrames {
  at::Tensor curvatures;          // [N, P, 3] eigenvalues of the covariances, ascending
  at::Tensor local_coord_frames;  // [N, P, 3, 3] in columns: the normal, the directions of less and of most curvature
};

/// The principal directions of the neighbourhood of each point: eigenvectors of the covariance of its neighbours.
///
///   points   [N, P, 3]  float32 or float64
///   lengths  [N]        int64 in [0, P], the points of each cloud; none: P
///   returns  both are 0 beyond the points of a cloud
///
/// Directions: turned so that more neighbours lie in front of a point than behind it, for the normal and for the last
/// vector; the second is the cross product of the normal and the last. If as many lie on both sides, or without
/// `disambiguate_directions`, they are those of symeig3x3. Neighbours on a line or in one point give any of the
/// possible frames, never NaN.
///
/// Differentiable by points, as symeig3x3 is, for fixed neighbours. On CUDA the check of lengths waits for the stream.
/// Error: shapes or dtypes that do not match, a cloud that has points, but no more than neighborhood_size. Source:
/// Tombari, Salti and Di Stefano, Unique signatures of histograms for local surface description (2010).
LocalCoordFrames estimate_pointcloud_local_coord_frames(const at::Tensor& points,
                                                        const std::optional<at::Tensor>& lengths = std::nullopt,
                                                        const PointcloudNormalsOptions& options = {});

/// Their first vectors, [N, P, 3].
at::Tensor estimate_pointcloud_normals(const at::Tensor& points,
                                       const std::optional<at::Tensor>& lengths = std::nullopt,
                                       const PointcloudNormalsOptions& options = {});

}  // namespace bisque
