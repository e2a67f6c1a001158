// Value: content of a hook, a state_dict or a file: None, numbers, strings, tensors, and lists and dicts of them.
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

/// A dict that is an OrderedDict in Python, as a state_dict is.
struct OrderedDict : Dict {
  using Dict::Dict;
  /// For each Module, by its path ("" is the root): {"version": 1}, and entries that state_dict hooks add. Python's
  /// attribute _metadata.
  OrderedMap<Dict> metadata;
};

/// A dict whose keys are not all strings: the pairs in order.
struct Items : std::vector<std::pair<Value, Value>> {
  using std::vector<std::pair<Value, Value>>::vector;
  bool is_ordered = false;  // an OrderedDict in Python

  /// Null if there is none. Only strings, integers and bools are found.
  const Value* find(const Value& key) const;
  /// Error: there is no such key. A temporary returns by value, like Value::as().
  const Value& at(const Value& key) const&;
  Value at(const Value& key) const&&;
};

/// A list without duplicates, whose order has no meaning.
struct Set : List {
  using List::List;
  bool is_frozen = false;  // a frozenset in Python
};

/// Bytes; a std::string is text.
struct Bytes {
  std::string data;
  bool is_mutable = false;  // a bytearray in Python

  bool operator==(const Bytes&) const = default;
};

/// An integer outside the range of int64: two's complement, least significant byte first.
struct BigInt {
  std::string bytes;

  bool operator==(const BigInt&) const = default;
};

/// The sizes of a tensor as a value: torch.Size.
struct Size : std::vector<int64_t> {
  using std::vector<int64_t>::vector;
};

/// One of the types above, or any other copyable type. Copies are deep, except for tensors, which are handles.
class Value {
 public:
  Value() = default;  // None
  // NOLINTBEGIN(google-explicit-constructor): arguments and results of hooks are written as what they are
  Value(std::nullptr_t) {}
  template <std::same_as<bool> T>  // pointers are not bools
  Value(T value) : data_(value) {}
  template <std::integral T>
  requires(!std::same_as<T, bool>) Value(T value) : data_(static_cast<int64_t>(value)) {}
  template <std::floating_point T>
  Value(T value) : data_(static_cast<double>(value)) {}
  Value(const char* value) : data_(std::string(value)) {}
  Value(std::string value) : data_(std::move(value)) {}
  Value(at::Tensor value) {  // undefined is None
    if (value.defined()) data_ = std::move(value);
  }
  Value(List value) : data_(std::move(value)) {}
  Value(Tuple value) : data_(std::move(value)) {}
  Value(Dict value) : data_(std::move(value)) {}
  Value(OrderedDict value) : data_(std::move(value)) {}
  Value(Items value) : data_(std::move(value)) {}
  Value(Set value) : data_(std::move(value)) {}
  Value(Bytes value) : data_(std::move(value)) {}
  // NOLINTEND(google-explicit-constructor)
  /// A tensor that is a Parameter (torch.nn.Parameter).
  static Value parameter(at::Tensor value) {
    Value result(std::move(value));
    result.is_parameter_ = true;
    return result;
  }
  /// A value of any other type.
  template <class T>
  static Value of(T value) {
    Value result;
    result.data_ = std::any(std::move(value));
    return result;
  }

  bool is_none() const { return std::holds_alternative<std::monostate>(data_); }
  bool is_parameter() const { return is_parameter_; }
  /// The value, or null if it has another type. T is bool, int64_t, double, std::string, at::Tensor, List, Tuple, Dict
  /// (an OrderedDict is one), OrderedDict, Items, Set, Bytes or a type that was passed to of(). Files also contain
  /// BigInt, Size, at::ScalarType, at::Device, at::Layout and c10::complex<double>.
  template <class T>
  const T* get_if() const {
    if constexpr (std::is_same_v<T, Dict>) {
      const auto* ordered = std::get_if<OrderedDict>(&data_);
      return ordered ? ordered : std::get_if<Dict>(&data_);
    } else if constexpr (kIsListed<T>) {
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
  /// The value. A temporary returns by value, so `for (auto& [name, value] : load(path).as<Dict>())` is safe. Error: it
  /// has another type.
  template <class T>
  const T& as() const& {
    if (const T* found = get_if<T>()) return *found;
    fail_type(of_type<T>());
  }
  template <class T>
  T& as() & {
    return const_cast<T&>(static_cast<const Value&>(*this).as<T>());
  }
  template <class T>
  T as() && {
    return std::move(as<T>());
  }
  template <class T>
  T as() const&& {
    return as<T>();
  }

  /// The Python name of its type: "None", "bool", "int", "float", "str", "Tensor", "list", "tuple", "dict",
  /// "OrderedDict", "set", "bytes"; the C++ name of any other type.
  std::string type_name() const;

 private:
  template <class T>
  static constexpr bool kIsListed =
      std::is_same_v<T, bool> || std::is_same_v<T, int64_t> || std::is_same_v<T, double> ||
      std::is_same_v<T, std::string> || std::is_same_v<T, at::Tensor> || std::is_same_v<T, List> ||
      std::is_same_v<T, Tuple> || std::is_same_v<T, Dict> || std::is_same_v<T, OrderedDict> ||
      std::is_same_v<T, Items> || std::is_same_v<T, Set> || std::is_same_v<T, Bytes>;

  /// The name of a requested type.
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

  std::variant<std::monostate, bool, int64_t, double, std::string, at::Tensor, List, Tuple, Dict, OrderedDict, Items,
               Set, Bytes, std::any>
      data_;
  bool is_parameter_ = false;
};

}  // namespace bisque
