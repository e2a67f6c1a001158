#include <bisque/renderer/pictures/jpeg.h>

#include <turbojpeg.h>

#include <memory>
#include <new>

#include <bisque/core/error.h>
#include <bisque/core/serialization/atomic_file.h>
#include <bisque/core/serialization/mapped_file.h>

namespace bisque {
namespace {

struct Destroy {
  void operator()(void* handle) const { tjDestroy(handle); }
};
using Handle = std::unique_ptr<void, Destroy>;

constexpr int kMaxSide = 65500;  // libjpeg's JPEG_MAX_DIMENSION
// Every block of 8 x 8 samples takes at least one bit (Huffman coding), and at least one component has a sample per
// pixel: 512, and this leaves a factor of two.
constexpr int64_t kMaxPixelsPerByte = 1024;

struct Header {
  int width = 0;
  int height = 0;
  int subsampling = 0;
  int color_space = 0;
};

[[noreturn]] void fail_to_decode(const std::string& name, const char* why) {
  fail(name, ": cannot be read as JPEG (", why, "), expected a whole JPEG file.");
}

Handle make_handle(tjhandle handle) {
  if (!handle) throw std::bad_alloc();
  return Handle(handle);
}

const unsigned char* as_uchar(std::span<const std::byte> bytes) {
  return reinterpret_cast<const unsigned char*>(bytes.data());
}

Header read_header(const Handle& handle, std::span<const std::byte> bytes, const std::string& name) {
  Header header;
  if (tjDecompressHeader3(handle.get(), as_uchar(bytes), bytes.size(), &header.width, &header.height,
                          &header.subsampling, &header.color_space) != 0) {
    fail_to_decode(name, tjGetErrorStr2(handle.get()));
  }
  // TurboJPEG accepts a file that ends before its picture as one of only tables.
  if (header.width < 1 || header.height < 1) {
    fail_to_decode(name, "it ends before the size of its picture");
  }
  return header;
}

void check_header(const Header& header, size_t file_size, const std::string& name) {
  const int64_t pixels = int64_t{header.width} * header.height;
  if (pixels > kMaxPicturePixels) {
    fail(name, ": the JPEG header declares ", header.width, " x ", header.height, " pixels, expected at most ",
         kMaxPicturePixels, ".");
  }
  if (pixels / kMaxPixelsPerByte > static_cast<int64_t>(file_size)) {
    fail(name, ": the JPEG header declares ", header.width, " x ", header.height, " pixels, more than ", file_size,
         " bytes can hold; the file is truncated or damaged.");
  }
  if (header.color_space == TJCS_CMYK || header.color_space == TJCS_YCCK) {
    fail(name, ": is a CMYK JPEG, expected RGB or gray.");
  }
}

}  // namespace

std::vector<std::byte> encode_jpeg(const Picture& picture, const std::string& name, int quality) {
  check_picture(picture, name);
  if (picture.channels != 3) {
    fail(name, ": JPEG has no alpha channel, expected an RGB picture (a background colour), or PNG.");
  }
  if (picture.width > kMaxSide || picture.height > kMaxSide) {
    fail(name, ": a picture of ", picture.width, " x ", picture.height, " pixels cannot be JPEG, expected at most ",
         kMaxSide, " pixels per side.");
  }
  if (quality < 1 || quality > 100) fail(name, ": JPEG quality ", quality, ", expected 1 to 100.");
  const Handle handle = make_handle(tjInitCompress());
  unsigned char* data = nullptr;
  unsigned long size = 0;  // NOLINT(google-runtime-int): TurboJPEG's type
  const int error =
      tjCompress2(handle.get(), picture.pixels.data(), static_cast<int>(picture.width), 0,
                  static_cast<int>(picture.height), TJPF_RGB, &data, &size, TJSAMP_444, quality, TJFLAG_ACCURATEDCT);
  const std::unique_ptr<unsigned char, decltype(&tjFree)> owner(data, &tjFree);
  if (error) fail(name, ": cannot be encoded as JPEG (", tjGetErrorStr2(handle.get()), ").");
  const auto* begin = reinterpret_cast<const std::byte*>(data);
  return {begin, begin + size};
}

void write_jpeg(const std::string& path, const Picture& picture, int quality) {
  const std::vector<std::byte> bytes = encode_jpeg(picture, path, quality);
  AtomicFile file(path);
  file.write(bytes);
  file.commit();
}

Picture decode_jpeg(std::span<const std::byte> bytes, const std::string& name) {
  const Handle handle = make_handle(tjInitDecompress());
  const Header header = read_header(handle, bytes, name);
  check_header(header, bytes.size(), name);
  Picture picture;
  picture.width = header.width;
  picture.height = header.height;
  picture.pixels.resize(static_cast<size_t>(picture.width * picture.height * 3));
  // For a damaged file, libjpeg warns and continues in gray; endless scans could make it hang.
  constexpr int kFlags = TJFLAG_ACCURATEDCT | TJFLAG_STOPONWARNING | TJFLAG_LIMITSCANS;
  if (tjDecompress2(handle.get(), as_uchar(bytes), bytes.size(), picture.pixels.data(), header.width, 0, header.height,
                    TJPF_RGB, kFlags) != 0) {
    fail_to_decode(name, tjGetErrorStr2(handle.get()));
  }
  return picture;
}

Picture read_jpeg(const std::string& path) { return decode_jpeg(MappedFile::open(path)->bytes(), path); }

PictureInfo jpeg_info(std::span<const std::byte> bytes, const std::string& name) {
  const Handle handle = make_handle(tjInitDecompress());
  const Header header = read_header(handle, bytes, name);
  PictureInfo info{"JPEG", header.width, header.height, 3, 8};
  if (header.color_space == TJCS_GRAY) info.channels = 1;
  if (header.color_space == TJCS_CMYK || header.color_space == TJCS_YCCK) info.channels = 4;
  return info;
}

}  // namespace bisque
