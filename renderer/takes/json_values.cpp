#include <bisque/renderer/takes/json_values.h>

#include <algorithm>
#include <charconv>

#include <nlohmann/json.hpp>

#include <bisque/core/error.h>
#include <bisque/core/serialization/json.h>
#include <bisque/core/serialization/text.h>
#include <bisque/renderer/takes/delimited_text.h>
#include <bisque/renderer/takes/frame_rate.h>
#include <bisque/renderer/takes/rows.h>

namespace bisque {
namespace {

using nlohmann::json;

// An hour at 60 Hz takes about 160 MB; parsed it takes several times as much memory.
constexpr JsonLimits kLimits{.max_bytes = size_t{256} << 20, .max_depth = 16};

std::optional<double> number_of(const json& value) {
  if (value.is_number()) return value.get<double>();
  if (!value.is_string()) return std::nullopt;
  const std::string_view text = trimmed(value.get_ref<const std::string&>());
  double number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error != std::errc() || end != text.data() + text.size()) return std::nullopt;
  return number;
}

// Replaces NaN, Infinity and -Infinity outside strings by an empty string of the same length, so byte positions in
// messages stay correct. Returns `text` itself if there is none.
std::string_view without_nan(std::string_view text, std::string& copy) {
  constexpr std::string_view kWords[] = {"NaN", "-Infinity", "Infinity"};
  bool is_string = false;
  for (size_t i = 0; i < text.size(); ++i) {
    if (text[i] == '"') is_string = !is_string;
    if (is_string) {
      i += text[i] == '\\' ? 1 : 0;
      continue;
    }
    if (text[i] != 'N' && text[i] != 'I' && text[i] != '-') continue;
    for (const std::string_view word : kWords) {
      if (!text.substr(i).starts_with(word)) continue;
      if (copy.empty()) copy = text;
      copy.replace(i, word.size(), "\"\"" + std::string(word.size() - 2, ' '));
      i += word.size() - 1;
      break;
    }
  }
  return copy.empty() ? text : copy;
}

// JSON Lines, one object per line, as a list: no other JSON has only a line end between two objects. Returns `text`
// itself for other JSON.
std::string_view list_of_lines(std::string_view text, std::string& copy) {
  for (size_t brace = text.find('}'); brace != std::string_view::npos; brace = text.find('}', brace + 1)) {
    const size_t next = text.find_first_not_of(" \t\r\n", brace + 1);
    if (next == std::string_view::npos) break;
    if (text[next] != '{') continue;
    const size_t line_end = text.substr(0, next).find('\n', brace);
    if (line_end == std::string_view::npos) continue;
    if (copy.empty()) copy = "[" + std::string(text) + "]";
    copy[line_end + 1] = ',';
  }
  return copy.empty() ? text : copy;
}

}  // namespace

json parse_take_json(std::string_view text, const std::string& where) {
  std::string converted, lines, copy;
  text = decode_text(text, converted);
  if (text.size() <= kLimits.max_bytes) text = without_nan(list_of_lines(text, lines), copy);
  return parse_json(text, where, kLimits);
}

std::string plain_key(std::string_view key) {
  std::string plain;
  for (const char c : lower_case(key)) {
    if ((c >= 'a' && c <= 'z') || (c >= '0' && c <= '9')) plain += c;
  }
  return plain;
}

bool is_key(std::string_view key, std::initializer_list<std::string_view> plain_keys) {
  return std::find(plain_keys.begin(), plain_keys.end(), plain_key(key)) != plain_keys.end();
}

float take_value(const json& value) {
  const auto number = number_of(value);
  return number ? value_or_missing(*number) : kMissingValue;
}

bool is_take_value(const json& value) {
  return value.is_null() || number_of(value) || (value.is_string() && value.get_ref<const std::string&>().empty());
}

TimeCell take_time(const json& value) {
  if (value.is_string()) return parse_time(trimmed(value.get_ref<const std::string&>()));
  return value.is_number() ? time_from_number(value.get<double>()) : TimeCell{};
}

std::vector<std::string> take_names(const json& list, const std::string& where) {
  std::vector<std::string> names;
  for (const json& name : list) {
    if (!name.is_string()) {
      fail(where, ": name ", names.size() + 1, " is ", quoted_text(name.dump()), ", expected a string.");
    }
    names.push_back(name.get<std::string>());
  }
  return names;
}

bool is_rate_key(std::string_view key) {
  return is_key(key, {"fps", "exportfps", "framerate", "framespersecond", "rate", "hz"});
}

std::optional<FrameRate> take_rate(const json& value, const std::string& where) {
  if (value.is_null()) return std::nullopt;
  if (value.is_number()) return parse_frame_rate(value.dump(), where);
  if (value.is_string()) return parse_frame_rate(value.get_ref<const std::string&>(), where);
  const auto is_integer = [](const json& number) { return number.is_number_integer(); };
  if (value.is_array() && value.size() == 2 && std::all_of(value.begin(), value.end(), is_integer)) {
    return checked_frame_rate(value[0].get<int64_t>(), value[1].get<int64_t>(), where);
  }
  fail(where, ": is ", quoted_text(value.dump()), ", expected a number or two integers such as [30000, 1001].");
}

}  // namespace bisque
