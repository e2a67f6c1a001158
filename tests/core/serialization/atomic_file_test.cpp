#include <bisque/core/serialization/atomic_file.h>

#include <fcntl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include <csignal>

#include <bisque/tests/testing/errors.h>
#include <bisque/tests/testing/files.h>
#include <bisque/tests/testing/nobody.h>
#include <bisque/tests/testing/temp_folder.h>

namespace bisque {
namespace {

using namespace test;

void write_whole(const std::string& path, std::string_view content) {
  AtomicFile file(path);
  file.write(content);
  file.commit();
}

TEST(AtomicFile, TheNameAppearsAtCommitAndNothingElseIsLeft) {
  const TempFolder folder;
  AtomicFile file(folder / "f");
  file.write(std::string_view("he"));
  file.write(std::string_view("llo"));
  EXPECT_FALSE(std::filesystem::exists(folder / "f"));
  file.commit();
  EXPECT_EQ(read_file(folder / "f"), "hello");
  EXPECT_EQ(folder.num_files(), 1U);
}

TEST(AtomicFile, WithoutCommitTheOldFileStays) {
  const TempFolder folder;
  folder.write("f", "old");
  {
    AtomicFile file(folder / "f");
    file.write(std::string_view("new"));
  }
  EXPECT_EQ(read_file(folder / "f"), "old");
  EXPECT_EQ(folder.num_files(), 1U);
}

TEST(AtomicFile, KeepsThePermissionsOfTheFileThatItReplaces) {
  const TempFolder folder;
  ASSERT_EQ(::chmod(folder.write("f", "old").c_str(), 0640), 0);
  write_whole(folder / "f", "new");
  struct stat info;
  ASSERT_EQ(::stat((folder / "f").c_str(), &info), 0);
  EXPECT_EQ(info.st_mode & 0777, 0640U);
}

TEST(AtomicFile, ALinkToNoFileYetGetsItsTarget) {
  const TempFolder folder;
  std::filesystem::create_directory(folder / "there");
  std::filesystem::create_symlink("there/second", folder / "first");
  std::filesystem::create_symlink("../f", folder / "there/second");
  write_whole(folder / "first", "new");
  EXPECT_TRUE(std::filesystem::is_symlink(folder / "first"));
  EXPECT_TRUE(std::filesystem::is_symlink(folder / "there/second"));
  EXPECT_EQ(read_file(folder / "f"), "new");
}

TEST(AtomicFile, ALinkToAMissingFolderOrToItselfIsRejected) {
  const TempFolder folder;
  std::filesystem::create_symlink("missing/f", folder / "a");
  EXPECT_NE(error_of([&] { write_whole(folder / "a", "x"); }).find("cannot be written in its folder"),
            std::string::npos);
  std::filesystem::create_symlink(folder / "loop", folder / "loop");
  EXPECT_NE(error_of([&] { write_whole(folder / "loop", "x"); }).find("symbolic links"), std::string::npos);
}

TEST(AtomicFile, ANewFileObeysTheUmask) {
  const TempFolder folder;
  const mode_t old = ::umask(027);
  write_whole(folder / "f", "x");
  ::umask(old);
  struct stat info;
  ASSERT_EQ(::stat((folder / "f").c_str(), &info), 0);
  EXPECT_EQ(info.st_mode & 0777, 0640U);
}

TEST(AtomicFile, FollowsASymbolicLink) {
  const TempFolder folder;
  folder.write("f", "old");
  std::filesystem::create_symlink("f", folder / "link");
  write_whole(folder / "link", "new");
  EXPECT_TRUE(std::filesystem::is_symlink(folder / "link"));
  EXPECT_EQ(read_file(folder / "f"), "new");
}

TEST(AtomicFile, WritesANameWithoutAFolderInTheWorkingFolder) {
  const TempFolder folder;
  const auto old = std::filesystem::current_path();
  std::filesystem::current_path(folder.path());
  write_whole("f", "x");
  std::filesystem::current_path(old);
  EXPECT_EQ(read_file(folder / "f"), "x");
}

TEST(AtomicFile, AFullDeviceIsAnError) {
  EXPECT_EQ(error_of([] { write_whole("/dev/full", "x"); }), "/dev/full: cannot be written (No space left on device).");
  EXPECT_TRUE(std::filesystem::is_character_file("/dev/full"));
}

TEST(AtomicFile, ADeviceIsWrittenStraight) {
  write_whole("/dev/null", "x");
  EXPECT_TRUE(std::filesystem::is_character_file("/dev/null"));
}

TEST(AtomicFile, StandardOutputIsWrittenWhereItStands) {
  const TempFolder folder;
  const int saved = ::dup(STDOUT_FILENO);
  const int file = ::open((folder / "f").c_str(), O_WRONLY | O_CREAT, 0600);
  ::dup2(file, STDOUT_FILENO);
  (void)!::write(STDOUT_FILENO, "a", 1);
  write_whole("/dev/stdout", "b");
  (void)!::write(STDOUT_FILENO, "c", 1);
  ::dup2(saved, STDOUT_FILENO);
  ::close(saved);
  ::close(file);
  EXPECT_EQ(read_file(folder / "f"), "abc");
}

// A limit on the size of files simulates a disk that fills up.
TEST(AtomicFile, AWriteThatFailsMidwayLeavesNoFile) {
  const TempFolder folder;
  rlimit old;
  ::getrlimit(RLIMIT_FSIZE, &old);
  ::signal(SIGXFSZ, SIG_IGN);
  const rlimit limit{1000, old.rlim_max};
  ::setrlimit(RLIMIT_FSIZE, &limit);
  const std::string message = error_of([&] { write_whole(folder / "f", std::string(5000, 'x')); });
  ::setrlimit(RLIMIT_FSIZE, &old);
  ::signal(SIGXFSZ, SIG_DFL);
  EXPECT_EQ(message, folder / "f" + ": cannot be written (File too large).");
  EXPECT_EQ(folder.num_files(), 0U);
}

TEST(AtomicFile, ErrorsOfTheTarget) {
  const TempFolder folder;
  EXPECT_EQ(error_of([&] { AtomicFile file(folder / "none/f"); }),
            folder / "none/f" + ": cannot be written in its folder (No such file or directory).");
  EXPECT_EQ(error_of([&] { AtomicFile file(folder.path()); }),
            folder.path() + ": is a directory, expected the name of a file to write.");
}

TEST(AtomicFile, AFolderWithoutWritePermissionIsAnError) {
  const TempFolder folder;
  ::chmod(folder.path().c_str(), 0555);
  const std::string message = as_nobody([&] { return error_of([&] { AtomicFile file(folder / "f"); }); });
  ::chmod(folder.path().c_str(), 0700);
  EXPECT_EQ(message, folder / "f" + ": cannot be written in its folder (Permission denied).");
}

TEST(AtomicFile, AnotherMayWriteTheTemporaryByName) {
  const TempFolder folder;
  AtomicFile file(folder / "f");
  write_file(file.temporary(), "by name");
  file.commit();
  EXPECT_EQ(read_file(folder / "f"), "by name");
  EXPECT_EQ(AtomicFile("/dev/null").temporary(), "");
}

}  // namespace
}  // namespace bisque
