// PNG pictures, with libspng. Free of libtorch.
#pragma once
#include <cstddef>
#include <span>
#include <string>
#include <vector>

#include <bisque/renderer/pictures/picture.h>

namespace bisque {

/// A complete PNG file in memory: 8-bit RGB or RGBA, tagged sRGB, compressed for speed. Error: those of check_picture;
/// `name` is the intended file.
std::vector<std::byte> encode_png(const Picture& picture, const std::string& name);

/// Writes with AtomicFile: the name only ever refers to a complete picture. Error: as encode_png and AtomicFile.
void write_png(const std::string& path, const Picture& picture);

/// Decodes any PNG to 8-bit RGB, or RGBA if the file has transparency; 16 bits are reduced to 8, gray is expanded.
/// Error: not a PNG, truncated or damaged, over kMaxPicturePixels, or more pixels than its bytes can hold.
Picture decode_png(std::span<const std::byte> bytes, const std::string& name);
Picture read_png(const std::string& path);

/// Reads only the header. Error: not a PNG, a damaged header.
PictureInfo png_info(std::span<const std::byte> bytes, const std::string& name);

}  // namespace bisque
