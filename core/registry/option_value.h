// How members of option structs are settings.
#pragma once
#include <concepts>
#include <limits>
#include <optional>
#include <string>
#include <type_traits>
#include <utility>
#include <vector>

#include <bisque/core/registry/config.h>

namespace bisque {

/// A type of members of option structs. `Held` is the alternative of Config::Value that holds it; `get` is a Held, or
/// any Config::Value, and none for None; `set` takes a Held, or the Config::Value unconverted, and returns false if the
/// type cannot have it; `clear`, where it exists, sets None. Specialize it for types of your own.
template <class T>
struct OptionValue;

template <class T>
requires(std::same_as<T, bool> || std::same_as<T, std::string>) struct OptionValue<T> {
  using Held = T;
  static std::optional<Held> get(const T& value) { return value; }
  static bool set(T& value, const Held& held) {
    value = held;
    return true;
  }
};

template <class T>
requires(std::is_arithmetic_v<T> && !std::same_as<T, bool>) struct OptionValue<T> {
  using Held = std::conditional_t<std::integral<T>, int64_t, double>;
  static std::optional<Held> get(T value) { return static_cast<Held>(value); }
  static bool set(T& value, Held held) {
    if constexpr (std::integral<T>) {
      if (!std::in_range<T>(held)) return false;
    }
    value = static_cast<T>(held);
    return true;
  }
};

/// A list of numbers, or of integers.
template <class T>
requires(std::is_arithmetic_v<T> && !std::same_as<T, bool>) struct OptionValue<std::vector<T>> {
  using Number = std::conditional_t<std::integral<T>, int64_t, double>;
  using Held = std::vector<Number>;
  static std::optional<Held> get(const std::vector<T>& values) { return Held(values.begin(), values.end()); }
  static bool set(std::vector<T>& values, const Held& held) {
    values.clear();
    for (const Number number : held) {
      if (!OptionValue<T>::set(values.emplace_back(), number)) return false;
    }
    return true;
  }
};

template <class T>
struct OptionValue<std::optional<T>> {
  using Held = typename OptionValue<T>::Held;
  static std::optional<Held> get(const std::optional<T>& value) {
    return value ? OptionValue<T>::get(*value) : std::nullopt;
  }
  static bool set(std::optional<T>& value, const Held& held) { return OptionValue<T>::set(value.emplace(), held); }
  static void clear(std::optional<T>& value) { value.reset(); }
};

}  // namespace bisque
