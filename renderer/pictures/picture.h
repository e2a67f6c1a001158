// A picture in memory, and the header of a picture file. Free of libtorch.
#pragma once
#include <cstdint>
#include <string>
#include <vector>

namespace bisque {

/// In pixels.
struct PictureSize {
  int64_t width = 512;
  int64_t height = 512;
};

/// Rows from top to bottom, sRGB-encoded; alpha, if present, is not premultiplied.
struct Picture {
  int64_t width = 0;
  int64_t height = 0;
  int channels = 3;             // 3: RGB, 4: RGBA
  std::vector<uint8_t> pixels;  // [height, width, channels]
};

/// The format of a picture file; reading converts it to 8-bit RGB or RGBA.
struct PictureInfo {
  std::string format;  // "PNG" or "JPEG"
  int64_t width = 0;
  int64_t height = 0;
  int channels = 0;  // 1: gray, 2: gray and alpha, 3: RGB (a palette is RGB or RGBA), 4: RGBA or CMYK
  int bit_depth = 0;
};

/// The maximum number of pixels of a file: 16384 x 16384.
inline constexpr int64_t kMaxPicturePixels = int64_t{1} << 28;

/// Error: no pixels, more than kMaxPicturePixels, channels other than 3 or 4, or pixels that do not match the size.
/// `name` is the intended file.
void check_picture(const Picture& picture, const std::string& name);

}  // namespace bisque
