#include <bisque/ops3d/io/list_files.h>

#include <sys/stat.h>

#include <array>

#include <bisque/tests/testing/errors.h>
#include <bisque/tests/testing/temp_folder.h>

namespace bisque {
namespace {

using namespace test;

std::vector<std::string> names_in(const std::string& folder, Subfolders subfolders) {
  static constexpr std::array<std::string_view, 2> kExtensions{".obj", ".glb"};
  std::vector<std::string> names;
  for (const std::filesystem::path& file : list_files(folder, kExtensions, subfolders)) names.push_back(file.string());
  return names;
}

TEST(ListFiles, ListsVisibleFilesSorted) {
  const TempFolder folder;
  for (const char* name :
       {"b.obj", "a.OBJ", "c.glb", "._b.obj", ".hidden.obj", ".obj", "notes.txt", "obj", "d.obj.bak"}) {
    folder.write(name, "x");
  }
  for (const char* name : {"sub", "sub/deep", ".git", "__MACOSX", "folder.obj"}) {
    std::filesystem::create_directory(folder / name);
  }
  folder.write("sub/deep/1.obj", "x");
  folder.write("sub/2.obj", "x");
  folder.write("sub/._2.obj", "x");
  folder.write(".git/3.obj", "x");
  folder.write("__MACOSX/._b.obj", "x");
  folder.write("folder.obj/4.obj", "x");
  const std::vector<std::string> top{"a.OBJ", "b.obj", "c.glb"};
  EXPECT_EQ(names_in(folder.path(), Subfolders::kSkip), top);
  EXPECT_EQ(names_in(folder.path() + "/", Subfolders::kSkip), top);
  EXPECT_EQ(names_in(folder.path(), Subfolders::kInclude),
            (std::vector<std::string>{"a.OBJ", "b.obj", "c.glb", "folder.obj/4.obj", "sub/2.obj", "sub/deep/1.obj"}));
}

TEST(ListFiles, SpecialFilesAreSkippedAndLinksFollowed) {
  const TempFolder folder;
  folder.write("real.obj", "x");
  ASSERT_EQ(::mkfifo((folder / "pipe.obj").c_str(), 0600), 0);
  std::filesystem::create_symlink("real.obj", folder / "link.obj");
  std::filesystem::create_symlink("missing.obj", folder / "broken.obj");
  std::filesystem::create_symlink("x@host:1", folder / ".#real.obj");  // as Emacs locks a file
  EXPECT_EQ(names_in(folder.path(), Subfolders::kSkip),
            (std::vector<std::string>{"broken.obj", "link.obj", "real.obj"}));
}

TEST(ListFiles, AFolderThatCannotBeListedIsAnError) {
  const TempFolder folder;
  EXPECT_EQ(error_of([&] { names_in(folder / "none", Subfolders::kSkip); }),
            folder / "none" + ": cannot be listed (No such file or directory).");
  EXPECT_TRUE(names_in(folder.path(), Subfolders::kInclude).empty());
}

}  // namespace
}  // namespace bisque
