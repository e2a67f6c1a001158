// Text of untrusted origin.
#pragma once
#include <string>
#include <string_view>

namespace bisque {

/// The text itself where it is UTF-8; else each byte taken as a Latin-1 character, as old exporters write names.
std::string utf8_or_latin1(std::string_view text);

}  // namespace bisque
