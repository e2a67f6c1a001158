// Internal. Strict JSON of untrusted origin.
#pragma once
#include <cstddef>
#include <string>
#include <string_view>

#include <nlohmann/json_fwd.hpp>

namespace bisque {

struct JsonLimits {
  size_t max_bytes = size_t{1} << 30;
  int max_depth = 64;
};

/// The value that `text` holds, without comments, NaN, a second value, or two equal keys in one object.
/// `where` begins the message. Error: anything else, with the byte where it is known.
nlohmann::json parse_json(std::string_view text, const std::string& where, const JsonLimits& limits = {});

}  // namespace bisque
