// Value: what a hook, a state_dict or a file may hold: None, numbers, text, tensors, and lists and dicts of them.
#pragma once
#include <ATen/core/Tensor.h>

#include <any>
#include <concepts>
#include <cstdint>
#include <string>
#include <type_traits>
#include <utility>
#include <variant>
#include <vector>

#include <bisque/core/ordered_map.h>
#include <bisque/core/type_name.h>

namespace bisque {

class Value;
using List = std::vector<Value>;
using Dict = OrderedMap<Value>;

/// A list that is a tuple in Python.
struct Tuple : List {
  using List::List;
};

/// One of the types above, or any other that can be copied. Copies are deep, but for tensors, which are handles.
class Value {
 public:
  Value() = default;  // None
  // NOLINTBEGIN(google-explicit-constructor): arguments and results of hooks are written as what they are
  Value(std::nullptr_t) {}
  template <std::same_as<bool> T>  // pointers are no bools
  Value(T value) : data_(value) {}
  template <std::integral T>
  requires(!std::same_as<T, bool>) Value(T value) : data_(static_cast<int64_t>(value)) {}
  template <std::floating_point T>
  Value(T value) : data_(static_cast<double>(value)) {}
  Value(const char* value) : data_(std::string(value)) {}
  Value(std::string value) : data_(std::move(value)) {}
  Value(at::Tensor value) {  // an undefined one is None
    if (value.defined()) data_ = std::move(value);
  }
  Value(List value) : data_(std::move(value)) {}
  Value(Tuple value) : data_(std::move(value)) {}
  Value(Dict value) : data_(std::move(value)) {}
  // NOLINTEND(google-explicit-constructor)
  /// A value of any other type.
  template <class T>
  static Value of(T value) {
    Value result;
    result.data_ = std::any(std::move(value));
    return result;
  }

  bool is_none() const { return std::holds_alternative<std::monostate>(data_); }
  /// What it holds, or null where that is of another type; T is bool, int64_t, double, std::string, at::Tensor, List,
  /// Tuple, Dict or a type that of() was given.
  template <class T>
  const T* get_if() const {
    if constexpr (kIsListed<T>) {
      return std::get_if<T>(&data_);
    } else {
      const auto* other = std::get_if<std::any>(&data_);
      return other ? std::any_cast<T>(other) : nullptr;
    }
  }
  template <class T>
  T* get_if() {
    return const_cast<T*>(static_cast<const Value*>(this)->get_if<T>());
  }
  template <class T>
  bool is() const {
    return get_if<T>() != nullptr;
  }
  /// Error: it holds another type.
  template <class T>
  const T& as() const {
    if (const T* found = get_if<T>()) return *found;
    fail_type(of_type<T>());
  }
  template <class T>
  T& as() {
    return const_cast<T&>(static_cast<const Value*>(this)->as<T>());
  }

  /// The Python name of its type: "None", "bool", "int", "float", "str", "Tensor", "list", "tuple", "dict"; the C++
  /// name of any other.
  std::string type_name() const;

 private:
  template <class T>
  static constexpr bool kIsListed =
      std::is_same_v<T, bool> || std::is_same_v<T, int64_t> || std::is_same_v<T, double> ||
      std::is_same_v<T, std::string> || std::is_same_v<T, at::Tensor> || std::is_same_v<T, List> ||
      std::is_same_v<T, Tuple> || std::is_same_v<T, Dict>;

  /// The name of a type that is asked for.
  template <class T>
  static std::string of_type() {
    if constexpr (std::is_same_v<T, at::Tensor>) {
      return "Tensor";
    } else if constexpr (kIsListed<T>) {
      return Value(T()).type_name();
    } else {
      return bisque::type_name(typeid(T));
    }
  }
  [[noreturn]] void fail_type(const std::string& expected) const;

  std::variant<std::monostate, bool, int64_t, double, std::string, at::Tensor, List, Tuple, Dict, std::any> data_;
};

}  // namespace bisque
