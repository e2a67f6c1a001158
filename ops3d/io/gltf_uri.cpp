#include <bisque/ops3d/io/gltf_uri.h>

#include <algorithm>
#include <array>
#include <cstdint>
#include <filesystem>
#include <optional>

#include <bisque/core/error.h>

namespace bisque {
namespace {

std::string decode_percent(std::string_view uri) {
  const auto hex = [](char c) {
    return c >= '0' && c <= '9' ? c - '0' : (c | 32) >= 'a' && (c | 32) <= 'f' ? (c | 32) - 'a' + 10 : -1;
  };
  std::string text;
  for (size_t i = 0; i < uri.size(); ++i) {
    if (uri[i] == '%' && i + 2 < uri.size() && hex(uri[i + 1]) >= 0 && hex(uri[i + 2]) >= 0) {
      text += static_cast<char>(hex(uri[i + 1]) * 16 + hex(uri[i + 2]));
      i += 2;
    } else {
      text += uri[i];
    }
  }
  return text;
}

std::optional<std::vector<std::byte>> decode_base64(std::string_view text) {
  static constexpr std::string_view kDigits = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
  std::array<int, 256> value;
  value.fill(-1);
  for (size_t i = 0; i < kDigits.size(); ++i) value[static_cast<uint8_t>(kDigits[i])] = static_cast<int>(i);
  while (text.ends_with('=')) text.remove_suffix(1);
  std::vector<std::byte> bytes;
  bytes.reserve(text.size() / 4 * 3 + 2);
  uint32_t bits = 0;
  int count = 0;
  for (const char c : text) {
    const int digit = value[static_cast<uint8_t>(c)];
    if (digit < 0) return std::nullopt;
    bits = bits << 6 | static_cast<uint32_t>(digit);
    count += 6;
    if (count < 8) continue;
    count -= 8;
    bytes.push_back(static_cast<std::byte>(bits >> count));
  }
  return bytes;
}

// Characters that a uri may have unencoded, besides the slash between folders.
bool is_unreserved(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' || c == '.' ||
         c == '_' || c == '~';
}

}  // namespace

std::vector<std::byte> decode_data_uri(std::string_view uri, const std::string& path) {
  const size_t comma = uri.find(',');
  const std::string_view header = comma == std::string_view::npos ? "" : uri.substr(0, comma + 1);
  if (!header.ends_with(";base64,")) fail(path, " has a data: uri that is not base64.");
  auto bytes = decode_base64(uri.substr(comma + 1));
  if (!bytes) fail(path, " has a data: uri with characters that are not base64.");
  return std::move(*bytes);
}

std::string name_in_folder(const std::string& uri) {
  const std::filesystem::path name = decode_percent(uri);
  const bool leaves = std::find(name.begin(), name.end(), "..") != name.end();
  const bool is_other = uri.find(':') != std::string::npos || name.is_absolute() || leaves;
  return is_other || name.string().find('\0') != std::string::npos ? "" : name.string();
}

std::string uri_of_name(std::string_view name) {
  static constexpr char kHex[] = "0123456789ABCDEF";
  std::string uri;
  for (const char c : name) {
    if (is_unreserved(c) || c == '/') {
      uri += c;
    } else {
      const auto byte = static_cast<uint8_t>(c);
      uri += {'%', kHex[byte >> 4], kHex[byte & 15]};
    }
  }
  return uri;
}

}  // namespace bisque
