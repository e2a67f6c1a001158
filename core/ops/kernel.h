// A kernel with the types that it was written for, which registration compares to the schema of its op.
#pragma once
#include <torch/csrc/stable/device.h>
#include <torch/csrc/stable/library.h>
#include <torch/csrc/stable/tensor.h>

#include <optional>
#include <string>
#include <string_view>
#include <tuple>
#include <type_traits>
#include <vector>

#include <bisque/core/ops/op_text.h>
#include <bisque/core/plugin/abi.h>

namespace bisque::op {

/// The type in a schema for a C++ type. The stable ABI would reinterpret the bits of any other C++ type.
template <class T>
struct SchemaType {
  static_assert(sizeof(T) == 0,
                "a kernel takes and returns Tensor, int64_t, double, bool, std::string, ScalarType, Layout, "
                "MemoryFormat, Device, and optionals and vectors of them");
};
template <>
struct SchemaType<torch::stable::Tensor> {
  static std::string name() { return "Tensor"; }
};
template <>
struct SchemaType<int64_t> {
  static std::string name() { return "int"; }
};
template <>
struct SchemaType<double> {
  static std::string name() { return "float"; }
};
template <>
struct SchemaType<bool> {
  static std::string name() { return "bool"; }
};
template <>
struct SchemaType<std::string> {
  static std::string name() { return "str"; }
};
template <>
struct SchemaType<std::string_view> : SchemaType<std::string> {};
template <>
struct SchemaType<torch::headeronly::ScalarType> {
  static std::string name() { return "ScalarType"; }
};
template <>
struct SchemaType<torch::headeronly::Layout> {
  static std::string name() { return "Layout"; }
};
template <>
struct SchemaType<torch::headeronly::MemoryFormat> {
  static std::string name() { return "MemoryFormat"; }
};
template <>
struct SchemaType<torch::stable::Device> {
  static std::string name() { return "Device"; }
};
template <class T>
struct SchemaType<std::optional<T>> {
  static std::string name() { return SchemaType<T>::name() + "?"; }
};
template <class T>
struct SchemaType<std::vector<T>> {
  static std::string name() { return SchemaType<T>::name() + "[]"; }
};
template <class T>
struct SchemaType<torch::headeronly::HeaderOnlyArrayRef<T>> : SchemaType<std::vector<T>> {};

template <class... T>
std::vector<SchemaItem> schema_items() {
  return {SchemaItem{SchemaType<std::remove_cvref_t<T>>::name(), ""}...};
}

/// The types of a function as a schema without names.
template <class Function>
struct TypesOf;
template <class Result, class... Arguments>
struct TypesOf<Result(Arguments...)> {
  static Schema schema() { return {"", "", schema_items<Arguments...>(), schema_items<Result>()}; }
};
template <class... Results, class... Arguments>
struct TypesOf<std::tuple<Results...>(Arguments...)> {
  static Schema schema() { return {"", "", schema_items<Arguments...>(), schema_items<Results...>()}; }
};
template <class... Arguments>
struct TypesOf<void(Arguments...)> {
  static Schema schema() { return {"", "", schema_items<Arguments...>(), {}}; }
};

struct Kernel {
  constexpr Kernel() = default;
  /// A function that reads and writes the stack itself: its types cannot be checked.
  constexpr explicit Kernel(BisqueKernel boxed) : boxed(boxed) {}
  constexpr Kernel(BisqueKernel boxed, Schema (*types)()) : boxed(boxed), types(types) {}

  explicit operator bool() const { return boxed != nullptr; }

  BisqueKernel boxed = nullptr;
  Schema (*types)() = nullptr;  // null: not known
};

}  // namespace bisque::op

/// A kernel out of a typed function. (TORCH_BOX's own type is spelt in libtorch's words.)
#define BISQUE_KERNEL(function)                                            \
  bisque::op::Kernel(reinterpret_cast<BisqueKernel>(TORCH_BOX(&function)), \
                     &bisque::op::TypesOf<std::remove_reference_t<decltype(function)>>::schema)
