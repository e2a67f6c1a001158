// Internal. How pickles spell text and integers.
#pragma once
#include <optional>
#include <string>
#include <string_view>

namespace bisque {

/// Python's raw-unicode-escape (the UNICODE opcode) as UTF-8; nothing where an escape is broken.
std::optional<std::string> decode_raw_unicode_escape(std::string_view text);

/// The bytes of a Python string literal without its quotes; nothing where an escape is broken.
std::optional<std::string> decode_string_escapes(std::string_view text);

/// The bytes whose Latin-1 characters UTF-8 `text` holds; nothing where a character is above U+00FF.
std::optional<std::string> encode_latin1(std::string_view text);

/// The characters that Latin-1 `bytes` stand for, as UTF-8.
std::string decode_latin1(std::string_view bytes);

/// Little-endian two's complement without needless bytes: a view of `bytes`.
std::string_view shortest_integer(std::string_view bytes);

/// Decimal digits, with a sign or without, as shortest_integer() has them; nothing where they are something else.
std::optional<std::string> decode_decimal(std::string_view digits);

/// A whole and finite `value` of 2^63 or more in magnitude, as shortest_integer() has it.
std::string integer_bytes(double value);

}  // namespace bisque
