// Picture files of any supported format. Free of libtorch.
#pragma once
#include <cstddef>
#include <optional>
#include <span>
#include <string>

#include <bisque/core/serialization/text.h>
#include <bisque/renderer/pictures/picture.h>

namespace bisque {

enum class PictureFormat { kPng, kJpeg };

/// By the extension (.png, .jpg, .jpeg, in any case); nothing for another one.
std::optional<PictureFormat> picture_format(const std::string& path);

/// In the format of the extension. Error: another extension, and those of write_png and write_jpeg.
void write_picture(const std::string& path, const Picture& picture);

/// The first bytes of the file determine its format. Error: neither PNG nor JPEG, and those of decode_png and
/// decode_jpeg.
Picture read_picture(const std::string& path);
/// The same for memory; `name` is the prefix of messages.
Picture decode_picture(std::span<const std::byte> bytes, const std::string& name);
PictureInfo read_picture_info(const std::string& path);

}  // namespace bisque
