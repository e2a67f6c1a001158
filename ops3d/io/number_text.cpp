#include <bisque/ops3d/io/number_text.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>

namespace bisque {
namespace {

constexpr int kMaxDecimalPlaces = 100;

}  // namespace

void append_number(std::string& text, float value, int decimal_places) {
  std::array<char, 40 + 2 * kMaxDecimalPlaces> digits;
  const auto result = decimal_places < 0
                          ? std::to_chars(digits.data(), digits.data() + digits.size(), value)
                          : std::to_chars(digits.data(), digits.data() + digits.size(), value, std::chars_format::fixed,
                                          std::min(decimal_places, kMaxDecimalPlaces));
  text.append(digits.data(), result.ptr);
}

void append_number(std::string& text, int32_t value) {
  std::array<char, 16> digits;
  text.append(digits.data(), std::to_chars(digits.data(), digits.data() + digits.size(), value).ptr);
}

uint8_t color_as_uint8(float color) {
  return color > 0 ? static_cast<uint8_t>(std::lround(std::min(color, 1.0F) * 255)) : 0;
}

}  // namespace bisque
