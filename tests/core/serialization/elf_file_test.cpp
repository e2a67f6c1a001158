#include <bisque/core/serialization/elf_file.h>

#include <gtest/gtest.h>
#include <unistd.h>

#include <algorithm>
#include <cstring>
#include <filesystem>
#include <fstream>

#include <bisque/tests/testing/errors.h>

namespace bisque {
namespace {

class Elf : public testing::Test {
 protected:
  void SetUp() override {
    std::ifstream program("/proc/self/exe", std::ios::binary);
    program.read(reinterpret_cast<char*>(&header_), sizeof(header_));
    path_ = std::filesystem::temp_directory_path() / ("elf." + std::to_string(getpid()) + ".so");
  }
  void TearDown() override { std::filesystem::remove(path_); }

  /// The path of a library that has only notes.
  const std::string& with_notes(const std::string& notes) {
    Elf64_Ehdr header = header_;
    header.e_phoff = sizeof(header);
    header.e_phnum = 1;
    header.e_shoff = 0;
    Elf64_Phdr segment{};
    segment.p_type = PT_NOTE;
    segment.p_offset = sizeof(header) + sizeof(segment);
    segment.p_filesz = notes.size();
    std::ofstream file(path_, std::ios::binary);
    file.write(reinterpret_cast<const char*>(&header), sizeof(header));
    file.write(reinterpret_cast<const char*>(&segment), sizeof(segment));
    file.write(notes.data(), static_cast<std::streamsize>(notes.size()));
    return path_;
  }

  static std::string note(const std::string& owner, uint32_t type, const std::string& text) {
    const uint32_t words[] = {static_cast<uint32_t>(owner.size()) + 1, static_cast<uint32_t>(text.size()), type};
    std::string bytes(reinterpret_cast<const char*>(words), sizeof(words));
    const auto pad = [&] { bytes.resize((bytes.size() + 3) / 4 * 4); };
    bytes += owner + '\0';
    pad();
    bytes += text;
    pad();
    return bytes;
  }

  std::string path_;
  Elf64_Ehdr header_;  // of this program, a shared library for the reader
};

TEST_F(Elf, NotesAreFoundByOwnerAndType) {
  const std::string notes = note("GNU", 1, "abc") + note("bisque", 2, "other") + note("bisque", 1, "abi=1") +
                            note("bisque", 1, "second") + note("empty", 7, "");
  const ElfFile file(with_notes(notes));
  EXPECT_EQ(file.note("bisque", 1), "abi=1");
  EXPECT_EQ(file.note("bisque", 2), "other");
  EXPECT_EQ(file.note("GNU", 1), "abc");
  EXPECT_EQ(file.note("empty", 7), "");
  EXPECT_EQ(file.note("bisque", 3), std::nullopt);
  EXPECT_EQ(file.note("bisqu", 1), std::nullopt);
}

TEST_F(Elf, NotesBeyondTheirSegmentAreAnError) {
  const std::string whole = note("bisque", 1, "abi=1");
  for (size_t size = 0; size < whole.size(); ++size) {
    const ElfFile file(with_notes(whole.substr(0, size)));
    if (size < sizeof(Elf64_Nhdr)) {
      EXPECT_EQ(file.note("bisque", 1), std::nullopt) << size;
    } else if (size < whole.size() - 3) {  // the last word is padding
      EXPECT_EQ(test::error_of([&] { file.note("bisque", 1); }),
                path_ + ": is damaged, its notes extend beyond their segment.")
          << size;
    }
  }
  for (const size_t at : {0, 1, 3, 4, 5, 7}) {
    std::string damaged = whole;
    damaged[at] = '\xff';
    EXPECT_NE(test::error_of([&] { ElfFile(with_notes(damaged)).note("bisque", 1); }), "") << at;
  }
}

// Any other value in a section header of this program: a list or an error, within the sanitizers' rules.
TEST_F(Elf, UndefinedSymbolsAreListedAndSectionHeadersReadSafely) {
  std::filesystem::copy_file("/proc/self/exe", path_);
  const auto symbols = ElfFile(path_).undefined_symbols();
  EXPECT_NE(std::find(symbols.begin(), symbols.end(), "__libc_start_main"), symbols.end());
  EXPECT_EQ(std::find(symbols.begin(), symbols.end(), ""), symbols.end());
  std::fstream file(path_, std::ios::in | std::ios::out | std::ios::binary);
  for (size_t i = 0; i < header_.e_shnum; ++i) {
    const size_t at = header_.e_shoff + i * sizeof(Elf64_Shdr);
    Elf64_Shdr section;
    file.seekg(static_cast<std::streamoff>(at)).read(reinterpret_cast<char*>(&section), sizeof(section));
    if (section.sh_type != SHT_DYNSYM) continue;
    for (size_t byte = 0; byte < sizeof(section); ++byte) {
      const char good = reinterpret_cast<const char*>(&section)[byte];
      for (const char value : {'\0', '\x7f', '\xff'}) {
        file.seekp(static_cast<std::streamoff>(at + byte)).put(value).flush();
        EXPECT_LT(ElfFile(path_).undefined_symbols().size(), std::filesystem::file_size(path_));
      }
      file.seekp(static_cast<std::streamoff>(at + byte)).put(good).flush();
    }
  }
  EXPECT_EQ(ElfFile(path_).undefined_symbols(), symbols);
}

}  // namespace
}  // namespace bisque
