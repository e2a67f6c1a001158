// The fields of an op's params struct, seen by type: what the declaration of an op checks its schema and shapes
// against, and fills in.
//
// Params<T> is a flat aggregate. Its fields are, in this order: all arguments as in the schema, all results, all
// scratch, and the sizes that have a name, in the order in which the shapes name them. `const T*`, `const int64_t*` ...
// is a tensor that is read, null where it is None or its shape's flag is false; a pointer to what is not const is a
// result or scratch, null where its shape's flag is false. A `float?` is a double, NaN where it is None.
#pragma once
#include <torch/headeronly/core/ScalarType.h>

#include <cstddef>
#include <cstdint>
#include <type_traits>
#include <utility>
#include <vector>

namespace bisque::op {

/// In place of T where fields are looked at.
struct Floating {};

struct Field {
  enum Kind { kFloating, kTyped, kInt, kFloat, kBool } kind;
  torch::headeronly::ScalarType dtype = torch::headeronly::ScalarType::Undefined;  // of kTyped
  bool is_const = true;
  bool is_tensor() const { return kind == kFloating || kind == kTyped; }
};

/// The value of a field.
union Slot {
  void* pointer;
  int64_t integer;
  double number;
  bool flag;
};

template <class Pointee>
constexpr Field pointer_field() {
  using torch::headeronly::ScalarType;
  using Value = std::remove_const_t<Pointee>;
  constexpr bool is_const = std::is_const_v<Pointee>;
  if constexpr (std::is_same_v<Value, Floating>)
    return {Field::kFloating, ScalarType::Undefined, is_const};
  else if constexpr (std::is_same_v<Value, float>)
    return {Field::kTyped, ScalarType::Float, is_const};
  else if constexpr (std::is_same_v<Value, double>)
    return {Field::kTyped, ScalarType::Double, is_const};
  else if constexpr (std::is_same_v<Value, int64_t>)
    return {Field::kTyped, ScalarType::Long, is_const};
  else if constexpr (std::is_same_v<Value, int32_t>)
    return {Field::kTyped, ScalarType::Int, is_const};
  else if constexpr (std::is_same_v<Value, uint32_t>)
    return {Field::kTyped, ScalarType::UInt32, is_const};
  else if constexpr (std::is_same_v<Value, uint8_t>)
    return {Field::kTyped, ScalarType::Byte, is_const};
  else {
    static_assert(std::is_same_v<Value, bool>, "a field of params points to a type that is not a dtype of tensors");
    return {Field::kTyped, ScalarType::Bool, is_const};
  }
}

template <class U>
constexpr Field field_of() {
  if constexpr (std::is_pointer_v<U>)
    return pointer_field<std::remove_pointer_t<U>>();
  else if constexpr (std::is_same_v<U, double>)
    return {Field::kFloat};
  else if constexpr (std::is_same_v<U, bool>)
    return {Field::kBool};
  else {
    static_assert(std::is_same_v<U, int64_t>, "a field of params is a pointer, int64_t, double or bool");
    return {Field::kInt};
  }
}

/// Converts to any field and notes its type.
struct FieldProbe {
  std::vector<Field>* fields;
  template <class U>
  operator U() const {
    if (fields) fields->push_back(field_of<U>());
    return U{};
  }
};

/// Converts to any field and gives its value.
struct FieldValue {
  const Slot& slot;
  template <class U>
  operator U() const {
    if constexpr (std::is_pointer_v<U>)
      return static_cast<U>(slot.pointer);
    else if constexpr (std::is_same_v<U, double>)
      return slot.number;
    else if constexpr (std::is_same_v<U, bool>)
      return slot.flag;
    else
      return slot.integer;
  }
};

inline constexpr size_t kMaxFields = 40;

template <class Params, size_t... I>
constexpr bool has_fields(std::index_sequence<I...>) {
  return requires { Params{(static_cast<void>(I), FieldProbe{nullptr})...}; };
}

/// The number of fields: the most values that the aggregate takes.
template <class Params, size_t N = kMaxFields>
constexpr size_t count_fields() {
  if constexpr (has_fields<Params>(std::make_index_sequence<N>()))
    return N;
  else
    return count_fields<Params, N - 1>();
}

template <class Params>
std::vector<Field> fields_of() {
  std::vector<Field> fields;
  [&]<size_t... I>(std::index_sequence<I...>) {
    static_cast<void>(Params{(static_cast<void>(I), FieldProbe{&fields})...});
  }
  (std::make_index_sequence<count_fields<Params>()>());
  return fields;
}

template <class Params>
Params params_of(const Slot* slots) {
  return [&]<size_t... I>(std::index_sequence<I...>) { return Params{FieldValue{slots[I]}...}; }
  (std::make_index_sequence<count_fields<Params>()>());
}

}  // namespace bisque::op
