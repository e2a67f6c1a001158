// Internal. Plain values as text, the whole value and nothing else: two texts are equal where the values are.
#pragma once
#include <string>

#include <bisque/core/value.h>

namespace bisque {

/// As Python's repr() has it: 5, -0x1p70 as an integer in hex beyond 64 bits, 1.5, nan, 'text' in double quotes,
/// b"...", (1, "a"), [1], {1, 2}, {"a": 1}, torch.float32, torch.Size([2, 3]). Sets list their members in the order of
/// their texts; a frozenset is a set, an OrderedDict a dict and a bytearray bytes, to which Python's == says they are
/// equal. Of a tensor, and of a type that files do not have, only the type's name.
std::string value_text(const Value& value);

/// As Python's str() has it: value_text(), but text as it is.
std::string plain_text(const Value& value);

/// "0x1F", "-0x2": an integer of any size.
std::string hex_text(const BigInt& integer);

/// "list", "tuple", "set" or "dict" of a container, else "".
std::string container_kind(const Value& value);

}  // namespace bisque
