// NumPy's .npy format, versions 1 to 3
// (https://numpy.org/doc/stable/reference/generated/numpy.lib.format.html).
#pragma once
#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <vector>

namespace bisque {

/// A number within an element: the whole element in a plain array, a named field in a structured one.
struct NpyColumn {
  std::string name;   // empty in a plain array
  char kind = 'f';    // 'f' float, 'i' signed, 'u' unsigned, 'b' bool
  size_t size = 4;    // bytes
  size_t offset = 0;  // from the element's first byte
};

/// A C-order, little-endian array of numbers.
struct NpyArray {
  std::vector<int64_t> shape;
  std::vector<NpyColumn> columns;  // in file order, names unique; a plain array has one
  size_t item_size = 0;            // bytes per element
  std::span<const std::byte> bytes;
  std::shared_ptr<const void> owner;  // keeps bytes alive, if parse_npy received an owner

  /// Whether the elements have named fields.
  bool is_structured() const { return !columns.front().name.empty(); }
  int64_t num_items() const { return static_cast<int64_t>(item_size == 0 ? 0 : bytes.size() / item_size); }
  /// The field of every element, in order (64-bit integers are rounded to the nearest double).
  std::vector<double> values(const NpyColumn& field) const;
};

/// Maps and parses a file; the array owns the mapping.
NpyArray read_npy(const std::string& path);

/// Parses a whole .npy file; `where` is the prefix of messages. The result views `bytes`, which `owner` or the caller
/// keeps alive. Error: not .npy, truncated, trailing bytes, Fortran order, big-endian, elements that are not numbers of
/// 1 to 8 bytes.
NpyArray parse_npy(std::span<const std::byte> bytes, const std::string& where,
                   std::shared_ptr<const void> owner = nullptr);

}  // namespace bisque
