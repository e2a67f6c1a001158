// Picture files of any format that the project knows. Free of libtorch.
#pragma once
#include <optional>
#include <string>

#include <bisque/core/serialization/text.h>
#include <bisque/renderer/pictures/picture.h>

namespace bisque {

enum class PictureFormat { kPng, kJpeg };

/// By the file name's extension (.png, .jpg, .jpeg, of any case); nothing for another one.
std::optional<PictureFormat> picture_format(const std::string& path);

/// In the format of the file name's extension. Error: another extension, and as write_png and write_jpeg.
void write_picture(const std::string& path, const Picture& picture);

/// The format is told by the file's first bytes. Error: neither PNG nor JPEG, and as decode_png and decode_jpeg.
Picture read_picture(const std::string& path);
PictureInfo read_picture_info(const std::string& path);

}  // namespace bisque
