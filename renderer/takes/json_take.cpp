#include <bisque/renderer/takes/json_take.h>

#include <algorithm>
#include <set>
#include <utility>

#include <nlohmann/json.hpp>

#include <bisque/core/error.h>
#include <bisque/core/serialization/text.h>
#include <bisque/renderer/takes/json_values.h>
#include <bisque/renderer/takes/rows.h>
#include <bisque/renderer/takes/shape_names.h>

namespace bisque {
namespace {

using nlohmann::json;

bool is_names_key(std::string_view key) {
  return is_key(key, {"names", "facsnames", "blendshapenames", "shapenames", "columns", "channels", "blendshapes",
                      "shapes", "targets", "targetnames", "labels"});
}

bool is_rows_key(std::string_view key) {
  return is_key(key, {"rows", "weightmat", "weights", "values", "data", "coefficients", "frames", "matrix"});
}

bool is_frames_key(std::string_view key) {
  return is_key(key, {"frames", "data", "animation", "samples", "results", "blendshapes", "keyframes", "records"});
}

bool is_list_of(const json& value, bool (*is_kind)(const json&)) {
  return value.is_array() && std::all_of(value.begin(), value.end(), is_kind);
}
bool is_text(const json& value) { return value.is_string(); }
bool is_row(const json& value) { return value.is_array() || value.is_null(); }
bool is_frame(const json& value) { return value.is_object() || value.is_null(); }
bool is_list_of_frames(const json& value) {
  const auto is_object = [](const json& frame) { return frame.is_object(); };
  return is_list_of(value, is_frame) && std::any_of(value.begin(), value.end(), is_object);
}

// Whether a name in a flat or nested object is an ARKit shape.
bool names_a_shape(const json& object) {
  for (const auto& [key, member] : object.items()) {
    if (member.is_object() ? names_a_shape(member) : is_take_value(member) && is_known_name(key)) return true;
  }
  return false;
}

/// Reads the object at the root, or the nested object that contains the take.
class ObjectReader {
 public:
  ObjectReader(const json& root, const std::string& where) : root_(root), where_(where) {}

  TakeTable run() {
    if (read(root_)) {
      // Found inside.
    } else if (names_a_shape(root_)) {
      read_json_frames(json::array({root_}), where_, table_);
    } else {
      fail(where_, ": holds no take, expected a list of frames ([{\"jawOpen\": 0.1}, ...]), {\"names\": [...], ",
           "\"rows\": [[...], ...]} or one list of numbers per name.");
    }
    if (!unread_.empty()) table_.notes.push_back("Keys that are not read: " + comma_list(unread_) + ".");
    return std::move(table_);
  }

 private:
  bool read(const json& object);
  bool read_rows(const json& object);
  bool read_frames(const json& object);
  bool read_keyed_frames(const json& object);
  bool read_columns(const json& object);
  void read_row(const json& row);
  void read_extras(const json& object, const std::set<std::string>& read_keys);
  void read_times(const std::string& key, const json& list);

