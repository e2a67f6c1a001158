// The checks and allocations that the implementations of batch_norm and its parts share.
#pragma once
#include <bisque/core/ops/batch_norm/batch_norm_params.h>
#include <bisque/core/ops/norm/norm_glue.h>

namespace bisque {

struct BatchNormCall {
  norm::View view;
  op::Tensor x;  // dense
  norm::Weights weights;
  norm::OptionalTensor running_mean, running_var;  // contiguous; what mean and var are made of where not in training
  norm::OptionalTensor y;                          // none: statistics alone
  op::Tensor mean, var;
  bool training;
  double eps;

  template <class T>
  norm::ForwardParams<T> params() const {
    return {view,
            op::data<T>(x),
            y ? op::mutable_data<T>(*y) : nullptr,
            norm::data_or_null(weights.weight),
            norm::data_or_null(weights.bias),
            weights.are_float,
            true,
            !training,
            eps,
            op::mutable_data<double>(mean),
            op::mutable_data<double>(var)};
  }
};

inline norm::View view_of_channels(const op::Tensor& x, bool weights, bool channels_last) {
  return view_of_channels(x.size(0), x.size(1), norm::inner_of(x), weights, channels_last);
}

inline norm::OptionalTensor check_running(const char* op, const char* name, const op::Tensor& x,
                                          const norm::OptionalTensor& stats, bool training) {
  if (training) return std::nullopt;
  if (!stats) op::refuse(op, name, "be a tensor where training is false", "none");
  op::check(op, name, *stats).shape({x.size(1)}, "[C]").floating_or_half().on_device_of("x", x);
  return op::contiguous(*stats);
}

inline BatchNormCall prepare_batch_norm(const op::Tensor& x, const norm::OptionalTensor& weight,
                                        const norm::OptionalTensor& bias, const norm::OptionalTensor& running_mean,
                                        const norm::OptionalTensor& running_var, bool training, double eps) {
  const char* op = "batch_norm";
  norm::check_channels(op, x);
  if (training && x.size(0) * norm::inner_of(x) == 1) {
    op::refuse(op, "x", "have more than 1 value a channel in training", op::shape_text(x));
  }
  norm::Weights weights = norm::check_weights(op, x, weight, bias, x.size(1));
  norm::OptionalTensor mean = check_running(op, "running_mean", x, running_mean, training);
  norm::OptionalTensor var = check_running(op, "running_var", x, running_var, training);
  if (var) op::check(op, "running_var", *var).like("running_mean", *mean);
  const bool channels_last = norm::is_channels_last(x);
  const norm::View view = view_of_channels(x, weights.first() != nullptr, channels_last);
  return {view,
          norm::dense(x, channels_last),
          std::move(weights),
          std::move(mean),
          std::move(var),
          norm::new_dense(x, channels_last),
          norm::new_stats(x, view.slices),
          norm::new_stats(x, view.slices),
          training,
          eps};
}

inline BatchNormCall prepare_batch_norm_stats(const op::Tensor& x) {
  norm::check_channels("_batch_norm_stats", x);
  const bool channels_last = norm::is_channels_last(x);
  const norm::View view = view_of_channels(x, false, channels_last);
  return {view,
          norm::dense(x, channels_last),
          {},
          std::nullopt,
          std::nullopt,
          std::nullopt,
          norm::new_stats(x, view.slices),
          norm::new_stats(x, view.slices),
          true,
          0};
}

/// Checks the arguments and calls kernel(params, whether running statistics are of double).
template <class Kernel>
void running_stats_call(const op::Tensor& running_mean, const op::Tensor& running_var, const op::Tensor& mean,
                        const op::Tensor& var, double momentum, int64_t count, const Kernel& kernel) {
  const char* op = "_update_running_stats";
  op::check(op, "running_mean", running_mean).shape({op::kAny}, "[C]").floating();
  const int64_t channels = running_mean.size(0);
  op::check(op, "running_var", running_var).shape({channels}, "[C]").like("running_mean", running_mean);
  op::check(op, "mean", mean).shape({op::kAny}, "[samples C]").dtype(op::ScalarType::Double);
  op::check(op, "mean", mean).on_device_of("running_mean", running_mean);
  op::check(op, "var", var).shape({mean.size(0)}, "[samples C]").like("mean", mean);
  if (channels == 0 ? mean.size(0) != 0 : mean.size(0) == 0 || mean.size(0) % channels != 0) {
    op::refuse(op, "mean", "have a multiple of " + std::to_string(channels) + " values", std::to_string(mean.size(0)));
  }
  for (const auto* running : {&running_mean, &running_var}) {
    if (!running->is_contiguous()) op::refuse(op, "running_mean and running_var", "be contiguous", "other strides");
  }
  if (count < 2) op::refuse(op, "count", "be at least 2", std::to_string(count));
  const op::Tensor means = op::contiguous(mean), vars = op::contiguous(var);
  const RunningStatsParams params = {op::data<double>(means),
                                     op::data<double>(vars),
                                     channels == 0 ? 0 : mean.size(0) / channels,
                                     channels,
                                     static_cast<double>(count),
                                     momentum,
                                     running_mean.mutable_data_ptr(),
                                     running_var.mutable_data_ptr()};
  kernel(params, running_mean.scalar_type() == op::ScalarType::Double);
}

}  // namespace bisque
