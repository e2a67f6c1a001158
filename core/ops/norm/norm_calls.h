// Calls of the norms that were checked, with their results: what the prepare functions of row_norm, group_norm and
// batch_norm return.
#pragma once
#include <bisque/core/ops/each.h>
#include <bisque/core/ops/norm/norm_cuda.h>
#include <bisque/core/ops/norm/norm_glue.h>

#include <tuple>

namespace bisque::norm {

/// What the CUDA kernels of a view need.
inline Tensor cuda_scratch(const Tensor& x, const View& view) {
  return new_stats(x, view.values() == 0 ? 0 : CudaParts(view).scratch_doubles(view));
}

/// Runs the kernels of a call, which has x, view and params<T>().
template <class Call>
void run_kernels(const OnCpu&, const Call& call) {
  op::dispatch_floating_and_half_types(call.x,
                                       [&](auto zero) { run_cpu_kernel(call.template params<decltype(zero)>()); });
}

template <class Call>
void run_kernels(const OnCuda& on, const Call& call) {
  const Tensor scratch = cuda_scratch(call.x, call.view);
  op::dispatch_floating_and_half_types(call.x, [&](auto zero) {
    run_cuda_kernels(call.template params<decltype(zero)>(), op::mutable_data<double>(scratch), on.stream);
  });
}

struct ForwardCall {
  View view;
  Tensor x;  // dense
  Weights weights;
  OptionalTensor y;  // none: statistics alone
  Tensor mean, var;
  double eps;
  bool center = true;
  bool given = false;  // mean and var are inputs

  template <class T>
  ForwardParams<T> params() const {
    return {view,
            op::data<T>(x),
            y ? op::mutable_data<T>(*y) : nullptr,
            data_or_null(weights.weight),
            data_or_null(weights.bias),
            weights.are_float,
            center,
            given,
            eps,
            op::mutable_data<double>(mean),
            op::mutable_data<double>(var)};
  }

  template <class On>
  void run(const On& on) const {
    run_kernels(on, *this);
  }

  std::tuple<Tensor, Tensor, Tensor> results() const { return {*y, mean, var}; }
};

/// Whose gradients are wanted.
struct Needs {
  bool x, weight, bias;
};

using Gradients = std::tuple<Tensor, Tensor, Tensor>;

struct BackwardCall {
  View view;
  Tensor x, grad_y;  // dense, in one memory format
  Weights weights;
  Tensor mean, var;
  bool center, given;
  double eps;
  Needs needs;
  Tensor grad_x, grad_weight, grad_bias;
  Part part = Part::kAll;
  OptionalTensor sums = std::nullopt;  // an input of kGradient, a result of kSums
  double count = 0;

  template <class T>
  BackwardParams<T> params() const {
    return {.view = view,
            .x = op::data<T>(x),
            .grad_y = op::data<T>(grad_y),
            .weight = data_or_null(weights.weight),
            .weights_are_float = weights.are_float,
            .center = center,
            .given = given,
            .eps = eps,
            .mean = op::data<double>(mean),
            .var = op::data<double>(var),
            .grad_x = needs.x ? op::mutable_data<T>(grad_x) : nullptr,
            .grad_weight = needs.weight ? grad_weight.mutable_data_ptr() : nullptr,
            .grad_bias = needs.bias ? grad_bias.mutable_data_ptr() : nullptr,
            .part = part,
            .sums = sums ? const_cast<double*>(op::data<double>(*sums)) : nullptr,
            .count = count};
  }

  template <class On>
  void run(const On& on) const {
    run_kernels(on, *this);
  }

  Gradients results() const { return {grad_x, grad_weight, grad_bias}; }
};

/// `grad_y` and `x` are dense.
inline BackwardCall make_backward(const View& view, Tensor x, Tensor grad_y, Weights weights, const Tensor& mean,
                                  const Tensor& var, bool center, bool given, double eps, const Needs& needs,
                                  bool channels_last) {
  const bool weight = needs.weight && weights.weight, bias = needs.bias && weights.bias;
  Tensor grad_x = needs.x ? new_dense(x, channels_last) : none_like(x);
  Tensor grad_weight = weight ? new_like(*weights.weight) : none_like(x);
  Tensor grad_bias = bias ? new_like(*weights.bias) : none_like(x);
  return {view,
          std::move(x),
          std::move(grad_y),
          std::move(weights),
          op::contiguous(mean),
          op::contiguous(var),
          center,
          given,
          eps,
          {needs.x, weight, bias},
          std::move(grad_x),
          std::move(grad_weight),
          std::move(grad_bias)};
}

}  // namespace bisque::norm
