#include <bisque/core/serialization/shared_library.h>

#include <algorithm>
#include <vector>

#include <bisque/core/error.h>
#include <bisque/core/serialization/elf_file.h>

namespace bisque {
namespace {

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
  const auto& segments = file.segments();
  const auto dynamic = std::find_if(segments.begin(), segments.end(),
                                    [](const Elf64_Phdr& segment) { return segment.p_type == PT_DYNAMIC; });
  if (dynamic == segments.end()) fail(path, ": has no dynamic section, expected a shared library.");
  check_dynamic_section(file, *dynamic);
}

}  // namespace bisque
