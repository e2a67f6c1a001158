// Internal. Strict parsing of untrusted JSON.
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

/// The value of `text`, without comments, NaN, a second value, or two equal keys in one object. `where` is the prefix
/// of messages. Error: anything else, with the byte if it is known.
nlohmann::json parse_json(std::string_view text, const std::string& where, const JsonLimits& limits = {});

}  // namespace bisque
