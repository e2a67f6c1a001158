// Batch norm, whole and in the parts that a norm over many devices is made of.
#pragma once
#include <ATen/core/Tensor.h>

#include <bisque/core/plugin/op.h>

#include <optional>
#include <tuple>

namespace bisque {

/// y = (x - mean) / sqrt(var + eps) * weight + bias, where mean and var are those of a channel: in training of the
/// channel's values in all samples, else running_mean and running_var.
///
///   x             [N, C, ...]  float32, float64, float16 or bfloat16
///   weight        [C]          same dtype, or float32 with x of half precision; none: ones
///   bias          [C]          as weight; none: zeros
///   running_mean  [C]          float32, float64, float16 or bfloat16; not read in training
///   running_var   [C]          as running_mean
///   returns       y as x, in its memory format (contiguous or channels last); mean and var [C] float64, those that y
///                 was computed with; var is biased in training
///
/// Differentiable by x, weight and bias, to any order; mean and var are not. Precision as in row_norm. Deterministic:
/// results depend neither on the number of threads nor on the width of vectors. Any size may be 0. Nothing is updated
/// in place: see update_running_stats. Errors: no running statistics where they are needed, weights or statistics of
/// another size, dtype or device.
inline std::tuple<at::Tensor, at::Tensor, at::Tensor> batch_norm(const at::Tensor& x,
                                                                 const std::optional<at::Tensor>& weight,
                                                                 const std::optional<at::Tensor>& bias,
                                                                 const std::optional<at::Tensor>& running_mean,
                                                                 const std::optional<at::Tensor>& running_var,
                                                                 bool training, double eps) {
  using Optional = const std::optional<at::Tensor>&;
  static const auto op = find_op<std::tuple<at::Tensor, at::Tensor, at::Tensor>(
      const at::Tensor&, Optional, Optional, Optional, Optional, bool, double)>("bisque::batch_norm");
  return op.call(x, weight, bias, running_mean, running_var, training, eps);
}

/// In place: running = (1 - momentum) * running + momentum * batch's, var times count / (count - 1).
///
///   running_mean, running_var  [C]           float32 or float64, contiguous
///   mean, var                  [samples C]   float64, as batch_norm (samples = 1) and group_norm with a group a channel
///                                            return them; over samples they are averaged
///   momentum                                 for a cumulative average 1 / number of batches, this one included
///   count                                    values that each mean and var is of, at least 2
inline void update_running_stats(at::Tensor& running_mean, at::Tensor& running_var, const at::Tensor& mean,
                                 const at::Tensor& var, double momentum, int64_t count) {
  static const auto op = find_op<void(at::Tensor&, at::Tensor&, const at::Tensor&, const at::Tensor&, double, int64_t)>(
      "bisque::_update_running_stats");
  op.call(running_mean, running_var, mean, var, momentum, count);
}

// --- Parts, for channels whose values lie on many devices. They have no gradient: the caller ties them. ---

/// mean and biased var [C] float64 of the values here; merged over devices, they go into batch_norm as running
/// statistics.
inline std::tuple<at::Tensor, at::Tensor> batch_norm_stats(const at::Tensor& x) {
  static const auto op = find_op<std::tuple<at::Tensor, at::Tensor>(const at::Tensor&)>("bisque::_batch_norm_stats");
  return op.call(x);
}

/// [2, C] float64: sums over the values here of grad_y (the gradient of bias) and of grad_y * x_hat (of weight).
inline at::Tensor batch_norm_grad_sums(const at::Tensor& grad_y, const at::Tensor& x, const at::Tensor& mean,
                                       const at::Tensor& var, double eps) {
  static const auto op =
      find_op<at::Tensor(const at::Tensor&, const at::Tensor&, const at::Tensor&, const at::Tensor&, double)>(
          "bisque::_batch_norm_grad_sums");
  return op.call(grad_y, x, mean, var, eps);
}

/// The gradient by x out of the sums [2, C] and the count of the values of a channel on all devices.
inline at::Tensor batch_norm_grad_input(const at::Tensor& grad_y, const at::Tensor& x,
                                        const std::optional<at::Tensor>& weight, const at::Tensor& mean,
                                        const at::Tensor& var, const at::Tensor& sums, double count, double eps) {
  static const auto op =
      find_op<at::Tensor(const at::Tensor&, const at::Tensor&, const std::optional<at::Tensor>&, const at::Tensor&,
                         const at::Tensor&, const at::Tensor&, double, double)>("bisque::_batch_norm_grad_input");
  return op.call(grad_y, x, weight, mean, var, sums, count, eps);
}

}  // namespace bisque
