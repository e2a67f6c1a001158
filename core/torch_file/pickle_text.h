// Internal. How pickles encode text and integers.
#pragma once
#include <optional>
#include <string>
#include <string_view>

namespace bisque {

/// Python's raw-unicode-escape (the UNICODE opcode) as UTF-8; nothing if an escape is invalid.
std::optional<std::string> decode_raw_unicode_escape(std::string_view text);

/// The bytes of a Python string literal without its quotes; nothing if an escape is invalid.
std::optional<std::string> decode_string_escapes(std::string_view text);

/// Converts UTF-8 to Latin-1; nothing if a character is above U+00FF.
std::optional<std::string> encode_latin1(std::string_view text);

/// Converts Latin-1 to UTF-8.
std::string decode_latin1(std::string_view bytes);

/// Little-endian two's complement without redundant bytes: a view of `bytes`.
std::string_view shortest_integer(std::string_view bytes);

/// Converts decimal digits, with an optional sign, to the form of shortest_integer(); nothing if they are invalid.
std::optional<std::string> decode_decimal(std::string_view digits);

/// A finite integral `value` of magnitude 2^63 or more, in the form of shortest_integer().
std::string integer_bytes(double value);

}  // namespace bisque
