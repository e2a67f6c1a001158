#include <bisque/renderer/pictures/png.h>

#include <gtest/gtest.h>
#include <zlib.h>

#include <bisque/tests/renderer/pictures/pictures_testing.h>
#include <bisque/tests/testing/bytes.h>
#include <bisque/tests/testing/errors.h>
#include <bisque/tests/testing/temp_folder.h>

namespace bisque {
namespace {

using namespace test;

std::string png_chunk(const std::string& type, const std::string& data) {
  const std::string body = type + data;
  const auto crc = ::crc32(0, reinterpret_cast<const Bytef*>(body.data()), static_cast<uInt>(body.size()));
  return big_endian(static_cast<uint32_t>(data.size())) + body + big_endian(static_cast<uint32_t>(crc));
}

std::string header(uint32_t width, uint32_t height, int depth, int color_type) {
  const std::string data = big_endian(width) + big_endian(height) + static_cast<char>(depth) +
                           static_cast<char>(color_type) + std::string(3, '\0');
  return "\x89PNG\r\n\x1a\n" + png_chunk("IHDR", data);
}

std::string deflate(const std::string& data) {
  std::string out(::compressBound(data.size()), '\0');
  uLongf size = out.size();
  ::compress(reinterpret_cast<Bytef*>(out.data()), &size, reinterpret_cast<const Bytef*>(data.data()), data.size());
  out.resize(size);
  return out;
}

// A PNG made by hand, independent of libspng. `rows` has a filter byte before each row.
std::string make_png(uint32_t width, uint32_t height, int depth, int color_type, const std::string& rows,
                     const std::string& before_data = {}) {
  return header(width, height, depth, color_type) + before_data + png_chunk("IDAT", deflate(rows)) +
         png_chunk("IEND", {});
}

Picture decoded_png(const std::string& bytes) { return decode_png(bytes_of(bytes), "a.png"); }
PictureInfo info_of_png(const std::string& bytes) { return png_info(bytes_of(bytes), "a.png"); }

std::string encoded_png(const Picture& picture) { return raw(encode_png(picture, "a.png")); }

using Bytes = std::vector<uint8_t>;

TEST(Png, ReadsBackWhatItWrote) {
  const TempFolder folder;
  for (const int channels : {3, 4}) {
    for (const auto& [width, height] : {std::pair{1, 1}, {1, 7}, {513, 3}, {64, 64}}) {
      const Picture picture = test_picture(width, height, channels);
      write_png(folder / "a.png", picture);
      const Picture read = read_png(folder / "a.png");
      EXPECT_EQ(read.width, width);
      EXPECT_EQ(read.height, height);
      EXPECT_EQ(read.channels, channels);
      EXPECT_EQ(read.pixels, picture.pixels);
    }
  }
  EXPECT_EQ(folder.num_files(), 1u);
}

TEST(Png, IsReadByAnotherProgram) {
  if (!has_ffmpeg()) GTEST_SKIP() << "ffmpeg is not installed";
  const TempFolder folder;
  const Picture picture = test_picture(37, 21, 4);
  write_png(folder / "a.png", picture);
  const std::string pixels = output_of("ffmpeg -v error -i " + folder / "a.png" + " -f rawvideo -pix_fmt rgba -");
  EXPECT_EQ(Bytes(pixels.begin(), pixels.end()), picture.pixels);
}

TEST(Png, IsTaggedSrgb) { expect_contains(encoded_png(test_picture(2, 2, 3)), "sRGB"); }

TEST(Png, SpreadsGray) {
  const Picture bits = decoded_png(make_png(3, 1, 1, 0, std::string("\0\xa0", 2)));
  EXPECT_EQ(bits.channels, 3);
  EXPECT_EQ(bits.pixels, (Bytes{255, 255, 255, 0, 0, 0, 255, 255, 255}));
  EXPECT_EQ(decoded_png(make_png(2, 1, 4, 0, std::string("\0\x1f", 2))).pixels, (Bytes{17, 17, 17, 255, 255, 255}));
}

TEST(Png, CutsSixteenBitsToEight) {
  EXPECT_EQ(decoded_png(make_png(1, 1, 16, 2, std::string("\0\x12\x34\x80\x00\xff\xff", 7))).pixels,
            (Bytes{0x12, 0x80, 0xff}));
}

TEST(Png, ReadsGrayWithAlpha) {
  const std::string file = make_png(1, 1, 8, 4, std::string("\0\x30\x40", 3));
  EXPECT_EQ(decoded_png(file).channels, 4);
  EXPECT_EQ(decoded_png(file).pixels, (Bytes{0x30, 0x30, 0x30, 0x40}));
}

TEST(Png, ReadsPalettes) {
  const std::string palette = png_chunk("PLTE", std::string("\x01\x02\x03\x04\x05\x06", 6));
  const std::string rows("\0\x40", 2);  // indices 0, 1
  EXPECT_EQ(decoded_png(make_png(2, 1, 1, 3, rows, palette)).pixels, (Bytes{1, 2, 3, 4, 5, 6}));
  const Picture alpha = decoded_png(make_png(2, 1, 1, 3, rows, palette + png_chunk("tRNS", std::string("\x07", 1))));
  EXPECT_EQ(alpha.pixels, (Bytes{1, 2, 3, 7, 4, 5, 6, 255}));
}

TEST(Png, InfoTellsTheFilesOwnForm) {
  const std::string palette = png_chunk("PLTE", std::string("\x01\x02\x03\x04\x05\x06", 6));
  const PictureInfo rgb = info_of_png(make_png(5, 7, 16, 2, {}));
  EXPECT_EQ(rgb.format, "PNG");
  EXPECT_EQ(rgb.width, 5);
  EXPECT_EQ(rgb.height, 7);
  EXPECT_EQ(rgb.channels, 3);
  EXPECT_EQ(rgb.bit_depth, 16);
  EXPECT_EQ(info_of_png(make_png(5, 7, 1, 0, {})).channels, 1);
  EXPECT_EQ(info_of_png(make_png(5, 7, 1, 0, {})).bit_depth, 1);
  EXPECT_EQ(info_of_png(make_png(5, 7, 8, 4, {})).channels, 2);
  EXPECT_EQ(info_of_png(make_png(5, 7, 8, 6, {})).channels, 4);
  EXPECT_EQ(info_of_png(make_png(5, 7, 1, 3, {}, palette)).channels, 3);
  EXPECT_EQ(info_of_png(make_png(5, 7, 1, 3, {}, palette + png_chunk("tRNS", "a"))).channels, 4);
}

TEST(Png, ACutFileIsAnErrorWhereverItIsCut) {
  const std::string whole = encoded_png(test_picture(20, 10, 3));
  // libspng does not miss the checksum (4 bytes) of the end mark itself, which covers nothing.
  for (size_t size = 0; size + 4 < whole.size(); ++size) {
    const std::string message = error_of([&] { decoded_png(whole.substr(0, size)); });
    expect_contains(message, "a.png: cannot be read as PNG (");
    expect_contains(message, "), expected a whole PNG file.");
  }
}

TEST(Png, ADamagedByteIsAnErrorWhereverItIs) {
  const std::string whole = encoded_png(test_picture(20, 10, 3));
  for (size_t i = 0; i < whole.size(); ++i) {
    std::string damaged = whole;
    damaged[i] = static_cast<char>(damaged[i] ^ 0x11);
    expect_contains(error_of([&] { decoded_png(damaged); }), "a.png: ");
  }
}

TEST(Png, AHugeSizeInTheHeaderIsRejected) {
  expect_contains(error_of([] { decoded_png(make_png(100000, 100000, 8, 6, "few")); }),
                  "a.png: the PNG header declares 100000 x 100000 pixels, expected at most 268435456.");
  const std::string message = error_of([] { decoded_png(make_png(16384, 16384, 8, 6, "few")); });
  expect_contains(message, "the PNG header declares 16384 x 16384 pixels, more than ");
  expect_contains(message, " bytes can hold; the file is truncated or damaged.");
}

TEST(Png, TheMostCompressiblePictureIsRead) {
  const std::string rows = std::string(1025 * 1024, '\0');  // 1024 x 1024, gray: deflate's limit of 1032 : 1
  EXPECT_EQ(decoded_png(make_png(1024, 1024, 8, 0, rows)).pixels, Bytes(1024 * 1024 * 3, 0));
}

TEST(Png, AnImpossiblePictureIsRejected) {
  EXPECT_EQ(error_of([] {
              encoded_png(Picture{0, 4, 3, {}});
            }),
            "a.png: a picture of 0 x 4 pixels cannot be written, expected 1 to 268435456 pixels.");
  EXPECT_EQ(error_of([] {
              encoded_png(Picture{1 << 20, 1 << 20, 3, {}});
            }),
            "a.png: a picture of 1048576 x 1048576 pixels cannot be written, expected 1 to 268435456 pixels.");
  EXPECT_EQ(error_of([] {
              encoded_png(Picture{2, 2, 1, Bytes(4)});
            }),
            "a.png: a picture of 1 channels cannot be written, expected 3 (RGB) or 4 (RGBA).");
  EXPECT_EQ(error_of([] {
              encoded_png(Picture{2, 2, 3, Bytes(11)});
            }),
            "a.png: the picture holds 11 bytes, expected 12 for 2 x 2 pixels of 3 channels.");
}

TEST(Png, AMissingFileIsNamed) {
  expect_contains(error_of([] { read_png("/nowhere/a.png"); }), "/nowhere/a.png: ");
}

TEST(Png, AFullDiskIsAnErrorAndLeavesNoFile) {
  if (!std::filesystem::exists("/dev/full")) GTEST_SKIP() << "no /dev/full here";
  const TempFolder folder;
  std::filesystem::create_symlink("/dev/full", folder / "a.png");
  expect_contains(error_of([&] { write_png(folder / "a.png", test_picture(8, 8, 3)); }), "No space left on device");
  EXPECT_EQ(folder.num_files(), 1u);
}

TEST(Png, AFolderThatIsNoneIsAnError) {
  expect_contains(error_of([] { write_png("/dev/null/a.png", test_picture(8, 8, 3)); }), "/dev/null/a.png: ");
}

}  // namespace
}  // namespace bisque
