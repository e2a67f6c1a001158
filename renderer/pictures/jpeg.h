// JPEG pictures, by libjpeg-turbo's TurboJPEG. Free of libtorch.
#pragma once
#include <cstddef>
#include <span>
#include <string>
#include <vector>

#include <bisque/renderer/pictures/picture.h>

namespace bisque {

inline constexpr int kJpegQuality = 95;

/// A whole JPEG file in memory, without chroma subsampling. `quality` is libjpeg's, 1 to 100.
/// Error: what check_picture refuses, an RGBA picture (JPEG has no alpha), a side over 65,500 pixels;
/// `name` is the file it is meant for.
std::vector<std::byte> encode_jpeg(const Picture& picture, const std::string& name, int quality = kJpegQuality);

/// Writes by AtomicFile: the name only ever holds a whole picture. Error: as encode_jpeg and AtomicFile.
void write_jpeg(const std::string& path, const Picture& picture, int quality = kJpegQuality);

/// As 8-bit RGB; the orientation of EXIF is not applied. Error: not a JPEG, cut or damaged, CMYK, over
/// kMaxPicturePixels, or more pixels than its bytes can hold.
Picture decode_jpeg(std::span<const std::byte> bytes, const std::string& name);
Picture read_jpeg(const std::string& path);

/// What the header says; the pixels are not looked at. Error: not a JPEG, a damaged header.
PictureInfo jpeg_info(std::span<const std::byte> bytes, const std::string& name);

}  // namespace bisque
