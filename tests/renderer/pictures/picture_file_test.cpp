#include <bisque/renderer/pictures/picture_file.h>

#include <gtest/gtest.h>

#include <bisque/tests/renderer/pictures/pictures_testing.h>
#include <bisque/tests/testing/errors.h>
#include <bisque/tests/testing/files.h>
#include <bisque/tests/testing/temp_folder.h>

namespace bisque {
namespace {

using namespace test;

TEST(PictureFile, TheExtensionDecidesTheFormatWritten) {
  const TempFolder folder;
  for (const char* name : {"a.png", "a.PNG"}) {
    write_picture(folder / name, test_picture(5, 4, 3));
    EXPECT_EQ(read_file(folder / name).substr(0, 4), "\x89PNG");
  }
  for (const char* name : {"a.jpg", "a.jpeg"}) {
    write_picture(folder / name, test_picture(5, 4, 3));
    EXPECT_EQ(read_file(folder / name).substr(0, 2), "\xff\xd8");
  }
}

TEST(PictureFile, AnUnknownExtensionIsRejected) {
  EXPECT_EQ(error_of([] { write_picture("a.bmp", test_picture(5, 4, 3)); }),
            "a.bmp: has no known picture extension, expected .png, .jpg or .jpeg.");
  EXPECT_FALSE(picture_format("png"));
}

TEST(PictureFile, TheContentDecidesTheFormatRead) {
  const TempFolder folder;
  write_picture(folder / "a.png", test_picture(5, 4, 3));
  std::filesystem::rename(folder / "a.png", folder / "a.jpg");
  EXPECT_EQ(read_picture_info(folder / "a.jpg").format, "PNG");
  EXPECT_EQ(read_picture(folder / "a.jpg").pixels, test_picture(5, 4, 3).pixels);
  write_picture(folder / "b.jpg", test_picture(5, 4, 3));
  EXPECT_EQ(read_picture_info(folder / "b.jpg").format, "JPEG");
  EXPECT_EQ(read_picture(folder / "b.jpg").width, 5);
}

TEST(PictureFile, AnotherFileIsNoPicture) {
  const TempFolder folder;
  folder.write("a.png", "text");
  EXPECT_EQ(error_of([&] { read_picture(folder / "a.png"); }),
            folder / "a.png" + ": is not a supported picture, expected a PNG or JPEG file.");
}

}  // namespace
}  // namespace bisque
