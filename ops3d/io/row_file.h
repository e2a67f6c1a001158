// Internal. A file that is written row by row, and reaches the disk in large pieces.
#pragma once
#include <algorithm>
#include <bit>
#include <cstddef>
#include <string>

#include <bisque/core/serialization/atomic_file.h>

namespace bisque {

/// Appends values in little-endian order.
template <class T>
void append_little_endian(std::string& bytes, const T* values, size_t count) {
  bytes.append(reinterpret_cast<const char*>(values), count * sizeof(T));
  if constexpr (std::endian::native == std::endian::big) {
    const auto first = static_cast<ptrdiff_t>(bytes.size() - count * sizeof(T));
    for (auto at = bytes.begin() + first; at != bytes.end(); at += sizeof(T)) std::reverse(at, at + sizeof(T));
  }
}

class RowFile {
 public:
  explicit RowFile(const std::string& path) : file_(path) {}

  /// The bytes of the current row are appended to it.
  std::string& bytes() { return bytes_; }

  void end_row() {
    constexpr size_t kPieceBytes = size_t{1} << 20;
    if (bytes_.size() >= kPieceBytes) flush();
  }

  /// Call it after the last row, before commit() or finish() of the file.
  AtomicFile& end_rows() {
    flush();
    return file_;
  }

 private:
  void flush() {
    file_.write(bytes_);
    bytes_.clear();
  }

  AtomicFile file_;
  std::string bytes_;
};

}  // namespace bisque
