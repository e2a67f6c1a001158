#include <ATen/ATen.h>

#include <bisque/core/error.h>
#include <bisque/ops3d/functions/point_arguments.h>
#include <bisque/ops3d/functions/point_covariances.h>
#include <bisque/ops3d/functions/pointcloud_normals.h>
#include <bisque/ops3d/functions/wmean.h>
#include <bisque/ops3d/symeig3x3/symeig3x3.h>

namespace bisque {
namespace {

constexpr const char* kFrames = "estimate_pointcloud_local_coord_frames";

void check_cloud(const at::Tensor& points, const std::optional<at::Tensor>& lengths, int64_t neighborhood_size) {
  check_points(kFrames, "points", points);
  if (points.size(2) != 3) fail(kFrames, ": expected points to have shape [N, P, 3], but got ", points.sizes());
  if (neighborhood_size < 1) {
    fail(kFrames, ": expected neighborhood_size to be at least 1, but got ", neighborhood_size);
  }
  if (lengths) check_lengths(kFrames, "lengths", *lengths, points);
  int64_t fewest = points.size(0) > 0 ? points.size(1) : 0;
  if (lengths && points.size(0) > 0) {
    const auto of_clouds = lengths->masked_fill(*lengths == 0, points.size(1));
    fewest = of_clouds.min().item<int64_t>();
  }
  if (fewest > 0 && fewest <= neighborhood_size) {
    fail(kFrames, ": expected each cloud to have more points than neighborhood_size = ", neighborhood_size,
         ", but one has ", fewest);
  }
}

/// The vectors [N, P, 3], turned to the side on which more of the neighbours lie.
at::Tensor towards_neighbors(const at::Tensor& vectors, const at::Tensor& points, const at::Tensor& neighbors) {
  const auto offsets = (neighbors - points.unsqueeze(2)).detach();
  const auto along = offsets.matmul(vectors.detach().unsqueeze(3));
  const auto balance = along.sign().sum({2, 3});  // neighbours in front minus those behind
  return at::where((balance < 0).unsqueeze(2), -vectors, vectors);
}

}  // namespace

LocalCoordFrames estimate_pointcloud_local_coord_frames(const at::Tensor& points,
                                                        const std::optional<at::Tensor>& lengths,
                                                        const PointcloudNormalsOptions& options) {
  check_cloud(points, lengths, options.neighborhood_size);
  const auto weights = weights_within_lengths(kFrames, std::nullopt, lengths, points);
  const auto outside = weights.unsqueeze(2) == 0;
  // Far from the origin, less would be left of the differences between neighbours.
  const auto used = points.masked_fill(outside, 0);
  const auto centered = used - wmean(used, weights);
  const auto [covariances, neighbors] = get_point_covariances(centered, lengths, options.neighborhood_size);
  auto [curvatures, frames] = symeig3x3(covariances);
  if (options.disambiguate_directions) {
    const auto normals = towards_neighbors(frames.select(3, 0), centered, neighbors);
    const auto last = towards_neighbors(frames.select(3, 2), centered, neighbors);
    frames = at::stack({normals, at::linalg_cross(normals, last), last}, 3);
  }
  return {curvatures.masked_fill(outside, 0), frames.masked_fill(outside.unsqueeze(3), 0)};
}

at::Tensor estimate_pointcloud_normals(const at::Tensor& points, const std::optional<at::Tensor>& lengths,
                                       const PointcloudNormalsOptions& options) {
  return estimate_pointcloud_local_coord_frames(points, lengths, options).local_coord_frames.select(3, 0);
}

}  // namespace bisque
