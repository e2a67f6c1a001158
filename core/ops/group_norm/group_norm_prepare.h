// The checks and allocations that the CPU, Meta and CUDA implementations of group_norm share.
#pragma once
#include <bisque/core/ops/group_norm/group_norm_params.h>
#include <bisque/core/ops/norm/norm_glue.h>

namespace bisque {

inline void check_groups(const char* op, const op::Tensor& x, int64_t groups) {
  norm::check_channels(op, x);
  if (groups < 1 || x.size(1) % groups != 0) {
    op::refuse(op, "groups", "divide the " + std::to_string(x.size(1)) + " channels of x", std::to_string(groups));
  }
}

inline norm::View view_of_groups(const op::Tensor& x, int64_t groups, const norm::Weights& weights,
                                 bool channels_last) {
  return view_of_groups(x.size(0), x.size(1), norm::inner_of(x), groups, weights.first() != nullptr, channels_last);
}

inline norm::ForwardCall prepare_group_norm(const op::Tensor& x, const norm::OptionalTensor& weight,
                                            const norm::OptionalTensor& bias, int64_t groups, double eps) {
  const char* op = "group_norm";
  check_groups(op, x, groups);
  norm::Weights weights = norm::check_weights(op, x, weight, bias, x.size(1));
  const bool channels_last = norm::is_channels_last(x);
  const norm::View view = view_of_groups(x, groups, weights, channels_last);
  return {view,
          norm::dense(x, channels_last),
          std::move(weights),
          norm::new_dense(x, channels_last),
          norm::new_stats(x, view.slices),
          norm::new_stats(x, view.slices),
          eps};
}

}  // namespace bisque
