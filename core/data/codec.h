// The encoding of batches between processes: tensors stay in shared memory, everything else is serialized.
#pragma once
#include <ATen/core/Tensor.h>

#include <cstddef>
#include <cstring>
#include <functional>
#include <memory>
#include <string>
#include <type_traits>
#include <utility>
#include <vector>

#include <bisque/core/data/fields.h>
#include <bisque/core/error.h>

namespace bisque::data {

class SharedBlocks;

/// A reference to shared memory in a message.
struct BlockReference {
  uint64_t block = 0;
  uint64_t offset = 0;
};

class Encoder {
 public:
  /// `blocks` null: tensors are serialized.
  explicit Encoder(SharedBlocks* blocks) : blocks_(blocks) {}

  template <class T>
  requires std::is_trivially_copyable_v<T>
  void put(const T& value) { put_bytes(&value, sizeof(value)); }
  void put_bytes(const void* data, size_t size);
  void put_text(const std::string& text);
  /// Error: a tensor that is not dense, or not on the CPU.
  void put_tensor(const at::Tensor& tensor);
  /// Error: a value of a type that core/value.h does not list.
  void put_value(const Value& value);

  const std::vector<std::byte>& bytes() const { return bytes_; }
  /// The blocks that the message refers to.
  const std::vector<uint64_t>& blocks() const { return used_; }

 private:
  void put_values(const at::Tensor& tensor);

  SharedBlocks* blocks_;
  std::vector<std::byte> bytes_;
  std::vector<uint64_t> used_;
};

/// A block on the reader's side: its memory, and its owner.
struct HeldBlock {
  std::byte* data = nullptr;
  size_t size = 0;
  std::shared_ptr<void> hold;
};

/// Reads the output of an Encoder. Error: a message that ends too early or has an invalid reference.
class Decoder {
 public:
  using FindBlock = std::function<HeldBlock(uint64_t)>;
  Decoder(const std::byte* data, size_t size, FindBlock find) : data_(data), left_(size), find_(std::move(find)) {}

  template <class T>
  requires std::is_trivially_copyable_v<T> T get() {
    T value;
    std::memcpy(static_cast<void*>(&value), take(sizeof(value)), sizeof(value));
    return value;
  }
  std::string get_text();
  at::Tensor get_tensor();
  Value get_value();
  /// Returns the next bytes and skips them.
  const std::byte* take(size_t size);
  size_t left() const { return left_; }

 private:
  const std::byte* data_;
  size_t left_;
  FindBlock find_;
};

template <class T>
constexpr bool is_sendable();

template <class Tuple>
constexpr bool are_sendable() {
  return []<size_t... I>(std::index_sequence<I...>) {
    return (is_sendable<std::remove_cvref_t<std::tuple_element_t<I, Tuple>>>() && ...);
  }
  (std::make_index_sequence<std::tuple_size_v<Tuple>>());
}

template <class T>
constexpr bool has_sendable_parts() {
  if constexpr (TensorType<T> || Number<T> || Text<T> || Dynamic<T>) {
    return true;
  } else if constexpr (Described<T>) {
    return are_sendable<decltype(Fields<T>::of(std::declval<T&>()))>();
  } else if constexpr (TupleType<T>) {
    return are_sendable<T>();
  } else if constexpr (MapType<T>) {
    return is_sendable<std::remove_const_t<typename T::value_type::first_type>>() &&
           is_sendable<typename T::value_type::second_type>();
  } else if constexpr (OptionalType<T> || VectorType<T> || ArrayType<T>) {
    return is_sendable<typename T::value_type>();
  } else {
    return false;
  }
}

template <class T>
constexpr bool is_sendable() {
  return std::is_default_constructible_v<T> && has_sendable_parts<T>();
}

/// Batches that a process can send: tensors, numbers, strings, Values, and optionals, vectors, arrays, maps, tuples and
/// structs with fields of them.
template <class T>
concept Sendable = is_sendable<T>();

template <class T>
void encode(const T& value, Encoder& to) {
  if constexpr (TensorType<T>) {
    to.put_tensor(value);
  } else if constexpr (Dynamic<T>) {
    to.put_value(value);
  } else if constexpr (Number<T>) {
    to.put(value);
  } else if constexpr (Text<T>) {
    to.put_text(value);
  } else if constexpr (Described<T>) {
    std::apply([&](const auto&... fields) { (encode(fields, to), ...); }, Fields<T>::of(value));
  } else if constexpr (OptionalType<T>) {
    to.put(value.has_value());
    if (value) encode(*value, to);
  } else if constexpr (TupleType<T>) {
    std::apply([&](const auto&... each) { (encode(each, to), ...); }, value);
  } else if constexpr (MapType<T>) {
    to.put(static_cast<uint64_t>(value.size()));
    for (const auto& [key, each] : value) {
      encode(key, to);
      encode(each, to);
    }
  } else if constexpr (ArrayType<T>) {
    for (const auto& each : value) encode(each, to);
  } else {
    to.put(static_cast<uint64_t>(value.size()));
    for (size_t i = 0; i < value.size(); ++i) encode(static_cast<const typename T::value_type&>(value[i]), to);
  }
}

template <class T>
void decode(T& value, Decoder& from) {
  if constexpr (TensorType<T>) {
    value = from.get_tensor();
  } else if constexpr (Dynamic<T>) {
    value = from.get_value();
  } else if constexpr (Number<T>) {
    value = from.get<T>();
  } else if constexpr (Text<T>) {
    value = from.get_text();
  } else if constexpr (Described<T>) {
    std::apply([&](auto&... fields) { (decode(fields, from), ...); }, Fields<T>::of(value));
  } else if constexpr (OptionalType<T>) {
    if (from.get<bool>()) decode(value.emplace(), from);
  } else if constexpr (TupleType<T>) {
    std::apply([&](auto&... each) { (decode(each, from), ...); }, value);
  } else if constexpr (MapType<T>) {
    const auto size = from.get<uint64_t>();
    for (uint64_t i = 0; i < size; ++i) {
      std::remove_const_t<typename T::value_type::first_type> key{};
      typename T::value_type::second_type each{};
      decode(key, from);
      decode(each, from);
      value.try_emplace(key, std::move(each));
    }
  } else if constexpr (ArrayType<T>) {
    for (auto& each : value) decode(each, from);
  } else {
    const auto size = from.get<uint64_t>();
    for (uint64_t i = 0; i < size; ++i) {
      typename T::value_type each{};
      decode(each, from);
      value.push_back(std::move(each));
    }
  }
}

}  // namespace bisque::data