  const json& root_;
  const std::string& where_;
  TakeTable table_;
  std::set<std::string> unread_;
};

bool ObjectReader::read(const json& object) {
  if (read_rows(object) || read_frames(object) || read_keyed_frames(object) || read_columns(object)) return true;
  for (const auto& [key, member] : object.items()) {
    if (!member.is_object() || !read(member)) continue;
    read_extras(object, {key});
    return true;
  }
  return false;
}

// {"names": [...], "rows": [[...], ...]}
bool ObjectReader::read_rows(const json& object) {
  std::string names_key, rows_key;
  for (const auto& [key, member] : object.items()) {
    if (names_key.empty() && is_names_key(key) && is_list_of(member, is_text)) names_key = key;
    if (rows_key.empty() && is_rows_key(key) && is_list_of(member, is_row)) rows_key = key;
  }
  if (names_key.empty() || rows_key.empty()) return false;
  table_.names = take_names(object[names_key], where_);
  table_.line_word = "frame";
  check_table_size(object[rows_key].size(), table_.names.size(), where_);
  for (const json& row : object[rows_key]) read_row(row);
  read_extras(object, {names_key, rows_key});
  return true;
}

void ObjectReader::read_row(const json& row) {
  const auto frame = static_cast<int64_t>(table_.num_rows());
  if (row.size() > table_.names.size()) {
    fail(where_, ": frame ", frame, ": has ", row.size(), " values, expected ", table_.names.size(), ", one per name.");
  }
  for (size_t i = 0; i < table_.names.size(); ++i) {
    table_.values.push_back(i < row.size() ? take_value(row[i]) : kMissingValue);
  }
  table_.lines.push_back(frame);
}

// {"frames": [{...}, ...]}
bool ObjectReader::read_frames(const json& object) {
  const auto read_list = [&](const std::string& key) {
    read_json_frames(object[key], where_, table_);
    read_extras(object, {key});
    return true;
  };
  for (const auto& [key, member] : object.items()) {
    if (is_frames_key(key) && is_list_of(member, is_frame)) return read_list(key);
  }
  for (const auto& [key, member] : object.items()) {
    if (is_list_of_frames(member)) return read_list(key);
  }
  return false;
}

// {"0": {...}, "1": {...}}
bool ObjectReader::read_keyed_frames(const json& object) {
  std::vector<std::pair<TimeCell, const json*>> frames;
  for (const auto& [key, member] : object.items()) {
    const TimeCell time = parse_time(key);
    if (time.form == TimeCell::Form::kUnreadable || !is_frame(member)) return false;
    frames.emplace_back(time, &member);
  }
  if (frames.empty()) return false;
  // Keys are sorted as text, not as numbers.
  std::stable_sort(frames.begin(), frames.end(),
                   [](const auto& a, const auto& b) { return a.first.number < b.first.number; });
  json list = json::array();
  for (const auto& [time, frame] : frames) list.push_back(*frame);
  read_json_frames(list, where_, table_);
  if (table_.time.unit != TimeUnit::kNone) return true;
  table_.time.unit = TimeUnit::kTimecode;
  table_.time.name = "key";
  for (const auto& [time, frame] : frames) table_.time.cells.push_back(time);
  return true;
}

// {"jawOpen": [...], "time": [...]}
bool ObjectReader::read_columns(const json& object) {
  std::vector<const json*> columns;
  std::set<std::string> keys;
  for (const auto& [key, member] : object.items()) {
    if (member.empty() || !is_list_of(member, is_take_value) || time_unit_of(key) != TimeUnit::kNone ||
        is_rate_key(key))
      continue;
    table_.names.push_back(key);
    columns.push_back(&member);
    keys.insert(key);
  }
  if (columns.empty()) return false;
  const size_t num_rows = columns[0]->size();
  for (size_t i = 0; i < columns.size(); ++i) {
    if (columns[i]->size() == num_rows) continue;
    fail(where_, ": ", quoted_text(table_.names[i]), " has ", columns[i]->size(), " values, expected ", num_rows,
         " as ", quoted_text(table_.names[0]), " has.");
  }
  check_table_size(num_rows, columns.size(), where_);
  table_.line_word = "frame";
  for (size_t row = 0; row < num_rows; ++row) {
    for (const json* column : columns) table_.values.push_back(take_value((*column)[row]));
    table_.lines.push_back(static_cast<int64_t>(row));
  }
  read_extras(object, keys);
  return true;
}

// The rate and the times beside the values; other keys are reported.
void ObjectReader::read_extras(const json& object, const std::set<std::string>& read_keys) {
  for (const auto& [key, member] : object.items()) {
    if (read_keys.contains(key)) continue;
    if (is_rate_key(key)) {
      if (const auto rate = take_rate(member, where_ + ": " + key)) table_.rate = rate;
    } else if (member.is_array() && time_unit_of(key) != TimeUnit::kNone) {
      read_times(key, member);
    } else if (is_key(key, {"numframes"}) && member.is_number_unsigned() &&
               member.get<uint64_t>() != table_.num_rows()) {
      table_.notes.push_back("The file declares " + member.dump() + " frames, and has " +
                             std::to_string(table_.num_rows()) + ".");
    } else if (!is_key(key, {"numframes", "numposes", "trackpath"})) {
      unread_.insert(key);
    }
  }
}

void ObjectReader::read_times(const std::string& key, const json& list) {
  if (list.size() != table_.num_rows()) {
    fail(where_, ": has ", list.size(), " ", key, ", expected ", table_.num_rows(), ", one per row.");
  }
  if (table_.time.unit != TimeUnit::kNone) {
    fail(where_, ": has both ", table_.time.name, " and ", key, ", expected at most one of them.");
  }
  table_.time.unit = time_unit_of(key);
  table_.time.name = key;
  for (const json& time : list) table_.time.cells.push_back(take_time(time));
}

}  // namespace

TakeTable parse_json_take(std::string_view text, const std::string& where) {
  const json root = parse_take_json(text, where);
  if (root.is_object()) return ObjectReader(root, where).run();
  if (!root.is_array()) fail(where, ": is neither a list of frames nor an object that holds one.");
  TakeTable table;
  read_json_frames(root, where, table);
  return table;
}

ColumnNames parse_column_names(std::string_view text, const std::string& where) {
  const json root = parse_take_json(text, where);
  const json* names = &root;
  std::optional<FrameRate> rate;
  if (root.is_object()) {
    for (const auto& [key, member] : root.items()) {
      if (is_rate_key(key)) {
        rate = take_rate(member, where + ": " + key);
      } else if (is_names_key(key)) {
        names = &member;
      } else {
        fail(where, ": has an unknown key ", quoted_text(key), ", expected names, fps.");
      }
    }
  }
  if (!names->is_array()) {
    fail(where, ": holds no list of names, expected [\"jawOpen\", ...] or {\"names\": [...], \"fps\": 60}.");
  }
  ColumnNames columns{take_names(*names, where), rate};
  check_column_names(columns.names, where);
  return columns;
}

}  // namespace bisque
