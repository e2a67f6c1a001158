// Internal. The header of a PLY file.
#pragma once
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace bisque {

enum class PlyFormat { kAscii, kLittleEndian, kBigEndian };

enum class PlyType { kInt8, kUint8, kInt16, kUint16, kInt32, kUint32, kFloat32, kFloat64 };

size_t size_of(PlyType type);
inline bool is_integer(PlyType type) { return type < PlyType::kFloat32; }

struct PlyProperty {
  std::string name;
  PlyType type;
  std::optional<PlyType> count_type;  // of a list
};

struct PlyElement {
  std::string name;
  int64_t count = 0;
  std::vector<PlyProperty> properties;

  bool has_lists() const;
  /// Bytes of a row in a binary file, with its lists empty.
  size_t min_row_bytes() const;
};

struct PlyHeader {
  PlyFormat format = PlyFormat::kAscii;
  std::vector<PlyElement> elements;
  size_t num_bytes = 0;
  int64_t num_lines = 0;
};

/// Error, with the line: no PLY file, a line that is not well-formed, an unknown format or type, a negative count, two
/// elements of one name.
PlyHeader parse_ply_header(std::string_view text, const std::string& where);

}  // namespace bisque
