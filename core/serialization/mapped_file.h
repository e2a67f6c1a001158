// A file mapped into memory for reading.
#pragma once
#include <cstddef>
#include <memory>
#include <span>
#include <string>
#include <string_view>

namespace bisque {

enum class Mapping {
  kReadOnly,
  kCopyOnWrite,  // may be written; what is written stays in this process
};

/// The bytes of a regular file. They stay valid as long as the object lives, also when another
/// file takes over the name; a program that truncates the file in place breaks the mapping, so write files
/// through AtomicFile.
class MappedFile {
 public:
  /// Error: the file is missing, not readable, empty, a directory or a special file.
  static std::shared_ptr<const MappedFile> open(const std::string& path, Mapping mapping = Mapping::kReadOnly);
  ~MappedFile();
  MappedFile(const MappedFile&) = delete;
  MappedFile& operator=(const MappedFile&) = delete;

  std::span<const std::byte> bytes() const { return bytes_; }
  std::string_view text() const { return {reinterpret_cast<const char*>(bytes_.data()), bytes_.size()}; }

 private:
  explicit MappedFile(std::span<const std::byte> bytes) : bytes_(bytes) {}
  std::span<const std::byte> bytes_;
};

}  // namespace bisque
