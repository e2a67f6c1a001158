// Parameters of a Module by name, from Python.
#pragma once
#include <ATen/core/Dict.h>
#include <ATen/core/Tensor.h>

#include <string>

#include <bisque/renderer/batch/batch_value.h>

namespace bisque {

using Tensors = c10::Dict<std::string, at::Tensor>;
using Flags = c10::Dict<std::string, bool>;

inline at::Tensor tensor_or_none(const Tensors& tensors, const std::string& name) {
  return tensors.contains(name) ? tensors.at(name) : at::Tensor();
}

/// The tensor of that name in place of a default.
inline void take(BatchValue& value, const Tensors& tensors, const std::string& name) {
  if (tensors.contains(name)) value = tensors.at(name);
}

inline void take(bool& value, const Flags& flags, const std::string& name) {
  if (flags.contains(name)) value = flags.at(name);
}

}  // namespace bisque
