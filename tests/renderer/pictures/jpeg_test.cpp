#include <bisque/renderer/pictures/jpeg.h>

#include <gtest/gtest.h>
#include <turbojpeg.h>

#include <algorithm>
#include <cstdlib>

#include <bisque/tests/renderer/pictures/pictures_testing.h>
#include <bisque/tests/testing/bytes.h>
#include <bisque/tests/testing/errors.h>
#include <bisque/tests/testing/temp_folder.h>

namespace bisque {
namespace {

using namespace test;

std::string encoded_jpeg(const Picture& picture, int quality = kJpegQuality) {
  return raw(encode_jpeg(picture, "a.jpg", quality));
}

Picture decoded_jpeg(const std::string& bytes) { return decode_jpeg(bytes_of(bytes), "a.jpg"); }
PictureInfo info_of_jpeg(const std::string& bytes) { return jpeg_info(bytes_of(bytes), "a.jpg"); }

// Forms that encode_jpeg does not write.
std::string turbo_encode(int pixel_format, int subsampling, int flags) {
  const std::vector<uint8_t> pixels(static_cast<size_t>(40 * 30 * tjPixelSize[pixel_format]), 100);
  const tjhandle handle = tjInitCompress();
  unsigned char* data = nullptr;
  unsigned long size = 0;
  EXPECT_EQ(tjCompress2(handle, pixels.data(), 40, 0, 30, pixel_format, &data, &size, subsampling, 90, flags), 0);
  std::string bytes(reinterpret_cast<char*>(data), size);
  tjFree(data);
  tjDestroy(handle);
  return bytes;
}

int largest_difference(const std::vector<uint8_t>& a, const std::vector<uint8_t>& b) {
  EXPECT_EQ(a.size(), b.size());
  int largest = 0;
  for (size_t i = 0; i < std::min(a.size(), b.size()); ++i) {
    largest = std::max(largest, std::abs(int{a[i]} - int{b[i]}));
  }
  return largest;
}

TEST(Jpeg, ReadsBackNearlyWhatItWrote) {
  const TempFolder folder;
  for (const auto& [width, height] : {std::pair{1, 1}, {17, 9}, {64, 48}}) {
    const Picture picture = flat_picture(width, height, {200, 40, 60});
    write_jpeg(folder / "a.jpg", picture);
    const Picture read = read_jpeg(folder / "a.jpg");
    EXPECT_EQ(read.width, width);
    EXPECT_EQ(read.height, height);
    EXPECT_EQ(read.channels, 3);
    EXPECT_LE(largest_difference(read.pixels, picture.pixels), 2);
  }
  EXPECT_EQ(folder.num_files(), 1u);
}

TEST(Jpeg, RowsRunFromTopToBottomAndChannelsAreRgb) {
  Picture picture = flat_picture(16, 16, {255, 0, 0});
  std::fill_n(picture.pixels.begin() + 8 * 16 * 3, 8 * 16 * 3, uint8_t{0});  // black below
  const Picture read = decoded_jpeg(encoded_jpeg(picture));
  EXPECT_GT(read.pixels[0], 240);
  EXPECT_LT(read.pixels[2], 15);
  EXPECT_LT(read.pixels[15 * 16 * 3], 15);
}

TEST(Jpeg, IsReadByAnotherProgram) {
  if (!has_ffmpeg()) GTEST_SKIP() << "ffmpeg is not installed";
  const TempFolder folder;
  write_jpeg(folder / "a.jpg", flat_picture(40, 24, {200, 40, 60}));
  const std::string pixels =
      output_of("ffmpeg -v error -i " + folder / "a.jpg" + " -f rawvideo -pix_fmt rgb24 - 2>/dev/null");
  EXPECT_LE(largest_difference({pixels.begin(), pixels.end()}, flat_picture(40, 24, {200, 40, 60}).pixels), 4);
}

TEST(Jpeg, QualitySetsTheSize) {
  const Picture picture = test_picture(64, 64, 3);
  EXPECT_LT(encoded_jpeg(picture, 30).size() * 2, encoded_jpeg(picture, 95).size());
  EXPECT_EQ(error_of([&] { encoded_jpeg(picture, 0); }), "a.jpg: JPEG quality 0, expected 1 to 100.");
  EXPECT_EQ(error_of([&] { encoded_jpeg(picture, 101); }), "a.jpg: JPEG quality 101, expected 1 to 100.");
}

TEST(Jpeg, ReadsGrayProgressiveAndSubsampled) {
  EXPECT_EQ(decoded_jpeg(turbo_encode(TJPF_GRAY, TJSAMP_GRAY, 0)).channels, 3);
  EXPECT_EQ(info_of_jpeg(turbo_encode(TJPF_GRAY, TJSAMP_GRAY, 0)).channels, 1);
  EXPECT_EQ(decoded_jpeg(turbo_encode(TJPF_RGB, TJSAMP_420, TJFLAG_PROGRESSIVE)).pixels[0], 100);
}

TEST(Jpeg, InfoTellsTheSize) {
  const PictureInfo info = info_of_jpeg(encoded_jpeg(test_picture(33, 44, 3)));
  EXPECT_EQ(info.format, "JPEG");
  EXPECT_EQ(info.width, 33);
  EXPECT_EQ(info.height, 44);
  EXPECT_EQ(info.channels, 3);
  EXPECT_EQ(info.bit_depth, 8);
}

TEST(Jpeg, CmykIsRejected) {
  const std::string file = turbo_encode(TJPF_CMYK, TJSAMP_444, 0);
  EXPECT_EQ(error_of([&] { decoded_jpeg(file); }), "a.jpg: is a CMYK JPEG, expected RGB or gray.");
  EXPECT_EQ(info_of_jpeg(file).channels, 4);
}

TEST(Jpeg, AlphaIsRejected) {
  EXPECT_EQ(error_of([] { encoded_jpeg(test_picture(4, 4, 4)); }),
            "a.jpg: JPEG has no alpha channel, expected an RGB picture (a background colour), or PNG.");
}

TEST(Jpeg, ASideTooLongIsRejected) {
  EXPECT_EQ(error_of([] {
              encoded_jpeg(flat_picture(65501, 1, {1, 2, 3}));
            }),
            "a.jpg: a picture of 65501 x 1 pixels cannot be JPEG, expected at most 65500 pixels per side.");
}

TEST(Jpeg, ACutFileIsAnErrorWhereverItIsCut) {
  const std::string whole = encoded_jpeg(test_picture(20, 10, 3));
  // Without the end mark (2 bytes) libjpeg has all pixels, and may not request more.
  for (size_t size = 0; size + 2 < whole.size(); ++size) {
    const std::string message = error_of([&] { decoded_jpeg(whole.substr(0, size)); });
    expect_contains(message, "a.jpg: cannot be read as JPEG (");
    expect_contains(message, "), expected a whole JPEG file.");
  }
}

TEST(Jpeg, ADamagedByteNeverCrashes) {
  const std::string whole = encoded_jpeg(test_picture(20, 10, 3));
  int errors = 0;
  for (size_t i = 0; i < whole.size(); ++i) {
    std::string damaged = whole;
    damaged[i] = static_cast<char>(~damaged[i]);
    try {
      decoded_jpeg(damaged);  // JPEG has no checksums: the picture may differ
    } catch (const Error&) {
      ++errors;
    }
  }
  EXPECT_GT(errors, 20);
}

TEST(Jpeg, AHugeSizeInTheHeaderIsRejected) {
  std::string file = encoded_jpeg(test_picture(20, 10, 3));
  const size_t frame = file.find("\xff\xc0");
  ASSERT_NE(frame, std::string::npos);
  file.replace(frame + 5, 4, "\x40\x00\x40\x00", 4);
  const std::string message = error_of([&] { decoded_jpeg(file); });
  expect_contains(message, "a.jpg: the JPEG header declares 16384 x 16384 pixels, more than ");
  expect_contains(message, " bytes can hold; the file is truncated or damaged.");
  file.replace(frame + 5, 4, "\xff\x00\xff\x00", 4);
  EXPECT_EQ(error_of([&] { decoded_jpeg(file); }),
            "a.jpg: the JPEG header declares 65280 x 65280 pixels, expected at most 268435456.");
}

TEST(Jpeg, TheMostCompressiblePictureIsRead) {
  const Picture read = decoded_jpeg(encoded_jpeg(flat_picture(2048, 2048, {0, 0, 0})));
  EXPECT_EQ(read.pixels.size(), 2048u * 2048 * 3);
}

TEST(Jpeg, AFullDiskIsAnErrorAndLeavesNoFile) {
  if (!std::filesystem::exists("/dev/full")) GTEST_SKIP() << "no /dev/full here";
  const TempFolder folder;
  std::filesystem::create_symlink("/dev/full", folder / "a.jpg");
  expect_contains(error_of([&] { write_jpeg(folder / "a.jpg", test_picture(8, 8, 3)); }), "No space left on device");
  EXPECT_EQ(folder.num_files(), 1u);
}

}  // namespace
}  // namespace bisque
