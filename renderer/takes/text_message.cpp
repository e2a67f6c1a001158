#include <bisque/renderer/takes/text_message.h>

namespace bisque {

std::string printable(std::string_view text) {
  constexpr size_t kMaxBytes = 60;
  constexpr std::string_view kHex = "0123456789ABCDEF";
  std::string result;
  for (const char c : text.substr(0, kMaxBytes)) {
    const auto byte = static_cast<unsigned char>(c);
    if (byte < 0x20 || byte == 0x7F || c == '"' || c == '\\') {
      result += {'\\', 'x', kHex[byte >> 4], kHex[byte & 15]};
    } else {
      result += c;
    }
  }
  if (text.size() > kMaxBytes) result += "...";
  return result;
}

std::string quoted_text(std::string_view text) { return '"' + printable(text) + '"'; }

}  // namespace bisque
