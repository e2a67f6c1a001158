#include <bisque/core/serialization/text.h>

#include <algorithm>
#include <cstdint>
#include <cstring>
#include <filesystem>

namespace bisque {
namespace {

// The bytes of the well-formed UTF-8 sequence at the front (Unicode standard, table 3-7); 0 if there is none.
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

bool is_continuation(char byte) { return (byte & 0xC0) == 0x80; }

// At most `max_bytes` from the front, split between characters.
std::string_view whole_characters(std::string_view text, size_t max_bytes) {
  std::string_view shown = text.substr(0, max_bytes);
  while (shown.size() < text.size() && !shown.empty() && is_continuation(text[shown.size()])) shown.remove_suffix(1);
  return shown;
}

uint32_t code_point(std::string_view sequence) {
  const auto byte = [&](size_t i) { return static_cast<uint32_t>(static_cast<uint8_t>(sequence[i])); };
  if (sequence.size() == 1) return byte(0);
  uint32_t point = byte(0) & (0x7Fu >> sequence.size());
  for (size_t i = 1; i < sequence.size(); ++i) point = point << 6 | (byte(i) & 0x3F);
  return point;
}

// Control characters, line ends, direction overrides and invisible characters; lone surrogates.
bool is_unsafe(uint32_t point) {
  return point < 0x20 || (point >= 0x7F && point < 0xA0) || point == 0x200E || point == 0x200F ||
         (point >= 0x2028 && point <= 0x202E) || (point >= 0x2066 && point <= 0x2069) || point == 0xFEFF ||
         (point >= 0xD800 && point < 0xE000);
}

void append_hex(std::string& result, const char* prefix, uint32_t value, int digits) {
  constexpr std::string_view kHex = "0123456789ABCDEF";
  result += prefix;
  while (digits-- > 0) result += kHex[value >> (4 * digits) & 15];
}

void append_escaped(std::string& result, std::string_view text, bool with_quotes, bool keep_bytes = false) {
  while (!text.empty()) {
    const size_t length = sequence_length(text, /*surrogates=*/true);
    const std::string_view sequence = text.substr(0, std::max<size_t>(length, 1));
    const uint32_t point = length == 0 ? static_cast<uint8_t>(text[0]) : code_point(sequence);
    text.remove_prefix(sequence.size());
    const bool is_quote = with_quotes && (point == '"' || point == '\\');
    if (point == '\n' && !with_quotes) {
      result += "\\n";
    } else if (length == 0 && keep_bytes && point >= 0xA0) {
      result += sequence;
    } else if (length == 0 || (length == 1 && is_unsafe(point)) || is_quote) {
      append_hex(result, "\\x", point, 2);
    } else if (is_unsafe(point)) {
      append_hex(result, "\\u", point, 4);
    } else {
      result += sequence;
    }
  }
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

std::string escaped(std::string_view text, bool keep_bytes) {
  std::string result;
  append_escaped(result, text, /*with_quotes=*/false, keep_bytes);
  return result;
}

std::string escaped_and_cut(std::string_view text, size_t max_bytes, bool keep_bytes) {
  std::string all = escaped(text, keep_bytes);
  if (all.size() <= max_bytes) return all;
  size_t end = all.size() - max_bytes / 2;
  while (end < all.size() && is_continuation(all[end])) ++end;
  return std::string(whole_characters(all, max_bytes / 2)) + "..." + all.substr(end);
}

std::string printable(std::string_view text) {
  constexpr size_t kMaxBytes = 60;
  const std::string_view shown = whole_characters(text, kMaxBytes);
  std::string result;
  append_escaped(result, shown, /*with_quotes=*/true);
  if (text.size() > shown.size()) result += "...";
  return result;
}

std::string first_line(std::string_view text) {
  constexpr size_t kMaxBytes = 200;
  return escaped_and_cut(text.substr(0, text.find('\n')), kMaxBytes);
}

std::string quoted_text(std::string_view text) { return '"' + printable(text) + '"'; }

}  // namespace bisque
