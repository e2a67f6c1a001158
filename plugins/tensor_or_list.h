// Internal. A batch as an argument: a padded tensor, or a list with a tensor per element.
#pragma once
#include <ATen/core/Tensor.h>

#include <initializer_list>
#include <optional>
#include <string>
#include <vector>

#include <bisque/core/error.h>
#include <bisque/core/registry/argument.h>

namespace bisque {

struct TensorOrList {
  at::Tensor tensor;  // undefined if it is a list
  std::vector<at::Tensor> list;

  bool is_list() const { return !tensor.defined(); }
};

template <>
struct Argument<TensorOrList> {
  static std::string name() { return "a tensor or a list of tensors"; }
  static std::optional<TensorOrList> from(const Value& value) {
    if (const auto* tensor = value.get_if<at::Tensor>()) return TensorOrList{*tensor, {}};
    auto list = Argument<std::vector<at::Tensor>>::from(value);
    return list ? std::optional(TensorOrList{{}, *std::move(list)}) : std::nullopt;
  }
  static TensorOrList& pass(TensorOrList& held) { return held; }
};

/// Undefined, or empty, where nothing is given.
inline at::Tensor tensor_of(const std::optional<TensorOrList>& value) { return value ? value->tensor : at::Tensor(); }
inline std::vector<at::Tensor> list_of(const std::optional<TensorOrList>& value) {
  return value ? value->list : std::vector<at::Tensor>();
}

/// Calls `make` with the tensors of all, or with their lists. Error: a tensor beside a list.
template <class Make, class... More>
auto make_batch(const char* owner, const Make& make, const TensorOrList& first, const More&... more) {
  for (const std::optional<TensorOrList>& other : std::initializer_list<std::optional<TensorOrList>>{more...}) {
    if (other && other->is_list() != first.is_list()) {
      fail(owner, ": expected either tensors or lists of tensors, but got both.");
    }
  }
  if (first.is_list()) return make(first.list, list_of(more)...);
  return make(first.tensor, tensor_of(more)...);
}

}  // namespace bisque
