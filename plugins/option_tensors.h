// Internal. Tensors and values of batches as options: lists of numbers.
#pragma once
#include <ATen/ATen.h>

#include <bisque/core/registry/option_value.h>
#include <bisque/renderer/batch/batch_value.h>

namespace bisque {

/// Undefined is None.
template <>
struct OptionValue<at::Tensor> {
  using Held = std::vector<double>;
  static std::optional<Held> get(const at::Tensor& value) {
    if (!value.defined()) return std::nullopt;
    const at::Tensor flat = value.detach().to(at::kCPU, at::kDouble).flatten().contiguous();
    return Held(flat.const_data_ptr<double>(), flat.const_data_ptr<double>() + flat.numel());
  }
  static bool set(at::Tensor& value, const Held& held) {
    value = at::tensor(held, at::kFloat);
    return true;
  }
};

template <>
struct OptionValue<BatchValue> {
  using Held = std::vector<double>;
  static std::optional<Held> get(const BatchValue& value) {
    if (value.tensor().defined()) return OptionValue<at::Tensor>::get(value.tensor());
    return value.has_value() ? std::optional(value.numbers()) : std::nullopt;
  }
  static bool set(BatchValue& value, const Held& held) {
    value = at::tensor(held, at::kFloat);
    return true;
  }
};

}  // namespace bisque
