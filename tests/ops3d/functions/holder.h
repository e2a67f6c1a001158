// A C++ structure as a class of Python: torch.classes.bisque_functions.NAME.
#pragma once
#include <ATen/core/Tensor.h>
#include <torch/custom_class.h>
#include <torch/library.h>

#include <type_traits>
#include <utility>
#include <vector>

namespace bisque {

template <class T>
struct HolderOf : torch::CustomClassHolder {
  explicit HolderOf(T that) : value(std::move(that)) {}
  T value;
};
template <class T>
using Held = c10::intrusive_ptr<HolderOf<T>>;

template <class T>
Held<T> hold(T value) {
  return c10::make_intrusive<HolderOf<T>>(std::move(value));
}

template <class T>
std::vector<Held<T>> hold_each(std::vector<T> values) {
  std::vector<Held<T>> held;
  for (T& value : values) held.push_back(hold(std::move(value)));
  return held;
}

template <class T>
std::vector<T> values_of(const std::vector<Held<T>>& held) {
  std::vector<T> values;
  for (const Held<T>& each : held) values.push_back(each->value);
  return values;
}

/// A tensor that may be undefined, for Python's None.
inline at::Tensor tensor_or_none(const std::optional<at::Tensor>& tensor) { return tensor.value_or(at::Tensor()); }
inline std::optional<at::Tensor> none_if_undefined(const at::Tensor& tensor) {
  return tensor.defined() ? std::optional(tensor) : std::nullopt;
}

/// A method of T without arguments.
template <class T, auto method>
auto get(const Held<T>& self) {
  auto result = (self->value.*method)();
  using Result = decltype(result);
  if constexpr (std::is_same_v<Result, T>) {
    return hold(std::move(result));
  } else if constexpr (std::is_same_v<Result, at::Tensor>) {
    return none_if_undefined(result);
  } else {
    return result;
  }
}

}  // namespace bisque
