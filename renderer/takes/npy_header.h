// The header of a .npy file (https://numpy.org/doc/stable/reference/generated/numpy.lib.format.html).
#pragma once
#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <vector>

namespace bisque {

struct NpyField {
  std::string name;  // empty for a plain dtype
  std::string type;  // "<f4"
};

struct NpyHeader {
  std::vector<NpyField> fields;  // one without a name, or those of a structured dtype
  bool structured = false;
  bool fortran_order = false;
  std::vector<int64_t> shape;
  size_t data_begin = 0;  // byte of the file
};

/// `where` begins the messages. Error: no .npy file, or a header other than NumPy writes for such dtypes.
NpyHeader parse_npy_header(std::span<const std::byte> bytes, const std::string& where);

}  // namespace bisque
