// Option values given as text. Error messages contain the option.
#pragma once
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <bisque/renderer/mesh/blendshape_model.h>
#include <bisque/renderer/mesh/to_picture.h>
#include <bisque/renderer/pictures/picture.h>

namespace bisque::cli {

/// "512" or "1920x1080", each side from 1 to 16384.
PictureSize parse_size(const std::string& text);

/// "#rrggbb" or "#rgb", "white", "black", "gray"; nothing for "transparent".
std::optional<Color> parse_background(const std::string& text);

/// "-30", "+0.5", "1e-3": a finite number.
double parse_real(std::string_view option, std::string_view text);

/// "-30", "+5": an integer that fits 64 bits.
int64_t parse_integer(std::string_view option, std::string_view text);

/// "jawOpen=0.7, eyeBlinkLeft=1": names and finite numbers; spaces around them are ignored.
std::vector<std::pair<std::string, float>> parse_assignments(const std::string& text);

/// "head", "all" or "auto".
FramedPart parse_framed_part(const std::string& text);

/// What renders: auto is CUDA if it can be used, else the CPU.
enum class DeviceChoice { kAuto, kCpu, kCuda };

/// "cpu", "cuda" or "auto".
DeviceChoice parse_device(const std::string& text);

/// What the pictures show.
enum class Shading { kWhite, kTextured, kNormals, kDepth };

/// "white", "textured", "normals" or "depth".
Shading parse_shading(const std::string& text);
std::string name_of(Shading shading);

/// "a,b": names, without spaces around them; "none": no name; nothing for "auto".
std::optional<std::vector<std::string>> parse_hidden_groups(const std::string& text);

/// A message for stderr: escaped, because names in it may contain anything, and of at most about 2,000 bytes.
std::string one_line(std::string_view text);

}  // namespace bisque::cli
