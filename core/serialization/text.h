// Text of untrusted origin: its encoding, its case, and how it stands in a message.
#pragma once
#include <cstddef>
#include <span>
#include <string>
#include <string_view>

namespace bisque {

/// Bytes seen as characters.
inline std::string_view text_of(std::span<const std::byte> bytes) {
  return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
}

/// Whether it is well-formed UTF-8. With `surrogates` a lone surrogate (U+D800 to U+DFFF) may stand as three bytes, as
/// Python's "surrogatepass" writes it.
bool is_utf8(std::string_view text, bool surrogates = false);

/// The text itself where it is UTF-8; else each byte taken as a Latin-1 character, as old exporters write names.
std::string utf8_or_latin1(std::string_view text);

/// ASCII letters in lower case; other bytes stay as they are, whatever the locale.
constexpr char lower_case(char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; }
std::string lower_case(std::string_view text);

/// A file name's extension with its dot, in lower case: ".png".
std::string lower_extension(const std::string& path);

/// What stands before a path's file name, up to its last slash; empty where there is none.
std::string folder_prefix(const std::string& path);

/// Two digits a byte, in lower case.
std::string hex_digits(std::span<const std::byte> bytes);

/// `text` as it may go to a terminal: a line feed as \n, other control characters as \xNN, characters that turn or hide
/// text and lone surrogates as \uNNNN, bytes that are not UTF-8 as \xNN. Quotes and backslashes stay, and with
/// `keep_bytes` bytes from 0xA0, which are letters in file names of old systems.
std::string escaped(std::string_view text, bool keep_bytes = false);

/// The same, cut to `max_bytes` with "..." between its begin and its end.
std::string escaped_and_cut(std::string_view text, size_t max_bytes, bool keep_bytes = false);

/// escaped(), with quotes and backslashes as \xNN, too; cut short after 60 bytes.
std::string printable(std::string_view text);

/// The same between double quotes. (Not named quoted: std::quoted would be found first for a std::string.)
std::string quoted_text(std::string_view text);

/// What comes before the first line feed, cut to 200 bytes: of the errors of libraries, which go on with tables and
/// stacks.
std::string first_line(std::string_view text);

/// `names` separated by ", ", each as printable() has it.
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
