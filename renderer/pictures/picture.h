// A picture in memory, and what a picture file says about itself. Free of libtorch.
#pragma once
#include <cstdint>
#include <string>
#include <vector>

namespace bisque {

/// Rows from top to bottom, sRGB-encoded; alpha, where there is one, is not premultiplied.
struct Picture {
  int64_t width = 0;
  int64_t height = 0;
  int channels = 3;             // 3: RGB, 4: RGBA
  std::vector<uint8_t> pixels;  // [height, width, channels]
};

/// A picture file's own form, which reading turns into 8-bit RGB or RGBA.
struct PictureInfo {
  std::string format;  // "PNG" or "JPEG"
  int64_t width = 0;
  int64_t height = 0;
  int channels = 0;  // 1: gray, 2: gray and alpha, 3: RGB (a palette is RGB or RGBA), 4: RGBA or CMYK
  int bit_depth = 0;
};

/// The most pixels that a file may have: 16384 x 16384.
inline constexpr int64_t kMaxPicturePixels = int64_t{1} << 28;

/// Error: no pixels, more than kMaxPicturePixels, channels other than 3 or 4, or pixels that do not match the
/// size. `name` is the file the picture is meant for.
void check_picture(const Picture& picture, const std::string& name);

}  // namespace bisque
