// Untrusted text: its encoding, its case, and its form in messages.
#pragma once
#include <cstddef>
#include <span>
#include <string>
#include <string_view>

namespace bisque {

/// Views bytes as characters.
inline std::string_view text_of(std::span<const std::byte> bytes) {
  return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
}

/// Whether it is well-formed UTF-8. With `surrogates`, lone surrogates (U+D800 to U+DFFF) may be encoded as three
/// bytes, like Python's "surrogatepass".
bool is_utf8(std::string_view text, bool surrogates = false);

/// The text itself if it is UTF-8; otherwise each byte as a Latin-1 character, as old exporters write names.
std::string utf8_or_latin1(std::string_view text);

/// ASCII letters in lower case; other bytes do not change, in any locale.
constexpr char lower_case(char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; }
std::string lower_case(std::string_view text);

/// A file name's extension with its dot, in lower case: ".png".
std::string lower_extension(const std::string& path);

/// The part of a path before its file name, up to its last slash; empty if there is none.
std::string folder_prefix(const std::string& path);

/// Two lower-case digits per byte.
std::string hex_digits(std::span<const std::byte> bytes);

/// `text` in a form that is safe for a terminal: a line feed as
/// , other control characters as \xNN, characters that reverse or hide text and lone surrogates as \uNNNN, bytes that
/// are not UTF-8 as \xNN. Quotes and backslashes do not change; with `keep_bytes`, neither do bytes from 0xA0, which
/// are letters in file names of old systems.
std::string escaped(std::string_view text, bool keep_bytes = false);

/// The same, shortened to `max_bytes` with "..." in the middle.
std::string escaped_and_cut(std::string_view text, size_t max_bytes, bool keep_bytes = false);

/// escaped(), with quotes and backslashes also as \xNN; shortened to 60 bytes.
std::string printable(std::string_view text);

/// The same in double quotes. (Not named quoted: std::quoted would be found first for a std::string.)
std::string quoted_text(std::string_view text);

/// The text before the first line feed, shortened to 200 bytes; for errors of libraries, which may continue with tables
/// and stacks.
std::string first_line(std::string_view text);

/// `names` separated by ", ", each as printable().
template <class Names>
std::string comma_list(const Names& names) {
  std::string text;
  for (const auto& name : names) {
    if (!text.empty()) text += ", ";
    text += printable(name);
  }
  return text;
}

}  // namespace bisque
