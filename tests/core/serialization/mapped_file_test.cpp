#include <bisque/core/serialization/mapped_file.h>

#include <sys/stat.h>

#include <span>
#include <string>

#include <bisque/tests/testing/errors.h>
#include <bisque/tests/testing/files.h>
#include <bisque/tests/testing/temp_folder.h>

namespace bisque {
namespace {

using namespace test;

TEST(MappedFile, HoldsTheBytesOfTheFile) {
  const TempFolder folder;
  const std::string content("a\0b\xFF", 4);
  EXPECT_EQ(MappedFile::open(folder.write("f", content))->text(), content);
}

TEST(MappedFile, KeepsItsBytesWhenTheNameIsTakenOver) {
  const TempFolder folder;
  const auto file = MappedFile::open(folder.write("f", "old"));
  std::filesystem::rename(folder.write("g", "new"), folder / "f");
  EXPECT_EQ(file->text(), "old");
  EXPECT_EQ(read_file(folder / "f"), "new");
}

TEST(MappedFile, ErrorsNameThePathAndTheReason) {
  const TempFolder folder;
  EXPECT_EQ(error_of([&] { MappedFile::open(folder / "none"); }),
            folder / "none" + ": cannot be opened for reading (No such file or directory).");
  EXPECT_EQ(error_of([&] { MappedFile::open(folder.path()); }), folder.path() + ": is a directory, expected a file.");
  EXPECT_EQ(error_of([&] { MappedFile::open(folder.write("e", "")); }), folder / "e" + ": is empty.");
}

TEST(OpenFile, ReadsFromAnOffset) {
  const TempFolder folder;
  const OpenFile file(folder.write("f", "abcdef"));
  std::string part(3, ' ');
  file.read(2, std::as_writable_bytes(std::span(part)));
  EXPECT_EQ(part, "cde");
  std::filesystem::resize_file(folder / "f", 4);
  EXPECT_EQ(error_of([&] { file.read(2, std::as_writable_bytes(std::span(part))); }),
            folder / "f" + ": has become shorter than 5 bytes while it was read.");
}

TEST(MappedFile, RejectsAPipeWithoutWaitingForItsWriter) {
  const TempFolder folder;
  ASSERT_EQ(::mkfifo((folder / "p").c_str(), 0600), 0);
  EXPECT_EQ(error_of([&] { MappedFile::open(folder / "p"); }),
            folder / "p" + ": is a pipe or a device, expected a regular file.");
}

}  // namespace
}  // namespace bisque
