// The checks and allocations that the CPU, Meta and CUDA implementations of group_norm's gradient share.
#pragma once
#include <bisque/core/ops/group_norm/group_norm_prepare.h>
#include <bisque/core/ops/norm/norm_backward_glue.h>

namespace bisque {

inline norm::BackwardCall prepare_group_norm_backward(const op::Tensor& grad_y, const op::Tensor& x,
                                                      const norm::OptionalTensor& weight,
                                                      const norm::OptionalTensor& bias, const op::Tensor& mean,
                                                      const op::Tensor& var, int64_t groups, double eps,
                                                      const norm::Needs& needs) {
  const char* op = "_group_norm_backward";
  check_groups(op, x, groups);
  norm::check_gradient(op, grad_y, x);
  norm::check_stats(op, x, &mean, var, x.size(0) * groups);
  norm::Weights weights = norm::check_weights(op, x, weight, bias, x.size(1));
  const bool channels_last = norm::is_channels_last(x);
  const norm::View view = view_of_groups(x, groups, weights, channels_last);
  return norm::make_backward(view, norm::dense(x, channels_last), norm::in_format_of(grad_y, channels_last),
                             std::move(weights), mean, var, true, false, eps, needs, channels_last);
}

}  // namespace bisque
