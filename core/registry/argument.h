// Values as arguments of C++ functions: of forward, and of the functions that make objects.
#pragma once
#include <concepts>
#include <memory>
#include <optional>
#include <string>
#include <type_traits>
#include <typeinfo>
#include <utility>
#include <vector>

#include <bisque/core/error.h>
#include <bisque/core/nn/module.h>
#include <bisque/core/type_name.h>
#include <bisque/core/value_convert.h>

namespace bisque {

/// The class of a value in messages; of a Module, and of an object that a pointer holds, its own class.
std::string class_name(const Value& value);

/// How a parameter of the type T takes a Value: `from` gives none if it does not fit, `pass` what the function gets.
template <class T>
struct Argument {
  static std::string name() {
    if constexpr (std::derived_from<T, at::Tensor>) return "Tensor";
    if constexpr (std::same_as<T, bool>) return "bool";
    if constexpr (std::integral<T>) return "int";
    if constexpr (std::floating_point<T>) return "float";
    if constexpr (std::same_as<T, std::string>) return "str";
    return type_name(typeid(T));
  }
  static std::optional<T> from(const Value& value) {
    if constexpr (std::floating_point<T>) {
      if (const auto* integer = value.get_if<int64_t>()) return static_cast<T>(*integer);
    }
    try {
      return from_value<T>(value);
    } catch (const Error&) {
      return std::nullopt;
    }
  }
  static T& pass(T& held) { return held; }
};

/// A Module as one of its classes; null if the value is no such Module.
template <class M>
std::shared_ptr<M> module_of(const Value& value) {
  const auto* module = value.get_if<std::shared_ptr<Module>>();
  return module ? std::dynamic_pointer_cast<M>(*module) : nullptr;
}

/// A reference to a Module of that class, or of a class derived from it.
template <std::derived_from<Module> M>
struct Argument<M> {
  static std::string name() { return type_name(typeid(M)); }
  static std::optional<std::shared_ptr<M>> from(const Value& value) {
    std::shared_ptr<M> module = module_of<M>(value);
    return module ? std::optional(std::move(module)) : std::nullopt;
  }
  static M& pass(const std::shared_ptr<M>& held) { return *held; }
};

/// None is null.
template <class T>
struct Argument<std::shared_ptr<T>> {
  static std::string name() { return type_name(typeid(T)) + " or None"; }
  static std::optional<std::shared_ptr<T>> from(const Value& value) {
    if (value.is_none()) return std::shared_ptr<T>();
    if constexpr (std::derived_from<std::remove_const_t<T>, Module>) {
      return Argument<std::remove_const_t<T>>::from(value);
    } else {
      const auto* pointer = value.get_if<std::shared_ptr<T>>();
      return pointer ? std::optional(*pointer) : std::nullopt;
    }
  }
  static std::shared_ptr<T>& pass(std::shared_ptr<T>& held) { return held; }
};

template <class T>
struct Argument<std::optional<T>> {
  static std::string name() { return Argument<T>::name() + " or None"; }
  static std::optional<std::optional<T>> from(const Value& value) {
    if (value.is_none()) return std::optional<std::optional<T>>(std::in_place);
    auto held = Argument<T>::from(value);
    return held ? std::optional(std::optional<T>(*std::move(held))) : std::nullopt;
  }
  static std::optional<T>& pass(std::optional<T>& held) { return held; }
};

template <class T>
constexpr bool kIsSharedPointer = false;
template <class T>
constexpr bool kIsSharedPointer<std::shared_ptr<T>> = true;

/// A list or a tuple, without None where the elements are pointers.
template <class T>
struct Argument<std::vector<T>> {
  static std::string name() {
    if constexpr (kIsSharedPointer<T>) {
      return "a list of " + type_name(typeid(typename T::element_type));
    } else {
      return "a list of " + Argument<T>::name();
    }
  }
  static std::optional<std::vector<T>> from(const Value& value) {
    const auto* tuple = value.get_if<Tuple>();
    const List* list = tuple ? tuple : value.get_if<List>();
    if (!list) return std::nullopt;
    std::vector<T> values;
    for (const Value& item : *list) {
      auto held = Argument<T>::from(item);
      if (!held || (kIsSharedPointer<T> && item.is_none())) return std::nullopt;
      values.push_back(*std::move(held));
    }
    return values;
  }
  static std::vector<T>& pass(std::vector<T>& held) { return held; }
};

/// A result as a Value; a pointer to a Module, of any class, is the Module.
template <class T>
Value result_value(const T& result) {
  return to_value(result);
}
template <class T>
Value result_value(const std::shared_ptr<T>& result) {
  if (!result) return {};
  if constexpr (std::derived_from<std::remove_const_t<T>, Module>) {
    return Value::of(std::shared_ptr<Module>(std::const_pointer_cast<std::remove_const_t<T>>(result)));
  } else {
    return Value::of(result);
  }
}
template <class T>
Value result_value(const std::vector<T>& results) {
  List list;
  for (const T& result : results) list.push_back(result_value(result));
  return list;
}

}  // namespace bisque
