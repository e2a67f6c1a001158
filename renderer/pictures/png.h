// PNG pictures, by libspng. Free of libtorch.
#pragma once
#include <cstddef>
#include <span>
#include <string>
#include <vector>

#include <bisque/renderer/pictures/picture.h>

namespace bisque {

/// A whole PNG file in memory: 8-bit RGB or RGBA, tagged sRGB, compressed for speed.
/// Error: what check_picture refuses; `name` is the file it is meant for.
std::vector<std::byte> encode_png(const Picture& picture, const std::string& name);

/// Writes by AtomicFile: the name only ever holds a whole picture. Error: as encode_png and AtomicFile.
void write_png(const std::string& path, const Picture& picture);

/// Any PNG as 8-bit RGB, or RGBA where the file has transparency; 16 bits are cut to 8, gray is spread.
/// Error: not a PNG, cut or damaged, over kMaxPicturePixels, or more pixels than its bytes can hold.
Picture decode_png(std::span<const std::byte> bytes, const std::string& name);
Picture read_png(const std::string& path);

/// What the header says; the pixels are not looked at. Error: not a PNG, a damaged header.
PictureInfo png_info(std::span<const std::byte> bytes, const std::string& name);

}  // namespace bisque
