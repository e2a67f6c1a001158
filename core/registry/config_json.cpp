#include <bisque/core/registry/config_json.h>

#include <algorithm>
#include <limits>
#include <nlohmann/json.hpp>
#include <vector>

#include <bisque/core/error.h>
#include <bisque/core/serialization/json.h>
#include <bisque/core/serialization/text.h>

namespace bisque {
namespace {

using nlohmann::json;

constexpr uint64_t kLargest = std::numeric_limits<int64_t>::max();

bool is_integer(const json& value) {
  return value.is_number_integer() && !(value.is_number_unsigned() && value.get<uint64_t>() > kLargest);
}

Config::Value setting_of(const json& value, const std::string& name, const std::string& where) {
  if (value.is_null()) return std::monostate();
  if (value.is_boolean()) return value.get<bool>();
  if (is_integer(value)) return value.get<int64_t>();
  if (value.is_number()) return value.get<double>();
  if (value.is_string()) return value.get<std::string>();
  if (std::all_of(value.begin(), value.end(), is_integer)) return value.get<std::vector<int64_t>>();
  if (!std::all_of(value.begin(), value.end(), [](const json& item) { return item.is_number(); })) {
    fail(where, ": expected ", quoted_text(name), " to be an array of numbers.");
  }
  return value.get<std::vector<double>>();
}

// parse_json limits the depth.
void add_settings(Config& config, const json& object, const std::string& prefix, const std::string& where) {
  for (const auto& [name, value] : object.items()) {
    if (value.is_object()) {
      add_settings(config, value, prefix + name + ".", where);
    } else {
      config.set(prefix + name, setting_of(value, prefix + name, where));
    }
  }
}

}  // namespace

Config parse_config(std::string_view text, const std::string& where) {
  const json object = parse_json(text, where);
  if (!object.is_object()) fail(where, ": expected a JSON object, but got ", object.type_name(), ".");
  Config config;
  add_settings(config, object, "", where);
  return config;
}

}  // namespace bisque
