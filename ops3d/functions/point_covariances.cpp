#include <ATen/ATen.h>

#include <bisque/ops3d/functions/point_arguments.h>
#include <bisque/ops3d/functions/point_covariances.h>
#include <bisque/ops3d/knn_points/knn_points.h>

namespace bisque {

std::tuple<at::Tensor, at::Tensor> get_point_covariances(const at::Tensor& points,
                                                         const std::optional<at::Tensor>& lengths,
                                                         int64_t neighborhood_size) {
  check_points("get_point_covariances", "points", points);
  const auto cloud = points.detach();
  const auto idx = std::get<1>(knn_points(cloud, cloud, lengths, lengths, {.K = neighborhood_size}));
  const int64_t N = points.size(0), P = points.size(1), D = points.size(2);
  const auto rows = idx.reshape({N, P * neighborhood_size, 1}).expand({-1, -1, D});
  const auto neighbors = points.gather(1, rows).reshape({N, P, neighborhood_size, D});
  const auto centered = neighbors - neighbors.mean(2, /*keepdim=*/true);
  return {centered.mT().matmul(centered) / neighborhood_size, neighbors};
}

}  // namespace bisque
