// Internal. Tensors and values of batches as options: tensors, numbers or lists of numbers.
#pragma once
#include <ATen/core/Tensor.h>

#include <bisque/core/registry/option_value.h>
#include <bisque/renderer/batch/batch_value.h>

namespace bisque {

/// Undefined is None.
template <>
struct OptionValue<at::Tensor> {
  using Held = at::Tensor;
  static std::optional<Held> get(const at::Tensor& value) {
    return value.defined() ? std::optional(value) : std::nullopt;
  }
  static bool set(at::Tensor& value, const Held& held) {
    value = held;
    return true;
  }
  static void clear(at::Tensor& value) { value.reset(); }
};

template <>
struct OptionValue<BatchValue> {
  using Held = at::Tensor;
  static std::optional<Config::Value> get(const BatchValue& value) {
    if (value.tensor().defined()) return value.tensor();
    const std::vector<double>& numbers = value.numbers();
    if (numbers.empty()) return std::nullopt;
    return numbers.size() == 1 ? Config::Value(numbers[0]) : Config::Value(numbers);
  }
  /// Numbers get the dtype and device of the batch.
  static bool set(BatchValue& value, const Config::Value& given) {
    if (const auto* tensor = std::get_if<at::Tensor>(&given)) value = *tensor;
    if (const auto* integer = std::get_if<int64_t>(&given)) value = *integer;
    if (const auto* number = std::get_if<double>(&given)) value = *number;
    if (const auto* list = std::get_if<std::vector<int64_t>>(&given))
      value = BatchValue::of({list->begin(), list->end()});
    if (const auto* list = std::get_if<std::vector<double>>(&given)) value = BatchValue::of(*list);
    return true;
  }
};

}  // namespace bisque
