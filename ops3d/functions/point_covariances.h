// Covariances of the neighbourhoods of points.
#pragma once
#include <ATen/core/Tensor.h>

#include <optional>
#include <tuple>

namespace bisque {

/// The covariance matrix of the nearest neighbours of each point, itself included.
///
///   points             [N, P, D]  float32 or float64
///   lengths            [N]        int64 in [0, P], the points of each cloud; none: P
///   neighborhood_size             K, at least 1; the neighbours of a point
///   returns            covariances [N, P, D, D], sum over the neighbours of (x - mean)^T (x - mean) / K
///                      k_nearest_neighbors [N, P, K, D]
///
/// Beyond the points of a cloud both are made of the first point of the tensor, as are neighbours that a cloud of fewer
/// than K points lacks. Differentiable by points. Error: those of knn_points.
std::tuple<at::Tensor, at::Tensor> get_point_covariances(const at::Tensor& points,
                                                         const std::optional<at::Tensor>& lengths,
                                                         int64_t neighborhood_size);

}  // namespace bisque
