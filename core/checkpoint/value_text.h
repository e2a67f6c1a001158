// Internal. Plain values as complete text: two texts are equal if and only if the values are.
#pragma once
#include <string>

#include <bisque/core/value.h>

namespace bisque {

/// Like Python's repr(): 5, -0x1p70 as an integer in hex beyond 64 bits, 1.5, nan, 'text' in double quotes, b"...", (1,
/// "a"), [1], {1, 2}, {"a": 1}, torch.float32, torch.Size([2, 3]). Sets list their members in the order of their texts.
/// A frozenset is printed as a set, an OrderedDict as a dict and a bytearray as bytes, because Python's == treats them
/// as equal. Tensors and types that files do not support are printed as their type's name.
std::string value_text(const Value& value);

/// Like Python's str(): value_text(), but strings unquoted.
std::string plain_text(const Value& value);

/// "0x1F", "-0x2": an integer of any size.
std::string hex_text(const BigInt& integer);

/// "list", "tuple", "set" or "dict" for a container, else "".
std::string container_kind(const Value& value);

}  // namespace bisque
