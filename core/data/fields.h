// Access to samples and batches by their fields, and the kinds of types.
#pragma once
#include <ATen/core/Tensor.h>

#include <array>
#include <concepts>
#include <optional>
#include <string>
#include <tuple>
#include <type_traits>
#include <utility>
#include <vector>

#include <bisque/core/value.h>

namespace bisque::data {

/// The fields of a struct, as a tuple of references: a static member function `fields` of it, or a specialization of
/// this. Such a struct can be collated, pinned, moved to a device and sent by a worker process.
///
///   struct Sample {
///     at::Tensor image;
///     int64_t label;
///     static auto fields(auto& sample) { return std::tie(sample.image, sample.label); }
///   };
template <class T>
struct Fields {};

template <class T>
requires requires(T& whole) { T::fields(whole); }
struct Fields<T> {
  static auto of(auto& whole) { return T::fields(whole); }
};

template <class T>
concept Described = requires(T& whole) {
  Fields<T>::of(whole);
};

template <class T>
concept Text = std::same_as<T, std::string>;
template <class T>
concept TensorType = std::same_as<T, at::Tensor>;
/// A value of any type (core/value.h).
template <class T>
concept Dynamic = std::same_as<T, Value>;
template <class T>
concept Number = std::is_arithmetic_v<T>;

namespace internal {
template <class T>
inline constexpr bool kIsVector = false;
template <class T>
inline constexpr bool kIsVector<std::vector<T>> = true;
template <class T>
inline constexpr bool kIsArray = false;
template <class T, size_t N>
inline constexpr bool kIsArray<std::array<T, N>> = true;
template <class T>
inline constexpr bool kIsOptionalField = false;
template <class T>
inline constexpr bool kIsOptionalField<std::optional<T>> = true;
}  // namespace internal

template <class T>
concept OptionalType = internal::kIsOptionalField<T>;
template <class T>
concept VectorType = internal::kIsVector<T>;
template <class T>
concept ArrayType = internal::kIsArray<T>;
/// std::map, std::unordered_map, OrderedMap.
template <class T>
concept MapType = requires(T& map, typename T::value_type& entry) {
  map.try_emplace(entry.first, std::move(entry.second));
};
/// std::tuple, std::pair.
template <class T>
concept TupleType = !ArrayType<T> && requires {
  std::tuple_size<T>::value;
};

template <class>
inline constexpr bool kAlwaysFalse = false;

/// The elements of a list or tuple, null for any other value.
inline const List* elements_of(const Value& value) {
  if (const auto* tuple = value.get_if<Tuple>()) return tuple;
  return value.get_if<List>();
}

template <class V, class Function>
void for_each_tensor_of_value(V& value, Function&& function);

/// Calls function with a reference to each tensor of a value, in order.
template <class T, class Function>
void for_each_tensor(T& value, Function&& function) {
  using Type = std::remove_const_t<T>;
  if constexpr (TensorType<Type>) {
    function(value);
  } else if constexpr (Dynamic<Type>) {
    for_each_tensor_of_value(value, function);
  } else if constexpr (Described<Type>) {
    std::apply([&](auto&... fields) { (for_each_tensor(fields, function), ...); }, Fields<Type>::of(value));
  } else if constexpr (OptionalType<Type>) {
    if (value) for_each_tensor(*value, function);
  } else if constexpr (TupleType<Type>) {
    std::apply([&](auto&... each) { (for_each_tensor(each, function), ...); }, value);
  } else if constexpr (MapType<Type>) {
    for (auto& [name, each] : value) for_each_tensor(each, function);
  } else if constexpr (ArrayType<Type> || VectorType<Type>) {
    if constexpr (!Number<typename Type::value_type>) {
      for (auto& each : value) for_each_tensor(each, function);
    }
  }
}

template <class V, class Function>
void for_each_tensor_of_value(V& value, Function&& function) {
  if (auto* tensor = value.template get_if<at::Tensor>()) {
    function(*tensor);
  } else if (auto* dict = value.template get_if<Dict>()) {
    for_each_tensor(*dict, function);
  } else if (auto* items = value.template get_if<Items>()) {
    for (auto& item : *items) for_each_tensor_of_value(item.second, function);
  } else if (const List* list = elements_of(value)) {
    using Elements = std::conditional_t<std::is_const_v<V>, const List, List>;
    for (auto& each : *const_cast<Elements*>(list)) for_each_tensor_of_value(each, function);
  }
}

}  // namespace bisque::data
