// softgpu-kernels LIBRARY...: the mangled name of every kernel in the PTX of programs and shared libraries, one per
// line: what softgpu can run of them.
#include <elf.h>

#include <cstdio>
#include <cstring>
#include <fstream>
#include <iterator>
#include <stdexcept>
#include <string>

#include "fatbin.h"

namespace {

std::string read_file(const char* path) {
  std::ifstream file(path, std::ios::binary);
  if (!file) throw std::runtime_error("cannot be opened");
  return {std::istreambuf_iterator<char>(file), {}};
}

/// A struct at an offset of the file, which must lie inside.
template <class T>
T read_at(const std::string& file, uint64_t offset) {
  if (offset > file.size() || file.size() - offset < sizeof(T)) throw std::runtime_error("is cut short");
  T value;
  memcpy(&value, file.data() + offset, sizeof value);
  return value;
}

void print_entries(const std::string& ptx) {
  const char* word = ".entry ";
  for (size_t at = ptx.find(word); at != std::string::npos; at = ptx.find(word, at)) {
    at += strlen(word);
    printf("%s\n", ptx.substr(at, ptx.find_first_of("( \n", at) - at).c_str());
  }
}

/// Every fat binary of one section of an ELF file.
void print_section(const std::string& section) {
  for (size_t at = 0; at + sizeof(softgpu::FatbinHeader) <= section.size();) {
    const auto header = read_at<softgpu::FatbinHeader>(section, at);
    if (header.magic != softgpu::kFatbinMagic) {  // padding between two
      at += 8;
      continue;
    }
    if (header.size > section.size() - at || header.header_size > section.size() - at - header.size)
      throw std::runtime_error("has a fat binary that is cut short");
    print_entries(softgpu::fatbin_ptx_raw(section.data() + at));
    at += header.header_size + header.size;
  }
}

void print_kernels(const char* path) {
  const std::string file = read_file(path);
  if (file.compare(0, 4, ELFMAG) != 0) throw std::runtime_error("is no ELF file");
  const auto elf = read_at<Elf64_Ehdr>(file, 0);
  const auto section = [&](int i) { return read_at<Elf64_Shdr>(file, elf.e_shoff + uint64_t(i) * elf.e_shentsize); };
  const Elf64_Shdr names = section(elf.e_shstrndx);
  for (int i = 0; i < elf.e_shnum; i++) {
    const Elf64_Shdr part = section(i);
    if (part.sh_type == SHT_NOBITS) continue;
    if (part.sh_offset > file.size() || part.sh_size > file.size() - part.sh_offset || names.sh_offset > file.size())
      throw std::runtime_error("is cut short");
    const uint64_t name = names.sh_offset + part.sh_name;
    if (name < file.size() && strcmp(file.c_str() + name, ".nv_fatbin") == 0)
      print_section(file.substr(part.sh_offset, part.sh_size));
  }
}

}  // namespace

int main(int count, char** paths) {
  if (count < 2) {
    fprintf(stderr, "softgpu-kernels: expected libraries: softgpu-kernels LIBRARY...\n");
    return 2;
  }
  for (int i = 1; i < count; i++) {
    try {
      print_kernels(paths[i]);
    } catch (const std::exception& error) {
      fprintf(stderr, "softgpu-kernels: \"%s\" %s.\n", paths[i], error.what());
      return 1;
    }
  }
}
