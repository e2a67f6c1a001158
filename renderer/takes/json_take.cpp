#include <bisque/renderer/takes/json_take.h>

#include <algorithm>
#include <initializer_list>

#include <nlohmann/json.hpp>

#include <bisque/core/error.h>
#include <bisque/core/serialization/json.h>
#include <bisque/core/serialization/text.h>
#include <bisque/renderer/takes/frame_rate.h>
#include <bisque/renderer/takes/rows.h>
#include <bisque/renderer/takes/timecode.h>

namespace bisque {
namespace {

using nlohmann::json;

// An hour at 60 Hz takes about 160 MB; parsed it takes several times as much memory.
constexpr JsonLimits kLimits{.max_bytes = size_t{256} << 20, .max_depth = 4};

std::string frame_where(const std::string& where, size_t frame) { return where + ": frame " + std::to_string(frame); }

float parse_value(const json& value, const std::string& name, const std::string& where) {
  const auto refuse = [&](const char* expected) {
    fail(where, ": ", quoted_text(name), " is ", quoted_text(value.dump()), ", expected ", expected, ".");
  };
  if (!value.is_number()) refuse("a number");
  if (!fits_float(value.get<double>())) refuse("a number that a float32 holds");
  return value.get<float>();
}

void check_keys(const json& object, std::initializer_list<std::string_view> known, const std::string& where) {
  for (const auto& [key, value] : object.items()) {
    if (std::find(known.begin(), known.end(), key) == known.end()) {
      fail(where, ": has an unknown key ", quoted_text(key), ", expected ", comma_list(known), ".");
    }
  }
}

const json& list_member(const json& object, const char* key, const std::string& where) {
  const auto found = object.find(key);
  if (found == object.end() || !found->is_array()) {
    fail(where, ": has no list ", quoted_text(key),
         ", expected {\"names\": [...], \"rows\": [[...], ...]} or a list of objects.");
  }
  return *found;
}

std::vector<std::string> parse_names(const json& list, const std::string& where) {
  std::vector<std::string> names;
  for (const json& name : list) {
    if (!name.is_string())
      fail(where, ": name ", names.size() + 1, " is ", quoted_text(name.dump()), ", expected a string.");
    names.push_back(name.get<std::string>());
  }
  check_column_names(names, where);
  return names;
}

std::optional<FrameRate> parse_fps(const json& object, const std::string& where) {
  const auto fps = object.find("fps");
  if (fps == object.end()) return std::nullopt;
  const std::string fps_where = where + ": fps";
  if (fps->is_number()) return parse_frame_rate(fps->dump(), fps_where);
  const auto is_integer = [](const json& value) { return value.is_number_integer(); };
  if (fps->is_array() && fps->size() == 2 && std::all_of(fps->begin(), fps->end(), is_integer)) {
    return checked_frame_rate((*fps)[0].get<int64_t>(), (*fps)[1].get<int64_t>(), fps_where);
  }
  fail(fps_where, ": is ", quoted_text(fps->dump()), ", expected a number or two integers such as [30000, 1001].");
}

void check_count(const json& list, const char* key, size_t num_rows, const std::string& where) {
  if (list.size() != num_rows) {
    fail(where, ": has ", list.size(), " ", key, ", expected ", num_rows, " as there are rows.");
  }
}

void place_frames(const json& list, const std::string& where, TakeRows& rows) {
  for (const json& frame : list) {
    const std::string here = where + ": frames entry " + std::to_string(rows.frames.size());
    if (!frame.is_number()) fail(here, ": is ", quoted_text(frame.dump()), ", expected a number.");
    const auto time = frame.get<double>();
    if (!rows.frames.empty() && time < rows.frames.back()) {
      fail(here, ": is less than the entry before, expected rising times.");
    }
    rows.frames.push_back(time);
  }
}

void place_rows(const json& root, size_t num_rows, const std::optional<FrameRate>& rate, const std::string& where,
                TakeRows& rows) {
  const bool has_frames = root.contains("frames");
  const bool has_timecodes = root.contains("timecodes");
  if (has_frames && has_timecodes) fail(where, ": has both frames and timecodes, expected at most one of them.");
  if (has_timecodes) {
    const json& list = list_member(root, "timecodes", where);
    check_count(list, "timecodes", num_rows, where);
    std::vector<Timecode> timecodes;
    for (const json& text : list) {
      const auto timecode = text.is_string() ? parse_timecode(text.get_ref<const std::string&>()) : std::nullopt;
      if (!timecode) {
        fail(where, ": timecodes entry ", timecodes.size(), ": is ", quoted_text(text.dump()),
             ", expected \"HH:MM:SS:FF.fff\".");
      }
      timecodes.push_back(*timecode);
    }
    place_timecodes(
        timecodes, rate, [&](size_t row) { return frame_where(where, row); }, rows);
    return;
  }
  place_one_after_another(static_cast<int64_t>(num_rows), rate, rows);
  if (!has_frames) return;
  const json& list = list_member(root, "frames", where);
  check_count(list, "frames", num_rows, where);
  rows.frames.clear();
  place_frames(list, where, rows);
}

TakeRows parse_rows(const json& root, const std::string& where, const std::optional<FrameRate>& rate) {
  check_keys(root, {"names", "rows", "fps", "frames", "timecodes"}, where);
  TakeRows rows;
  rows.names = parse_names(list_member(root, "names", where), where);
  const json& list = list_member(root, "rows", where);
  if (list.empty()) fail(where, ": holds no frame.");
  for (size_t frame = 0; frame < list.size(); ++frame) {
    const json& row = list[frame];
    if (!row.is_array() || row.size() != rows.names.size()) {
      fail(frame_where(where, frame), ": is no list of ", rows.names.size(), " values as there are names.");
    }
    for (size_t i = 0; i < row.size(); ++i) {
      rows.values.push_back(parse_value(row[i], rows.names[i], frame_where(where, frame)));
    }
  }
  const auto fps = parse_fps(root, where);
  place_rows(root, list.size(), rate ? rate : fps, where, rows);
  return rows;
}

TakeRows parse_objects(const json& root, const std::string& where, const std::optional<FrameRate>& rate) {
  if (root.empty()) fail(where, ": holds no frame.");
  TakeRows rows;
  for (size_t frame = 0; frame < root.size(); ++frame) {
    const json& object = root[frame];
    const std::string here = frame_where(where, frame);
    if (!object.is_object())
      fail(here, ": is ", quoted_text(object.dump()), ", expected an object of names and values.");
    if (frame == 0) {
      for (const auto& [name, value] : object.items()) rows.names.push_back(name);
      check_column_names(rows.names, here);
    }
    for (const std::string& name : rows.names) {
      const auto value = object.find(name);
      if (value == object.end()) fail(here, ": lacks ", quoted_text(name), ", which frame 0 has.");
      rows.values.push_back(parse_value(*value, name, here));
    }
    if (object.size() == rows.names.size()) continue;
    for (const auto& [name, value] : object.items()) {
      if (!root[0].contains(name)) fail(here, ": has ", quoted_text(name), ", which frame 0 lacks.");
    }
  }
  place_one_after_another(static_cast<int64_t>(root.size()), rate, rows);
  return rows;
}

}  // namespace

TakeRows parse_json_take(std::string_view text, const std::string& where, const std::optional<FrameRate>& rate) {
  const json root = parse_json(text, where, kLimits);
  if (root.is_array()) return parse_objects(root, where, rate);
  if (root.is_object()) return parse_rows(root, where, rate);
  fail(where, ": is neither a list of objects nor an object with names and rows.");
}

ColumnNames parse_column_names(std::string_view text, const std::string& where) {
  const json root = parse_json(text, where, kLimits);
  if (root.is_array()) return {parse_names(root, where), std::nullopt};
  if (!root.is_object() || !root.contains("names") || !root["names"].is_array()) {
    fail(where, ": holds no list of names, expected [\"jawOpen\", ...] or {\"names\": [...], \"fps\": 60}.");
  }
  check_keys(root, {"names", "fps"}, where);
  return {parse_names(root["names"], where), parse_fps(root, where)};
}

}  // namespace bisque
