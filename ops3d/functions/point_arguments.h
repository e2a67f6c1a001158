// Internal. Checks of the arguments that functions on points share.
#pragma once
#include <ATen/core/Tensor.h>

#include <optional>

namespace bisque {

/// Fails unless points are [N, P, D] of a floating dtype.
void check_points(const char* function, const char* name, const at::Tensor& points);
/// Fails unless `other` has the dtype and device of `points`.
void check_same_kind(const char* function, const char* name, const at::Tensor& other, const char* of,
                     const at::Tensor& points);
/// Fails unless weights are [N, P] on the device of the points.
void check_weights(const char* function, const at::Tensor& weights, const at::Tensor& points);
/// [N, P] in the dtype of the points: weights, or ones, and 0 beyond the length of each cloud.
at::Tensor weights_within_lengths(const char* function, const std::optional<at::Tensor>& weights,
                                  const std::optional<at::Tensor>& lengths, const at::Tensor& points);
/// Fails unless lengths are int64 [N] on the device of the points, and on the CPU, lie in [0, P].
void check_lengths(const char* function, const char* name, const at::Tensor& lengths, const at::Tensor& points);
/// Whether each point lies within its cloud's length: bool [N, P].
at::Tensor is_within_lengths(const at::Tensor& lengths, const at::Tensor& points);

}  // namespace bisque
