// What the norms share before their kernels run: checks, memory formats, new tensors.
#pragma once
#include <optional>
#include <string>
#include <vector>

#include <bisque/core/ops/glue.h>
#include <bisque/core/ops/norm/norm_kernels.h>

namespace bisque::norm {

using op::ScalarType;
using op::Tensor;
using OptionalTensor = std::optional<Tensor>;

inline const void* data_or_null(const OptionalTensor& tensor) { return tensor ? tensor->const_data_ptr() : nullptr; }

inline OptionalTensor contiguous(const OptionalTensor& tensor) {
  return tensor ? OptionalTensor(op::contiguous(*tensor)) : tensor;
}

/// Weight and bias of a norm: both there or not, of one dtype, contiguous.
struct Weights {
  OptionalTensor weight, bias;
  bool are_float;  // where x is of half precision

  const Tensor* first() const { return weight ? &*weight : bias ? &*bias : nullptr; }
};

/// Checks that weight and bias have `count` values and the dtype of x, or float32 where x is of half precision.
inline Weights check_weights(const char* op, const Tensor& x, const OptionalTensor& weight, const OptionalTensor& bias,
                             int64_t count) {
  const ScalarType dtype = x.scalar_type();
  const bool half = dtype == ScalarType::Half || dtype == ScalarType::BFloat16;
  const auto check = [&](const char* name, const OptionalTensor& tensor) {
    if (!tensor) return;
    op::check(op, name, *tensor).on_device_of("x", x);
    const ScalarType own = tensor->scalar_type();
    if (own != dtype && !(half && own == ScalarType::Float)) {
      op::fail_argument(op, name, "be " + op::dtype_name(dtype) + " as x" + (half ? ", or float32" : ""),
                        op::dtype_name(own));
    }
    if (tensor->numel() != count) {
      op::fail_argument(op, name, "have " + std::to_string(count) + " values", std::to_string(tensor->numel()));
    }
  };
  check("weight", weight);
  check("bias", bias);
  if (weight && bias) op::check(op, "bias", *bias).like("weight", *weight);
  const Weights weights = {contiguous(weight), contiguous(bias), false};
  return {weights.weight, weights.bias, half && weights.first() && weights.first()->scalar_type() == ScalarType::Float};
}

/// [size] float64: statistics are kept in double, since a large mean beside a small deviation needs its digits.
inline Tensor new_stats(const Tensor& x, int64_t size) {
  const int64_t stride = 1;
  return op::new_empty_strided(x, {&size, 1}, {&stride, 1}, ScalarType::Double);
}

inline Tensor new_like(const Tensor& tensor) {
  return op::new_empty_contiguous(tensor, tensor.sizes(), tensor.scalar_type());
}

inline Tensor none_like(const Tensor& tensor) {
  const int64_t size = 0, stride = 1;
  return op::new_empty_strided(tensor, {&size, 1}, {&stride, 1}, tensor.scalar_type());
}

/// Whether x [N, C, H, W] or [N, C, D, H, W] lies in memory as [N, H, W, C], and not as [N, C, H, W] too.
inline bool is_channels_last(const Tensor& x) {
  const int64_t dims = x.dim();
  if ((dims != 4 && dims != 5) || x.is_contiguous()) return false;
  const auto sizes = x.sizes(), strides = x.strides();
  int64_t expected = 1;
  const auto dense = [&](int64_t i) {
    const bool fits = sizes[i] == 1 || strides[i] == expected;
    expected *= sizes[i];
    return fits;
  };
  bool all = dense(1);
  for (int64_t i = dims - 1; i > 1; --i) all = all && dense(i);
  return all && dense(0);
}

/// x with no gaps: as it is where it is contiguous or channels last, else a contiguous copy.
inline Tensor dense(const Tensor& x, bool channels_last) { return channels_last ? x : op::contiguous(x); }

/// As x in sizes and memory format.
inline Tensor new_dense(const Tensor& x, bool channels_last) {
  if (!channels_last) return new_like(x);
  std::vector<int64_t> strides(static_cast<size_t>(x.dim()));
  int64_t stride = x.size(1);
  strides[1] = 1;
  for (int64_t i = x.dim() - 1; i > 1; --i) {
    strides[static_cast<size_t>(i)] = stride;
    stride *= x.size(i);
  }
  strides[0] = stride;
  return op::new_empty_strided(x, x.sizes(), strides, x.scalar_type());
}

/// A gradient in the memory format of x.
inline Tensor in_format_of(const Tensor& gradient, bool channels_last) {
  if (!channels_last) return op::contiguous(gradient);
  if (is_channels_last(gradient)) return gradient;
  Tensor copy = new_dense(gradient, true);
  torch::stable::copy_(copy, gradient);
  return copy;
}

inline void check_channels(const char* op, const Tensor& x) {
  op::check(op, "x", x).floating_or_half();
  if (x.dim() < 2) op::fail_argument(op, "x", "have shape [N, C, ...]", op::shape_text(x));
}

/// [N, C, ...]: the values of a channel of a sample.
inline int64_t inner_of(const Tensor& x) {
  int64_t inner = 1;
  for (int64_t i = 2; i < x.dim(); ++i) inner *= x.size(i);
  return inner;
}

inline void check_gradient(const char* op, const Tensor& grad_y, const Tensor& x) {
  op::check(op, "grad_y", grad_y).like("x", x);
  const auto expected = x.sizes(), got = grad_y.sizes();
  if (!std::equal(expected.begin(), expected.end(), got.begin(), got.end())) {
    op::fail_argument(op, "grad_y", "have the sizes of x", op::shape_text(grad_y));
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

}  // namespace bisque::norm
