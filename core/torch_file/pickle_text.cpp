#include <bisque/core/torch_file/pickle_text.h>

#include <algorithm>
#include <charconv>
#include <cmath>
#include <cstdint>
#include <vector>

namespace bisque {
namespace {

// A code point up to U+10FFFF; a surrogate becomes three bytes, too.
void append_utf8(std::string& text, uint32_t code) {
  const auto put = [&text](uint32_t byte) { text += static_cast<char>(byte); };
  if (code < 0x80) {
    put(code);
  } else if (code < 0x800) {
    put(0xC0 | code >> 6);
    put(0x80 | (code & 0x3F));
  } else if (code < 0x10000) {
    put(0xE0 | code >> 12);
    put(0x80 | (code >> 6 & 0x3F));
    put(0x80 | (code & 0x3F));
  } else {
    put(0xF0 | code >> 18);
    put(0x80 | (code >> 12 & 0x3F));
    put(0x80 | (code >> 6 & 0x3F));
    put(0x80 | (code & 0x3F));
  }
}

// The number given by exactly `count` hexadecimal digits at the front.
std::optional<uint32_t> hex_number(std::string_view text, size_t count) {
  if (text.size() < count) return std::nullopt;
  uint32_t value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + count, value, 16);
  if (error != std::errc() || end != text.data() + count) return std::nullopt;
  return value;
}

bool is_octal(char c) { return c >= '0' && c <= '7'; }

// The byte of a one-letter escape.
std::optional<char> letter_escape(char letter) {
  constexpr std::string_view kLetters = "\\'\"abfnrtv";
  constexpr std::string_view kBytes = "\\'\"\a\b\f\n\r\t\v";
  const size_t place = kLetters.find(letter);
  if (place == std::string_view::npos) return std::nullopt;
  return kBytes[place];
}

// Appends the byte of the escape after a backslash at the front of `text`, and returns the length of the escape; 0:
// invalid.
size_t append_escape(std::string& bytes, std::string_view text) {
  if (text.empty()) return 0;
  if (text[0] == 'x') {
    const auto value = hex_number(text.substr(1), 2);
    if (value) bytes += static_cast<char>(*value);
    return value ? 3 : 0;
  }
  if (is_octal(text[0])) {
    uint32_t value = 0;
    size_t length = 0;
    for (; length < std::min<size_t>(3, text.size()) && is_octal(text[length]); ++length) {
      value = value * 8 + static_cast<uint32_t>(text[length] - '0');
    }
    bytes += static_cast<char>(value);
    return length;
  }
  if (const auto byte = letter_escape(text[0])) {
    bytes += *byte;
  } else {  // Python keeps unknown escapes unmodified
    bytes += '\\';
    bytes += text[0];
  }
  return 1;
}

void negate(std::string& bytes) {
  uint32_t carry = 1;
  for (char& c : bytes) {
    carry += static_cast<uint8_t>(~c);
    c = static_cast<char>(carry);
    carry >>= 8;
  }
}

}  // namespace

std::optional<std::string> decode_raw_unicode_escape(std::string_view text) {
  std::string result;
  while (!text.empty()) {
    const size_t backslashes = std::min(text.find_first_not_of('\\'), text.size());
    if (backslashes == 0) {
      append_utf8(result, static_cast<uint8_t>(text[0]));
      text.remove_prefix(1);
      continue;
    }
    // A backslash before u is an escape if an even number of backslashes precedes it.
    const char letter = backslashes < text.size() ? text[backslashes] : '\0';
    const bool escape = backslashes % 2 == 1 && (letter == 'u' || letter == 'U');
    result.append(backslashes - (escape ? 1 : 0), '\\');
    text.remove_prefix(backslashes);
    if (!escape) continue;
    const size_t digits = letter == 'u' ? 4 : 8;
    const auto code = hex_number(text.substr(1), digits);
    if (!code || *code > 0x10FFFF) return std::nullopt;
    append_utf8(result, *code);
    text.remove_prefix(1 + digits);
  }
  return result;
}

std::optional<std::string> decode_string_escapes(std::string_view text) {
  std::string bytes;
  while (!text.empty()) {
    if (text[0] != '\\') {
      bytes += text[0];
      text.remove_prefix(1);
      continue;
    }
    const size_t length = append_escape(bytes, text.substr(1));
    if (length == 0) return std::nullopt;
    text.remove_prefix(1 + length);
  }
  return bytes;
}

std::optional<std::string> encode_latin1(std::string_view text) {
  std::string bytes;
  bytes.reserve(text.size());
  for (size_t i = 0; i < text.size(); ++i) {
    const auto first = static_cast<uint8_t>(text[i]);
    if (first < 0x80) {
      bytes += text[i];
    } else if ((first == 0xC2 || first == 0xC3) && i + 1 < text.size()) {
      bytes += static_cast<char>((first & 3U) << 6 | (static_cast<uint8_t>(text[++i]) & 0x3FU));
    } else {
      return std::nullopt;
    }
  }
  return bytes;
}

std::string decode_latin1(std::string_view bytes) {
  std::string text;
  text.reserve(bytes.size());
  for (const char c : bytes) append_utf8(text, static_cast<uint8_t>(c));
  return text;
}

std::string_view shortest_integer(std::string_view bytes) {
  while (!bytes.empty()) {
    const bool below_is_negative = bytes.size() > 1 && (bytes[bytes.size() - 2] & 0x80) != 0;
    if (bytes.back() != (below_is_negative ? '\xFF' : '\0')) break;
    bytes.remove_suffix(1);
  }
  return bytes;
}

std::optional<std::string> decode_decimal(std::string_view digits) {
  const bool negative = digits.starts_with('-');
  if (negative || digits.starts_with('+')) digits.remove_prefix(1);
  if (digits.empty() || digits.find_first_not_of("0123456789") != std::string_view::npos) return std::nullopt;
  std::vector<uint32_t> limbs;  // least significant first
  while (!digits.empty()) {
    const size_t count = std::min<size_t>(9, digits.size());
    uint64_t scale = 1;
    uint64_t carry = 0;
    for (const char digit : digits.substr(0, count)) {
      scale *= 10;
      carry = carry * 10 + static_cast<uint64_t>(digit - '0');
    }
    for (uint32_t& limb : limbs) {
      carry += limb * scale;
      limb = static_cast<uint32_t>(carry);
      carry >>= 32;
    }
    if (carry > 0) limbs.push_back(static_cast<uint32_t>(carry));
    digits.remove_prefix(count);
  }
  std::string bytes;
  for (const uint32_t limb : limbs) {
    for (int shift = 0; shift < 32; shift += 8) bytes += static_cast<char>(limb >> shift);
  }
  bytes += '\0';  // the sign
  if (negative) negate(bytes);
  return std::string(shortest_integer(bytes));
}

std::string integer_bytes(double value) {
  constexpr int kDigits = 53;
  int exponent = 0;
  const double fraction = std::frexp(std::fabs(value), &exponent);  // |value| = fraction * 2^exponent
  const auto digits = static_cast<uint64_t>(std::ldexp(fraction, kDigits));
  const int shift = exponent - kDigits;  // above 0, as |value| >= 2^63
  std::string bytes(static_cast<size_t>(shift / 8), '\0');
  const uint64_t high = digits << (shift % 8);
  for (int i = 0; i < 64; i += 8) bytes += static_cast<char>(high >> i);
  bytes += '\0';  // the sign
  if (value < 0) negate(bytes);
  return std::string(shortest_integer(bytes));
}

}  // namespace bisque
