// Internal. Reads the tables of a shared library (an ELF file of this machine) without loading it.
#pragma once
#include <elf.h>

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace bisque {

/// An open ELF file with its program headers. No offset in the file is trusted.
class ElfFile {
 public:
  /// Error: not a regular file, not a shared library of this machine, or a truncated one.
  explicit ElfFile(const std::string& path);
  ~ElfFile();
  ElfFile(const ElfFile&) = delete;
  ElfFile& operator=(const ElfFile&) = delete;

  const std::string& path() const { return path_; }
  const std::vector<Elf64_Phdr>& segments() const { return segments_; }

  /// The description of the note that has this owner and type, or nothing. Error: a damaged table of notes.
  std::optional<std::string> note(const std::string& owner, uint32_t type) const;

  /// The names of the symbols that the library needs from others, unless they are weak. Empty if its section headers
  /// were removed.
  std::vector<std::string> undefined_symbols() const;

  /// The number of available bytes at `offset`.
  size_t read(uint64_t offset, void* to, size_t bytes) const;

 private:
  void read_header();
  void read_segments();
  std::vector<Elf64_Shdr> sections() const;
  std::string bytes_at(uint64_t offset, uint64_t count) const;
  /// Error: `count` entries of `bytes` each from `offset` extend beyond the end of the file.
  void require(uint64_t offset, uint64_t count, uint64_t bytes, const char* what) const;

  std::string path_;
  int descriptor_ = -1;
  uint64_t size_ = 0;
  Elf64_Ehdr header_{};
  std::vector<Elf64_Phdr> segments_;
};

}  // namespace bisque
