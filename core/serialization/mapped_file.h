// A file mapped into memory for reading.
#pragma once
#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>

namespace bisque {

/// A regular file that is open for reading.
class OpenFile {
 public:
  /// Error: the file is missing, not readable, empty, a directory or a special file; it is a web page or a Git LFS
  /// pointer (check_download). Every reader of the project opens its files through this class.
  explicit OpenFile(const std::string& path);
  ~OpenFile();
  OpenFile(const OpenFile&) = delete;
  OpenFile& operator=(const OpenFile&) = delete;

  /// Copies the bytes from `offset`. Thread-safe. Error: it cannot be read, or was truncated.
  void read(uint64_t offset, std::span<std::byte> to) const;

 private:
  friend class MappedFile;
  void check_beginning() const;

  std::string path_;
  int fd_;
  size_t size_ = 0;
};

enum class Mapping {
  kReadOnly,
  kCopyOnWrite,  // writable; changes stay in this process
};

/// The bytes of a regular file. They stay valid during the object's lifetime, also when another file is renamed to its
/// name. Truncating the file in place breaks the mapping, so write files with AtomicFile.
class MappedFile {
 public:
  /// Error: see OpenFile.
  static std::shared_ptr<const MappedFile> open(const std::string& path, Mapping mapping = Mapping::kReadOnly) {
    return open(OpenFile(path), mapping);
  }
  static std::shared_ptr<const MappedFile> open(const OpenFile& file, Mapping mapping = Mapping::kReadOnly);
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
