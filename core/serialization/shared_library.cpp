#include <bisque/core/serialization/shared_library.h>

#include <elf.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdint>
#include <cstring>
#include <vector>

#include <bisque/core/error.h>
#include <bisque/core/serialization/text.h>

namespace bisque {
namespace {

#if defined(__x86_64__)
constexpr uint16_t kElfMachine = EM_X86_64;
constexpr const char* kElfMachineName = "x86-64";
#elif defined(__aarch64__)
constexpr uint16_t kElfMachine = EM_AARCH64;
constexpr const char* kElfMachineName = "AArch64";
#endif

/// An open file, read at offsets.
class ElfFile {
 public:
  explicit ElfFile(const std::string& path) : path_(path) {
    struct stat status;
    if (::stat(path.c_str(), &status) != 0) fail(path, ": cannot be read (", std::strerror(errno), ").");
    // Opening a FIFO would wait for its writer.
    if (!S_ISREG(status.st_mode)) {
      fail(path, ": is ", S_ISDIR(status.st_mode) ? "a folder" : "not a regular file", ", expected a shared library.");
    }
    descriptor_ = ::open(path.c_str(), O_RDONLY | O_CLOEXEC);
    if (descriptor_ < 0) fail(path, ": cannot be read (", std::strerror(errno), ").");
    size_ = static_cast<uint64_t>(status.st_size);
  }
  ~ElfFile() { ::close(descriptor_); }
  ElfFile(const ElfFile&) = delete;
  ElfFile& operator=(const ElfFile&) = delete;

  const std::string& path() const { return path_; }
  uint64_t size() const { return size_; }

  /// The number of available bytes at `offset`.
  size_t read(uint64_t offset, void* to, size_t bytes) const {
    if (offset >= size_) return 0;
    const ssize_t count = ::pread(descriptor_, to, bytes, static_cast<off_t>(offset));
    if (count < 0) fail(path_, ": cannot be read (", std::strerror(errno), ").");
    return static_cast<size_t>(count);
  }

  /// Error: `count` entries of `bytes` each from `offset` extend beyond the end of the file.
  void require(uint64_t offset, uint64_t count, uint64_t bytes, const char* what) const {
    uint64_t length, end;
    if (__builtin_mul_overflow(count, bytes, &length) || __builtin_add_overflow(offset, length, &end)) {
      fail(path_, ": is damaged, its ", what, " are outside of the file.");
    }
    if (end > size_) {
      fail(path_, ": is truncated, its ", what, " end at byte ", end, ", but the file has ", size_, " bytes.");
    }
  }

 private:
  std::string path_;
  int descriptor_ = -1;
  uint64_t size_ = 0;
};

Elf64_Ehdr elf_header_of(const ElfFile& file) {
  const std::string& path = file.path();
  Elf64_Ehdr header{};
  const size_t count = file.read(0, &header, sizeof(header));
  if (count == 0) fail(path, ": is empty, expected a shared library.");
  if (std::memcmp(header.e_ident, ELFMAG, std::min<size_t>(count, SELFMAG)) != 0) {
    const std::string start(reinterpret_cast<const char*>(&header), std::min<size_t>(count, 24));
    fail(path, ": is not a shared library (an ELF file); it begins with ", quoted_text(start), ".");
  }
  if (count < sizeof(header)) {
    fail(path, ": is truncated, its header ends at byte ", sizeof(header), ", but the file has ", count, " bytes.");
  }
  if (header.e_ident[EI_CLASS] != ELFCLASS64 || header.e_ident[EI_DATA] != ELFDATA2LSB ||
      header.e_machine != kElfMachine) {
    fail(path, ": is built for another kind of machine (ELF machine ", header.e_machine, ", ",
         header.e_ident[EI_CLASS] == ELFCLASS32 ? "32" : "64", " bits), expected ", kElfMachineName, ".");
  }
  if (header.e_type != ET_DYN) fail(path, ": is an ELF file of type ", header.e_type, ", expected a shared library.");
  return header;
}

/// Error: the dynamic section lacks the tables that the loader follows without a check, as in a file whose end was
/// reserved but never written.
void check_dynamic_section(const ElfFile& file, const Elf64_Phdr& segment) {
  constexpr uint64_t kMost = 4096;  // entries; libraries have some 30
  std::vector<Elf64_Dyn> entries(std::min<uint64_t>(segment.p_filesz / sizeof(Elf64_Dyn), kMost));
  const size_t count = file.read(segment.p_offset, entries.data(), entries.size() * sizeof(Elf64_Dyn));
  bool has_names = false, has_symbols = false;
  for (size_t i = 0; i < count / sizeof(Elf64_Dyn) && entries[i].d_tag != DT_NULL; ++i) {
    has_names |= entries[i].d_tag == DT_STRTAB;
    has_symbols |= entries[i].d_tag == DT_SYMTAB;
  }
  if (!has_names || !has_symbols) {
    fail(file.path(), ": is damaged, its dynamic section has no symbol table.");
  }
}

}  // namespace

void check_shared_library(const std::string& path) {
  const ElfFile file(path);
  const Elf64_Ehdr header = elf_header_of(file);
  if (header.e_phentsize != sizeof(Elf64_Phdr) || header.e_phnum == 0) {
    fail(path, ": is damaged, its program headers are ", header.e_phnum, " of ", header.e_phentsize,
         " bytes, expected some of ", sizeof(Elf64_Phdr), ".");
  }
  file.require(header.e_phoff, header.e_phnum, header.e_phentsize, "program headers");
  std::vector<Elf64_Phdr> segments(header.e_phnum);
  file.read(header.e_phoff, segments.data(), segments.size() * sizeof(Elf64_Phdr));
  const Elf64_Phdr* dynamic = nullptr;
  for (const Elf64_Phdr& segment : segments) {
    if (segment.p_type == PT_LOAD || segment.p_type == PT_DYNAMIC) {
      file.require(segment.p_offset, 1, segment.p_filesz, "segments");
    }
    if (segment.p_type == PT_DYNAMIC) dynamic = &segment;
  }
  // The loader does not read the section table, but it is at the end of the file, so it reveals truncation.
  if (header.e_shoff != 0) file.require(header.e_shoff, header.e_shnum, header.e_shentsize, "section headers");
  if (!dynamic) fail(path, ": has no dynamic section, expected a shared library.");
  check_dynamic_section(file, *dynamic);
}

}  // namespace bisque
