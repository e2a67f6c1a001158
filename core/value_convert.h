// Conversion between C++ values and Values.
#pragma once
#include <concepts>
#include <optional>
#include <tuple>
#include <type_traits>
#include <utility>
#include <vector>

#include <bisque/core/value.h>

namespace bisque {

/// How a type is represented as a Value. Tensors (including Parameter and Buffer), numbers and strings map to
/// themselves, an optional is None or its content, a pair or tuple is a Tuple, a vector a List; any other copyable type
/// is stored unmodified. Specialize it for a struct whose tensors hooks should see.
template <class T>
struct ValueConversion {
  static Value to_value(const T& value) { return Value::of(value); }
  static T from_value(const Value& value) { return value.as<T>(); }
};

template <class T>
Value to_value(const T& value) {
  return ValueConversion<T>::to_value(value);
}

/// Error: the Value holds another type.
template <class T>
T from_value(const Value& value) {
  return ValueConversion<T>::from_value(value);
}

template <>
struct ValueConversion<Value> {
  static Value to_value(const Value& value) { return value; }
  static Value from_value(const Value& value) { return value; }
};

template <class T>
requires(std::derived_from<T, at::Tensor>) struct ValueConversion<T> {
  static Value to_value(const T& tensor) { return Value(static_cast<const at::Tensor&>(tensor)); }
  static T from_value(const Value& value) { return value.is_none() ? T(at::Tensor()) : T(value.as<at::Tensor>()); }
};

template <class T>
requires(std::is_arithmetic_v<T>) struct ValueConversion<T> {
  using Held =
      std::conditional_t<std::is_same_v<T, bool>, bool, std::conditional_t<std::is_integral_v<T>, int64_t, double>>;
  static Value to_value(T value) { return Value(value); }
  static T from_value(const Value& value) { return static_cast<T>(value.as<Held>()); }
};

template <class T>
requires(std::same_as<T, std::string> || std::same_as<T, List> || std::same_as<T, Tuple> ||
         std::same_as<T, Dict>) struct ValueConversion<T> {
  static Value to_value(const T& value) { return Value(value); }
  static T from_value(const Value& value) { return value.as<T>(); }
};

template <class T>
struct ValueConversion<std::optional<T>> {
  static Value to_value(const std::optional<T>& value) { return value ? bisque::to_value(*value) : Value(); }
  static std::optional<T> from_value(const Value& value) {
    if (value.is_none()) return std::nullopt;
    return bisque::from_value<T>(value);
  }
};

template <class T>
requires(!std::same_as<T, Value>) struct ValueConversion<std::vector<T>> {
  static Value to_value(const std::vector<T>& values) {
    List list;
    list.reserve(values.size());
    for (const T& value : values) list.push_back(bisque::to_value(value));
    return list;
  }
  static std::vector<T> from_value(const Value& value) {
    std::vector<T> values;
    for (const Value& item : value.as<List>()) values.push_back(bisque::from_value<T>(item));
    return values;
  }
};

/// Error: a Tuple has another number of values than expected.
void check_count(const Tuple& tuple, size_t expected);

template <class Whole, class... Ts>
struct TupleConversion {
  static Value to_value(const Whole& whole) {
    return std::apply([](const auto&... values) { return Value(Tuple{bisque::to_value(values)...}); }, whole);
  }
  static Whole from_value(const Value& value) {
    const auto& tuple = value.as<Tuple>();
    check_count(tuple, sizeof...(Ts));
    return [&]<size_t... I>(std::index_sequence<I...>) { return Whole(bisque::from_value<Ts>(tuple[I])...); }
    (std::index_sequence_for<Ts...>());
  }
};

template <class... Ts>
struct ValueConversion<std::tuple<Ts...>> : TupleConversion<std::tuple<Ts...>, Ts...> {};
template <class A, class B>
struct ValueConversion<std::pair<A, B>> : TupleConversion<std::pair<A, B>, A, B> {};

}  // namespace bisque
