#include <bisque/core/serialization/json.h>

#include <set>
#include <vector>

#include <nlohmann/json.hpp>

#include <bisque/core/error.h>

namespace bisque {

using nlohmann::json;

json parse_json(std::string_view text, const std::string& where, const JsonLimits& limits) {
  if (text.size() > limits.max_bytes) {
    fail(where, ": holds ", text.size(), " bytes of JSON, expected at most ", limits.max_bytes, ".");
  }
  std::vector<std::set<std::string>> keys;  // of the objects that are open; arrays have an empty set
  const auto check = [&](int depth, json::parse_event_t event, const json& value) {
    using Event = json::parse_event_t;
    if (event == Event::object_start || event == Event::array_start) {
      if (depth >= limits.max_depth)
        fail(where, ": JSON is nested deeper than ", limits.max_depth, " levels.");
      keys.emplace_back();
    } else if (event == Event::object_end || event == Event::array_end) {
      keys.pop_back();
    } else if (event == Event::key) {
      const auto& key = value.get_ref<const std::string&>();
      if (!keys.back().insert(key).second)
        fail(where, ": JSON key ", value.dump(), " appears twice in one object.");
    }
    return true;
  };
  try {
    return json::parse(text, check);
  } catch (const json::parse_error& error) {
    fail(where, ": byte ", error.byte, " of the JSON is not what JSON allows there.");
  } catch (const json::exception& error) {
    fail(where, ": JSON holds a value out of range (", error.what(), ").");
  }
}

}  // namespace bisque
