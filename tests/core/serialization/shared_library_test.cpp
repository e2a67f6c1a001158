#include <bisque/core/serialization/shared_library.h>

#include <gtest/gtest.h>
#include <unistd.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>

#include <bisque/tests/testing/errors.h>

namespace bisque {
namespace {

namespace fs = std::filesystem;

/// This test program, a shared library for the check (position-independent), as bytes in a separate file.
class SharedLibrary : public testing::Test {
 protected:
  void SetUp() override {
    std::ifstream file("/proc/self/exe", std::ios::binary);
    good_.assign(std::istreambuf_iterator<char>(file), {});
    path_ = fs::temp_directory_path() / ("library." + std::to_string(getpid()) + ".so");
  }
  void TearDown() override { fs::remove_all(path_); }

  std::string error_of(const std::string& bytes) {
    std::ofstream(path_, std::ios::binary).write(bytes.data(), static_cast<std::streamsize>(bytes.size()));
    return test::error_of([&] { check_shared_library(path_); });
  }

  std::string good_;
  fs::path path_;
};

TEST_F(SharedLibrary, AWholeOneIsAccepted) { EXPECT_EQ(error_of(good_), ""); }

TEST_F(SharedLibrary, ATruncatedOneIsRejectedWhereverItEnds) {
  const std::string name = path_.string();
  EXPECT_EQ(error_of(""), name + ": is empty, expected a shared library.");
  EXPECT_EQ(error_of(good_.substr(0, 40)),
            name + ": is truncated, its header ends at byte 64, but the file has 40 bytes.");
  test::expect_contains(error_of(good_.substr(0, 100)), ": is truncated, its program headers end at byte ");
  test::expect_contains(error_of(good_.substr(0, good_.size() / 3)), ": is truncated, its segments end at byte ");
  test::expect_contains(error_of(good_.substr(0, good_.size() - 1)),
                        ": is truncated, its section headers end at byte " + std::to_string(good_.size()));
  for (size_t size = 1; size < good_.size(); size += std::max<size_t>(1, size / 8)) {
    test::expect_contains(error_of(good_.substr(0, size)), ": is truncated, ");
  }
}

TEST_F(SharedLibrary, OtherFilesAreRejected) {
  const std::string name = path_.string();
  EXPECT_EQ(error_of("version https://git-lfs.github.com/spec/v1\n"),
            name + ": is not a shared library (an ELF file); it begins with \"version https://git-lfs.\".");
  EXPECT_EQ(error_of(std::string("\x1f\x8b\0", 3)),
            name + ": is not a shared library (an ELF file); it begins with \"\\x1F\\x8B\\x00\".");
  fs::remove(path_);
  EXPECT_EQ(test::error_of([&] { check_shared_library(path_); }),
            name + ": cannot be read (No such file or directory).");
  fs::create_directory(path_);
  EXPECT_EQ(test::error_of([&] { check_shared_library(path_); }), name + ": is a folder, expected a shared library.");
  EXPECT_EQ(test::error_of([&] { check_shared_library("/dev/null"); }),
            "/dev/null: is not a regular file, expected a shared library.");
}

TEST_F(SharedLibrary, HeadersAreChecked) {
  const auto changed = [&](size_t at, char value) {
    std::string bytes = good_;
    bytes[at] = value;
    return error_of(bytes);
  };
  test::expect_contains(changed(4, 1), ": is built for another kind of machine (ELF machine ");
  test::expect_contains(changed(18, 8), ": is built for another kind of machine (ELF machine 8, 64 bits), expected ");
  test::expect_contains(changed(16, 1), ": is an ELF file of type 1, expected a shared library.");
  test::expect_contains(changed(54, 32), ": is damaged, its program headers are ");
  test::expect_contains(changed(39, 0x7f), ": is truncated, its program headers end at byte ");
  test::expect_contains(changed(39, -1), ": is truncated, its program headers end at byte ");
}

// Any other byte: rejected or accepted, within the sanitizers' rules.
TEST_F(SharedLibrary, AnyHeaderIsReadSafely) {
  const std::string start = good_.substr(0, 8192);
  for (size_t at = 0; at < 1024; ++at) {
    for (const char value : {'\0', '\x7f', '\xff'}) {
      std::string bytes = start;
      bytes[at] = value;
      EXPECT_NE(error_of(bytes), "") << at;
    }
  }
}

}  // namespace
}  // namespace bisque
