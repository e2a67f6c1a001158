#include <bisque/core/serialization/elf_file.h>

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>

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

constexpr uint64_t kMostNoteBytes = 1 << 20, kMostSymbolBytes = uint64_t{1} << 28;

/// Notes are padded to multiples of 4 bytes.
uint64_t padded_size(uint64_t size) { return (size + 3) & ~uint64_t{3}; }

/// The note of `owner` and `type` in one segment of notes.
std::optional<std::string> find_note(const std::string& path, const std::string& notes, const std::string& owner,
                                     uint32_t type) {
  for (uint64_t at = 0; at + sizeof(Elf64_Nhdr) <= notes.size();) {
    Elf64_Nhdr header;
    std::memcpy(&header, notes.data() + at, sizeof(header));
    const uint64_t name = at + sizeof(header), text = name + padded_size(header.n_namesz);
    at = text + padded_size(header.n_descsz);
    if (text > notes.size() || header.n_descsz > notes.size() - text) {
      fail(path, ": is damaged, its notes extend beyond their segment.");
    }
    const std::string_view name_text(notes.data() + name, header.n_namesz);
    if (header.n_type == type && name_text == std::string_view(owner.c_str(), owner.size() + 1)) {
      return notes.substr(text, header.n_descsz);
    }
  }
  return std::nullopt;
}

}  // namespace

ElfFile::ElfFile(const std::string& path) : path_(path) {
  struct stat status;
  if (::stat(path.c_str(), &status) != 0) fail(path, ": cannot be read (", std::strerror(errno), ").");
  // Opening a FIFO would wait for its writer.
  if (!S_ISREG(status.st_mode)) {
    fail(path, ": is ", S_ISDIR(status.st_mode) ? "a folder" : "not a regular file", ", expected a shared library.");
  }
  descriptor_ = ::open(path.c_str(), O_RDONLY | O_CLOEXEC);
  if (descriptor_ < 0) fail(path, ": cannot be read (", std::strerror(errno), ").");
  size_ = static_cast<uint64_t>(status.st_size);
  try {
    read_header();
    read_segments();
  } catch (...) {
    ::close(descriptor_);
    throw;
  }
}

ElfFile::~ElfFile() { ::close(descriptor_); }

size_t ElfFile::read(uint64_t offset, void* to, size_t bytes) const {
  if (offset >= size_) return 0;
  const ssize_t count = ::pread(descriptor_, to, bytes, static_cast<off_t>(offset));
  if (count < 0) fail(path_, ": cannot be read (", std::strerror(errno), ").");
  return static_cast<size_t>(count);
}

std::string ElfFile::bytes_at(uint64_t offset, uint64_t count) const {
  std::string bytes(count, '\0');
  bytes.resize(read(offset, bytes.data(), bytes.size()));
  return bytes;
}

void ElfFile::require(uint64_t offset, uint64_t count, uint64_t bytes, const char* what) const {
  uint64_t length, end;
  if (__builtin_mul_overflow(count, bytes, &length) || __builtin_add_overflow(offset, length, &end)) {
    fail(path_, ": is damaged, its ", what, " are outside of the file.");
  }
  if (end > size_) {
    fail(path_, ": is truncated, its ", what, " end at byte ", end, ", but the file has ", size_, " bytes.");
  }
}

void ElfFile::read_header() {
  const size_t count = read(0, &header_, sizeof(header_));
  if (count == 0) fail(path_, ": is empty, expected a shared library.");
  if (std::memcmp(header_.e_ident, ELFMAG, std::min<size_t>(count, SELFMAG)) != 0) {
    const std::string start(reinterpret_cast<const char*>(&header_), std::min<size_t>(count, 24));
    fail(path_, ": is not a shared library (an ELF file); it begins with ", quoted_text(start), ".");
  }
  if (count < sizeof(header_)) {
    fail(path_, ": is truncated, its header ends at byte ", sizeof(header_), ", but the file has ", count, " bytes.");
  }
  if (header_.e_ident[EI_CLASS] != ELFCLASS64 || header_.e_ident[EI_DATA] != ELFDATA2LSB ||
      header_.e_machine != kElfMachine) {
    fail(path_, ": is built for another kind of machine (ELF machine ", header_.e_machine, ", ",
         header_.e_ident[EI_CLASS] == ELFCLASS32 ? "32" : "64", " bits), expected ", kElfMachineName, ".");
  }
  if (header_.e_type != ET_DYN) {
    fail(path_, ": is an ELF file of type ", header_.e_type, ", expected a shared library.");
  }
}

void ElfFile::read_segments() {
  if (header_.e_phentsize != sizeof(Elf64_Phdr) || header_.e_phnum == 0) {
    fail(path_, ": is damaged, its program headers are ", header_.e_phnum, " of ", header_.e_phentsize,
         " bytes, expected some of ", sizeof(Elf64_Phdr), ".");
  }
  require(header_.e_phoff, header_.e_phnum, header_.e_phentsize, "program headers");
  segments_.resize(header_.e_phnum);
  read(header_.e_phoff, segments_.data(), segments_.size() * sizeof(Elf64_Phdr));
  for (const Elf64_Phdr& segment : segments_) {
    if (segment.p_type == PT_LOAD || segment.p_type == PT_DYNAMIC) {
      require(segment.p_offset, 1, segment.p_filesz, "segments");
    }
  }
  // The loader does not read the section table, but it is at the end of the file, so it reveals truncation.
  if (header_.e_shoff != 0) require(header_.e_shoff, header_.e_shnum, header_.e_shentsize, "section headers");
}

std::optional<std::string> ElfFile::note(const std::string& owner, uint32_t type) const {
  for (const Elf64_Phdr& segment : segments_) {
    if (segment.p_type != PT_NOTE) continue;
    const std::string notes = bytes_at(segment.p_offset, std::min<uint64_t>(segment.p_filesz, kMostNoteBytes));
    if (auto found = find_note(path_, notes, owner, type)) return found;
  }
  return std::nullopt;
}

std::vector<Elf64_Shdr> ElfFile::sections() const {
  if (header_.e_shoff == 0 || header_.e_shentsize != sizeof(Elf64_Shdr)) return {};
  std::vector<Elf64_Shdr> sections(header_.e_shnum);
  read(header_.e_shoff, sections.data(), sections.size() * sizeof(Elf64_Shdr));
  return sections;
}

std::vector<std::string> ElfFile::undefined_symbols() const {
  std::vector<std::string> names;
  const std::vector<Elf64_Shdr> all = sections();
  for (const Elf64_Shdr& section : all) {
    if (section.sh_type != SHT_DYNSYM || section.sh_link >= all.size()) continue;
    const Elf64_Shdr& strings = all[section.sh_link];
    if (section.sh_size > kMostSymbolBytes || strings.sh_size > kMostSymbolBytes) continue;
    const std::string texts = bytes_at(strings.sh_offset, std::min(strings.sh_size, size_));
    std::vector<Elf64_Sym> symbols(std::min(section.sh_size, size_) / sizeof(Elf64_Sym));
    symbols.resize(read(section.sh_offset, symbols.data(), symbols.size() * sizeof(Elf64_Sym)) / sizeof(Elf64_Sym));
    for (const Elf64_Sym& symbol : symbols) {
      if (symbol.st_shndx != SHN_UNDEF || ELF64_ST_BIND(symbol.st_info) != STB_GLOBAL) continue;
      if (symbol.st_name < texts.size()) names.emplace_back(texts.c_str() + symbol.st_name);
    }
  }
  return names;
}

}  // namespace bisque
