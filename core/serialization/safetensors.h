// The .safetensors format (https://huggingface.co/docs/safetensors): eight bytes of header length, a JSON
// header, data.
#pragma once
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <map>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <type_traits>
#include <vector>

#include <bisque/core/serialization/array.h>

namespace bisque {

/// The element types of the format, with its names (F8_E4M3 is torch's float8_e4m3fn).
enum class Dtype {
  BOOL,
  F4,
  F6_E2M3,
  F6_E3M2,
  U8,
  I8,
  F8_E5M2,
  F8_E4M3,
  F8_E8M0,
  F8_E4M3FNUZ,
  F8_E5M2FNUZ,
  I16,
  U16,
  F16,
  BF16,
  I32,
  U32,
  F32,
  C64,
  F64,
  I64,
  U64,
};

std::string_view dtype_name(Dtype dtype);
std::optional<Dtype> dtype_from_name(std::string_view name);
/// The size of one element in bits (F4 and F6 are smaller than a byte).
size_t dtype_bits(Dtype dtype);

/// The dtype that represents a C++ type.
template <class T>
constexpr Dtype dtype_of() {
  if constexpr (std::is_same_v<T, float>)
    return Dtype::F32;
  else if constexpr (std::is_same_v<T, double>)
    return Dtype::F64;
  else if constexpr (std::is_same_v<T, int8_t>)
    return Dtype::I8;
  else if constexpr (std::is_same_v<T, int16_t>)
    return Dtype::I16;
  else if constexpr (std::is_same_v<T, int32_t>)
    return Dtype::I32;
  else if constexpr (std::is_same_v<T, int64_t>)
    return Dtype::I64;
  else if constexpr (std::is_same_v<T, uint8_t>)
    return Dtype::U8;
  else if constexpr (std::is_same_v<T, uint16_t>)
    return Dtype::U16;
  else if constexpr (std::is_same_v<T, uint32_t>)
    return Dtype::U32;
  else {
    static_assert(std::is_same_v<T, uint64_t>, "no dtype of safetensors holds this type");
    return Dtype::U64;
  }
}

/// A named tensor that views external memory: C order, little-endian.
struct TensorView {
  std::string name;
  Dtype dtype = Dtype::F32;
  std::vector<int64_t> shape;
  std::span<const std::byte> bytes;
};

/// A size that an expected shape leaves unspecified.
inline constexpr int64_t kAnySize = -1;

/// A checked .safetensors file: every tensor is within the data, and the tensors cover the data without holes or
/// overlaps.
class SafetensorsFile {
 public:
  /// Maps the file. Error: it is missing, or violates the format (the message contains the tensor or the byte).
  static SafetensorsFile open(const std::string& path);
  /// The same for memory, which `owner` keeps alive; without an owner it must outlive the file and its arrays. `where`
  /// is the prefix of messages.
  static SafetensorsFile parse(std::span<const std::byte> bytes, const std::string& where,
                               std::shared_ptr<const void> owner = nullptr);

  /// In the order of the data.
  const std::vector<TensorView>& tensors() const { return tensors_; }
  /// nullptr if the file has no tensor of that name.
  const TensorView* find(std::string_view name) const;
  /// Error: the file has no tensor of that name.
  const TensorView& at(std::string_view name) const;
  const std::map<std::string, std::string>& metadata() const { return metadata_; }
  /// Keeps the bytes of tensors() alive.
  const std::shared_ptr<const void>& owner() const { return owner_; }
  const std::string& where() const { return where_; }

  /// The values of a tensor, without a copy unless they are misaligned in memory. Error: no such tensor, a dtype other
  /// than T's, a shape other than `shape` (whose kAnySize matches any size).
  template <class T>
  Array<T> array(std::string_view name, const std::optional<std::vector<int64_t>>& shape = {}) const {
    const TensorView& tensor = checked(name, dtype_of<T>(), shape);
    const size_t count = tensor.bytes.size() / sizeof(T);
    if (reinterpret_cast<uintptr_t>(tensor.bytes.data()) % alignof(T) == 0) {
      return Array<T>(owner_, reinterpret_cast<const T*>(tensor.bytes.data()), count);
    }
    std::vector<T> copy(count);
    if (count > 0) std::memcpy(copy.data(), tensor.bytes.data(), tensor.bytes.size());
    return Array<T>(std::move(copy));
  }

 private:
  const TensorView& checked(std::string_view name, Dtype dtype, const std::optional<std::vector<int64_t>>& shape) const;

  std::string where_;
  std::shared_ptr<const void> owner_;
  std::vector<TensorView> tensors_;
  std::map<std::string, size_t, std::less<>> index_;  // into tensors_
  std::map<std::string, std::string> metadata_;
};

/// Writes the file completely or not at all. Tensors are ordered by decreasing element size, then in the given order,
/// and begin at a multiple of 64 bytes, so each is aligned to its elements in a mapped file. Error: the file cannot be
/// written, a duplicate name or "__metadata__", bytes that do not match dtype and shape, text that is not UTF-8.
void write_safetensors(const std::string& path, std::span<const TensorView> tensors,
                       const std::map<std::string, std::string>& metadata = {});

class AtomicFile;
/// The same to a file that the caller commits.
void write_safetensors(AtomicFile& file, const std::string& where, std::span<const TensorView> tensors,
                       const std::map<std::string, std::string>& metadata);

/// Error: the errors of write_safetensors for these tensors, except a header that is too long. `where` is the prefix of
/// messages.
void check_safetensors(const std::string& where, std::span<const TensorView> tensors,
                       const std::map<std::string, std::string>& metadata);

/// A tensor over `values`, which must outlive it, for write_safetensors.
template <class T>
TensorView tensor_view(std::string name, std::vector<int64_t> shape, std::span<const T> values) {
  return {std::move(name), dtype_of<T>(), std::move(shape), std::as_bytes(values)};
}

}  // namespace bisque
