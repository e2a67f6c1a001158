#include <bisque/core/serialization/mapped_file.h>

#include <sys/stat.h>

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

TEST(MappedFile, RefusesAPipeWithoutWaitingForItsWriter) {
  const TempFolder folder;
  ASSERT_EQ(::mkfifo((folder / "p").c_str(), 0600), 0);
  EXPECT_EQ(error_of([&] { MappedFile::open(folder / "p"); }),
            folder / "p" + ": is a pipe or a device, expected a regular file.");
}

}  // namespace
}  // namespace bisque
