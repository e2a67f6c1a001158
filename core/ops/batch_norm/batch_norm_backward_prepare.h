// The checks and allocations that the implementations of batch_norm's gradient and its parts share.
#pragma once
#include <bisque/core/ops/batch_norm/batch_norm_prepare.h>
#include <bisque/core/ops/norm/norm_backward_glue.h>

namespace bisque {

inline norm::BackwardCall prepare_batch_norm_backward(const char* op, const op::Tensor& grad_y, const op::Tensor& x,
                                                      const norm::OptionalTensor& weight,
                                                      const norm::OptionalTensor& bias, const op::Tensor& mean,
                                                      const op::Tensor& var, bool training, double eps,
                                                      const norm::Needs& needs) {
  norm::check_channels(op, x);
  norm::check_gradient(op, grad_y, x);
  norm::check_stats(op, x, &mean, var, x.size(1));
  norm::Weights weights = norm::check_weights(op, x, weight, bias, x.size(1));
  const bool channels_last = norm::is_channels_last(x);
  const norm::View view = view_of_channels(x, weights.first() != nullptr, channels_last);
  return norm::make_backward(view, norm::dense(x, channels_last), norm::in_format_of(grad_y, channels_last),
                             std::move(weights), mean, var, true, !training, eps, needs, channels_last);
}

/// The local sums of a channel that lies on many devices.
struct BatchNormGradSumsCall {
  norm::BackwardCall call;
  op::Tensor sums;

  template <class T>
  norm::BackwardParams<T> params() const {
    auto params = call.params<T>();
    params.part = norm::Part::kSums;
    params.sums = op::mutable_data<double>(sums);
    return params;
  }
};

inline BatchNormGradSumsCall prepare_batch_norm_grad_sums(const op::Tensor& grad_y, const op::Tensor& x,
                                                          const op::Tensor& mean, const op::Tensor& var, double eps) {
  auto call = prepare_batch_norm_backward("_batch_norm_grad_sums", grad_y, x, std::nullopt, std::nullopt, mean, var,
                                          true, eps, {false, false, false});
  const int64_t sizes[] = {2, x.size(1)};
  return {std::move(call), op::new_empty_contiguous(x, {sizes, 2}, op::ScalarType::Double)};
}

/// The gradient by x out of the sums of all devices.
struct BatchNormGradInputCall {
  norm::BackwardCall call;
  op::Tensor sums;
  double count;

  template <class T>
  norm::BackwardParams<T> params() const {
    auto params = call.params<T>();
    params.part = norm::Part::kGradient;
    params.sums = const_cast<double*>(op::data<double>(sums));  // which are read alone
    params.count = count;
    return params;
  }
};

inline BatchNormGradInputCall prepare_batch_norm_grad_input(const op::Tensor& grad_y, const op::Tensor& x,
                                                            const norm::OptionalTensor& weight, const op::Tensor& mean,
                                                            const op::Tensor& var, const op::Tensor& sums, double count,
                                                            double eps) {
  const char* op = "_batch_norm_grad_input";
  auto call =
      prepare_batch_norm_backward(op, grad_y, x, weight, std::nullopt, mean, var, true, eps, {true, false, false});
  op::check(op, "sums", sums).shape({2, x.size(1)}, "[2, C]").dtype(op::ScalarType::Double).on_device_of("x", x);
  if (!(count >= 1)) op::refuse(op, "count", "be at least 1", std::to_string(count));
  return {std::move(call), op::contiguous(sums), count};
}

}  // namespace bisque
