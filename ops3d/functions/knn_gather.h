// Values of the neighbours that knn_points and ball_query found.
#pragma once
#include <ATen/core/Tensor.h>

#include <optional>

namespace bisque {

/// The values of neighbours, by their indices.
///
///   x        [N, M, U]     any dtype: values of the points of p2 in knn_points or ball_query
///   idx      [N, L, K]     int64 in [-1, M): the neighbours
///   lengths  [N]           int64, the points of each cloud in x; none: M
///   returns  [N, L, K, U]  x[n, idx[n, l, k]]; zero where idx is -1, and for k from lengths[n] on, where knn_points finds
///                          no neighbour
///
/// Differentiable by x. On CUDA its gradient is summed by atomics, whose order may differ from run to run. Errors:
/// shapes or dtypes that do not match; on the CPU, an index outside of [-1, M), which ATen reports on CUDA.
at::Tensor knn_gather(const at::Tensor& x, const at::Tensor& idx,
                      const std::optional<at::Tensor>& lengths = std::nullopt);

/// The same for idx [N, K] or [N, L, K] without lengths: the result has the sizes of idx, and then U. It is zero where
/// idx is -1.
at::Tensor masked_gather(const at::Tensor& points, const at::Tensor& idx);

}  // namespace bisque
