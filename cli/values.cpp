#include "cli/values.h"

#include <charconv>
#include <cmath>
#include <iterator>
#include <map>
#include <sstream>

#include <bisque/core/error.h>
#include <bisque/core/serialization/text.h>

namespace bisque::cli {
namespace {

constexpr const char* kShadings[] = {"white", "textured", "normals", "depth"};  // in the order of Shading

std::string_view trimmed(std::string_view text) {
  const size_t first = text.find_first_not_of(' ');
  return first == std::string_view::npos ? std::string_view()
                                         : text.substr(first, text.find_last_not_of(' ') - first + 1);
}

template <class T>
std::optional<T> number(std::string_view text) {
  if (text.size() > 1 && text[0] == '+' && text[1] != '-') text.remove_prefix(1);  // from_chars does not accept it
  T value{};
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc() || end != text.data() + text.size()) return std::nullopt;
  return value;
}

std::optional<Color> hex_color(std::string_view digits) {
  if (digits.size() != 3 && digits.size() != 6) return std::nullopt;
  Color color;
  const size_t step = digits.size() / 3;
  for (size_t i = 0; i < 3; ++i) {
    const auto part = digits.substr(i * step, step);
    int value = 0;
    const auto [end, error] = std::from_chars(part.data(), part.data() + part.size(), value, 16);
    if (error != std::errc() || end != part.data() + part.size()) return std::nullopt;
    color[i] = static_cast<float>(step == 1 ? value * 17 : value) / 255;
  }
  return color;
}

}  // namespace

PictureSize parse_size(const std::string& text) {
  constexpr int64_t kMaxSide = 16384;
  const size_t cross = text.find_first_of("xX");
  const auto width = number<int64_t>(std::string_view(text).substr(0, cross));
  const auto height = cross == std::string::npos ? width : number<int64_t>(std::string_view(text).substr(cross + 1));
  if (!width || !height || *width < 1 || *height < 1 || *width > kMaxSide || *height > kMaxSide) {
    fail("--size is \"", text, "\"; expected a side or WIDTHxHEIGHT in pixels, from 1 to ", kMaxSide, ".");
  }
  return {*width, *height};
}

std::optional<Color> parse_background(const std::string& text) {
  static const std::map<std::string_view, Color> names = {
      {"white", {1, 1, 1}}, {"black", {0, 0, 0}}, {"gray", {0.5f, 0.5f, 0.5f}}, {"grey", {0.5f, 0.5f, 0.5f}}};
  if (text == "transparent") return std::nullopt;
  if (const auto found = names.find(text); found != names.end()) return found->second;
  if (text.starts_with("#")) {
    if (const auto color = hex_color(std::string_view(text).substr(1))) return color;
  }
  fail("--background is \"", text, "\"; expected #rrggbb, white, black, gray or transparent.");
}

double parse_real(std::string_view option, std::string_view text) {
  const auto value = number<double>(text);
  if (!value || !std::isfinite(*value)) fail(option, " is \"", text, "\"; expected a number.");
  return *value;
}

int64_t parse_integer(std::string_view option, std::string_view text) {
  const auto value = number<int64_t>(text);
  if (!value) fail(option, " is \"", text, "\"; expected a whole number.");
  return *value;
}

std::vector<std::pair<std::string, float>> parse_assignments(const std::string& text) {
  std::vector<std::pair<std::string, float>> assignments;
  std::string_view rest = text;
  while (!rest.empty()) {
    const auto part = rest.substr(0, rest.find(','));
    rest = part.size() == rest.size() ? std::string_view() : rest.substr(part.size() + 1);
    const size_t equals = part.find('=');
    const auto name = trimmed(part.substr(0, equals));
    const auto value =
        equals == std::string_view::npos ? std::nullopt : number<float>(trimmed(part.substr(equals + 1)));
    if (name.empty() || !value || !std::isfinite(*value)) {
      fail("--set has \"", part, "\"; expected NAME=NUMBER, as in jawOpen=0.7.");
    }
    assignments.emplace_back(name, *value);
  }
  return assignments;
}

FramedPart parse_framed_part(const std::string& text) {
  if (text == "auto") return FramedPart::kAuto;
  if (text == "head") return FramedPart::kHead;
  if (text == "all") return FramedPart::kAll;
  fail("--frame is \"", text, "\"; expected head, all or auto.");
}

DeviceChoice parse_device(const std::string& text) {
  if (text == "auto") return DeviceChoice::kAuto;
  if (text == "cpu") return DeviceChoice::kCpu;
  if (text == "cuda") return DeviceChoice::kCuda;
  fail("--device is \"", text, "\"; expected cpu, cuda or auto.");
}

Shading parse_shading(const std::string& text) {
  for (size_t i = 0; i < std::size(kShadings); ++i) {
    if (text == kShadings[i]) return static_cast<Shading>(i);
  }
  fail("--shading is \"", text, "\"; expected white, textured, normals or depth.");
}

std::string name_of(Shading shading) { return kShadings[static_cast<size_t>(shading)]; }

std::optional<std::vector<std::string>> parse_hidden_groups(const std::string& text) {
  if (text == "auto") return std::nullopt;
  std::vector<std::string> names;
  if (text == "none") return names;
  std::istringstream parts(text);
  for (std::string name; std::getline(parts, name, ',');) names.emplace_back(trimmed(name));
  return names;
}

std::string one_line(std::string_view text) {
  constexpr size_t kMaxBytes = 2000;
  return escaped_and_cut(text, kMaxBytes, /*keep_bytes=*/true);
}

}  // namespace bisque::cli
