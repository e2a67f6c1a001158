// JPEG pictures, with libjpeg-turbo's TurboJPEG. Free of libtorch.
#pragma once
#include <cstddef>
#include <span>
#include <string>
#include <vector>

#include <bisque/renderer/pictures/picture.h>

namespace bisque {

inline constexpr int kJpegQuality = 95;

/// A complete JPEG file in memory, without chroma subsampling. `quality` is libjpeg's, 1 to 100. Error: those of
/// check_picture, an RGBA picture (JPEG has no alpha), a side over 65,500 pixels; `name` is the intended file.
std::vector<std::byte> encode_jpeg(const Picture& picture, const std::string& name, int quality = kJpegQuality);

/// Writes with AtomicFile: the name only ever refers to a complete picture. Error: as encode_jpeg and AtomicFile.
void write_jpeg(const std::string& path, const Picture& picture, int quality = kJpegQuality);

/// Decodes to 8-bit RGB; the orientation of EXIF is not applied. Error: not a JPEG, truncated or damaged, CMYK, over
/// kMaxPicturePixels, or more pixels than its bytes can hold.
Picture decode_jpeg(std::span<const std::byte> bytes, const std::string& name);
Picture read_jpeg(const std::string& path);

/// Reads only the header. Error: not a JPEG, a damaged header.
PictureInfo jpeg_info(std::span<const std::byte> bytes, const std::string& name);

}  // namespace bisque
