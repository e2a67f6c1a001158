// Names and values of untrusted files, made fit to print in a message.
#pragma once
#include <string>
#include <string_view>

namespace bisque {

/// `text` with control characters, quotes and backslashes as \xNN, cut short after 60 bytes.
std::string printable(std::string_view text);

/// The same between double quotes. (Not named quoted: std::quoted would be found first for a std::string.)
std::string quoted_text(std::string_view text);

/// `names` separated by ", ".
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
