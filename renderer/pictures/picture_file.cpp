#include <bisque/renderer/pictures/picture_file.h>

#include <bisque/core/error.h>
#include <bisque/core/serialization/mapped_file.h>
#include <bisque/renderer/pictures/jpeg.h>
#include <bisque/renderer/pictures/png.h>

namespace bisque {
namespace {

PictureFormat format_of_bytes(std::span<const std::byte> bytes, const std::string& path) {
  const std::string_view text = text_of(bytes);
  if (text.starts_with("\x89PNG")) return PictureFormat::kPng;
  if (text.starts_with("\xff\xd8")) return PictureFormat::kJpeg;
  fail(path, ": is not a supported picture, expected a PNG or JPEG file.");
}

}  // namespace

std::optional<PictureFormat> picture_format(const std::string& path) {
  const std::string extension = lower_extension(path);
  if (extension == ".png") return PictureFormat::kPng;
  if (extension == ".jpg" || extension == ".jpeg") return PictureFormat::kJpeg;
  return std::nullopt;
}

void write_picture(const std::string& path, const Picture& picture) {
  const auto format = picture_format(path);
  if (!format) fail(path, ": has no known picture extension, expected .png, .jpg or .jpeg.");
  *format == PictureFormat::kPng ? write_png(path, picture) : write_jpeg(path, picture);
}

Picture read_picture(const std::string& path) {
  const auto file = MappedFile::open(path);
  return decode_picture(file->bytes(), path);
}

Picture decode_picture(std::span<const std::byte> bytes, const std::string& name) {
  const bool is_png = format_of_bytes(bytes, name) == PictureFormat::kPng;
  return is_png ? decode_png(bytes, name) : decode_jpeg(bytes, name);
}

PictureInfo read_picture_info(const std::string& path) {
  const auto file = MappedFile::open(path);
  const bool is_png = format_of_bytes(file->bytes(), path) == PictureFormat::kPng;
  return is_png ? png_info(file->bytes(), path) : jpeg_info(file->bytes(), path);
}

}  // namespace bisque
