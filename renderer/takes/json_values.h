// Internal. Shared by the JSON take readers: lenient values, keys and rates.
#pragma once
#include <initializer_list>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <nlohmann/json_fwd.hpp>

#include <bisque/renderer/takes/take_table.h>

namespace bisque {

/// The JSON of a take, with NaN, Infinity and -Infinity as empty strings (missing values); JSON Lines become a list.
nlohmann::json parse_take_json(std::string_view text, const std::string& where);

/// `key` in lower case with only letters and digits: "frameRate", "frame_rate" and "Frame-Rate" are one key.
std::string plain_key(std::string_view key);
bool is_key(std::string_view key, std::initializer_list<std::string_view> plain_keys);

/// A number, or a string that is one; kMissingValue otherwise.
float take_value(const nlohmann::json& value);
/// Whether it is a number, null, or a string that is a number or empty.
bool is_take_value(const nlohmann::json& value);
TimeCell take_time(const nlohmann::json& value);

/// Error: an entry that is not a string.
std::vector<std::string> take_names(const nlohmann::json& list, const std::string& where);

bool is_rate_key(std::string_view key);
/// Nothing for null. Error: not a rate.
std::optional<FrameRate> take_rate(const nlohmann::json& value, const std::string& where);

/// The rows of a list of frames, which are objects or null.
void read_json_frames(const nlohmann::json& list, const std::string& where, TakeTable& table);

}  // namespace bisque
