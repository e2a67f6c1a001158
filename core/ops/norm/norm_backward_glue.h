// What the gradients of the norms share.
#pragma once
#include <bisque/core/ops/norm/norm_glue.h>

#include <tuple>

namespace bisque::norm {

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
            .grad_x = data_if<T>(needs.x, grad_x),
            .grad_weight = data_if<void>(needs.weight, grad_weight),
            .grad_bias = data_if<void>(needs.bias, grad_bias),
            .part = Part::kAll,
            .sums = nullptr,
            .count = 0};
  }

  Gradients gradients() const { return {grad_x, grad_weight, grad_bias}; }
};

inline void check_gradient(const char* op, const Tensor& grad_y, const Tensor& x) {
  op::check(op, "grad_y", grad_y).like("x", x);
  const auto expected = x.sizes(), got = grad_y.sizes();
  if (!std::equal(expected.begin(), expected.end(), got.begin(), got.end())) {
    op::refuse(op, "grad_y", "have the sizes of x", op::shape_text(grad_y));
  }
}

/// mean (where it is not null) and var of each slice.
inline void check_stats(const char* op, const Tensor& x, const Tensor* mean, const Tensor& var, int64_t slices) {
  const auto check = [&](const char* name, const Tensor& stats) {
    op::check(op, name, stats).shape({slices}, "[slices]").dtype(ScalarType::Double).on_device_of("x", x);
  };
  if (mean) check("mean", *mean);
  check("var", var);
}

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
