// Internal. What the readers of JSON takes share: lenient values, keys and rates.
#pragma once
#include <initializer_list>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <nlohmann/json_fwd.hpp>

#include <bisque/renderer/takes/take_table.h>

namespace bisque {

/// The JSON of a take, with NaN, Infinity and -Infinity as empty strings (missing values); JSON Lines are a list.
nlohmann::json parse_take_json(std::string_view text, const std::string& where);

/// `key` in lower case, letters and digits alone: "frameRate", "frame_rate" and "Frame-Rate" are one key.
std::string plain_key(std::string_view key);
bool is_key(std::string_view key, std::initializer_list<std::string_view> plain_keys);

/// A number, or a text that is one; kMissingValue otherwise.
float take_value(const nlohmann::json& value);
/// Whether it is a number, null, or text that is a number or empty.
bool is_take_value(const nlohmann::json& value);
TimeCell take_time(const nlohmann::json& value);

/// Error: an entry that is no text.
std::vector<std::string> take_names(const nlohmann::json& list, const std::string& where);

bool is_rate_key(std::string_view key);
/// Nothing for null. Error: no rate.
std::optional<FrameRate> take_rate(const nlohmann::json& value, const std::string& where);

/// The rows of a list of frames, which are objects or null.
void read_json_frames(const nlohmann::json& list, const std::string& where, TakeTable& table);

}  // namespace bisque
