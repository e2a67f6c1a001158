#include <bisque/renderer/pictures/picture.h>

#include <bisque/core/error.h>

namespace bisque {

void check_picture(const Picture& picture, const std::string& name) {
  const auto& [width, height, channels, pixels] = picture;
  if (width < 1 || height < 1 || width > kMaxPicturePixels || height > kMaxPicturePixels / width) {
    fail(name, ": a picture of ", width, " x ", height, " pixels cannot be written, expected 1 to ", kMaxPicturePixels,
         " pixels.");
  }
  if (channels != 3 && channels != 4) {
    fail(name, ": a picture of ", channels, " channels cannot be written, expected 3 (RGB) or 4 (RGBA).");
  }
  const int64_t expected = width * height * channels;
  if (static_cast<int64_t>(pixels.size()) != expected) {
    fail(name, ": the picture holds ", pixels.size(), " bytes, expected ", expected, " for ", width, " x ", height,
         " pixels of ", channels, " channels.");
  }
}

}  // namespace bisque
