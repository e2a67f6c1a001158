#include <bisque/core/serialization/text.h>

#include <algorithm>
#include <cstdint>
#include <cstring>
#include <filesystem>

namespace bisque {
namespace {

// The bytes of the well-formed UTF-8 sequence at the front (Unicode standard, table 3-7); 0 where there is none.
size_t sequence_length(std::string_view text, bool surrogates) {
  const auto byte = [&](size_t i) { return static_cast<uint8_t>(text[i]); };
  const uint8_t first = byte(0);
  if (first < 0x80) return 1;
  const size_t length = first >= 0xC2 && first < 0xE0   ? 2
                        : first >= 0xE0 && first < 0xF0 ? 3
                        : first >= 0xF0 && first < 0xF5 ? 4
                                                        : 0;
  if (length == 0 || text.size() < length) return 0;
  for (size_t i = 1; i < length; ++i) {
    if ((byte(i) & 0xC0) != 0x80) return 0;
  }
  const bool overlong = (first == 0xE0 && byte(1) < 0xA0) || (first == 0xF0 && byte(1) < 0x90);
  const bool surrogate = !surrogates && first == 0xED && byte(1) >= 0xA0;
  const bool too_large = first == 0xF4 && byte(1) >= 0x90;
  return overlong || surrogate || too_large ? 0 : length;
}

}  // namespace

bool is_utf8(std::string_view text, bool surrogates) {
  constexpr uint64_t kHighBits = 0x8080808080808080;
  while (!text.empty()) {
    uint64_t eight = kHighBits;
    if (text.size() >= sizeof eight) std::memcpy(&eight, text.data(), sizeof eight);
    const size_t length = (eight & kHighBits) == 0 ? sizeof eight : sequence_length(text, surrogates);
    if (length == 0) return false;
    text.remove_prefix(length);
  }
  return true;
}

std::string utf8_or_latin1(std::string_view text) {
  if (is_utf8(text)) return std::string(text);
  std::string result;
  for (const char c : text) {
    const auto byte = static_cast<uint8_t>(c);
    if (byte < 0x80) {
      result += c;
    } else {
      result += static_cast<char>(0xC0 | byte >> 6);
      result += static_cast<char>(0x80 | (byte & 0x3F));
    }
  }
  return result;
}

std::string lower_case(std::string_view text) {
  std::string result(text);
  std::transform(result.begin(), result.end(), result.begin(), [](char c) { return lower_case(c); });
  return result;
}

std::string lower_extension(const std::string& path) {
  return lower_case(std::filesystem::path(path).extension().string());
}

std::string folder_prefix(const std::string& path) { return path.substr(0, path.rfind('/') + 1); }

std::string hex_digits(std::span<const std::byte> bytes) {
  constexpr std::string_view kDigits = "0123456789abcdef";
  std::string text;
  for (const std::byte byte : bytes) {
    text += kDigits[std::to_integer<size_t>(byte >> 4)];
    text += kDigits[std::to_integer<size_t>(byte & std::byte{15})];
  }
  return text;
}

std::string printable(std::string_view text) {
  constexpr size_t kMaxBytes = 60;
  constexpr std::string_view kHex = "0123456789ABCDEF";
  // A cut goes between characters; what is no text is told byte by byte.
  std::string_view shown = text.substr(0, kMaxBytes);
  while (shown.size() < text.size() && !shown.empty() && (text[shown.size()] & 0xC0) == 0x80) shown.remove_suffix(1);
  const bool is_text = is_utf8(shown);
  std::string result;
  for (const char c : shown) {
    const auto byte = static_cast<unsigned char>(c);
    if (byte < 0x20 || (byte >= 0x80 && !is_text) || byte == 0x7F || c == '"' || c == '\\') {
      result += {'\\', 'x', kHex[byte >> 4], kHex[byte & 15]};
    } else {
      result += c;
    }
  }
  if (text.size() > shown.size()) result += "...";
  return result;
}

std::string quoted_text(std::string_view text) { return '"' + printable(text) + '"'; }

}  // namespace bisque
