// Lists of frames: flat or nested objects of names and values, and MediaPipe's categories.
#include <algorithm>
#include <set>
#include <unordered_map>
#include <utility>

#include <nlohmann/json.hpp>

#include <bisque/core/error.h>
#include <bisque/core/serialization/text.h>
#include <bisque/renderer/takes/json_values.h>
#include <bisque/renderer/takes/rows.h>

namespace bisque {
namespace {

using nlohmann::json;

// Objects and lists whose members are shapes by their own names.
bool holds_shapes(std::string_view key) {
  return is_key(key, {"blendshapes",
                      "blendshape",
                      "faceblendshapes",
                      "categories",
                      "shapes",
                      "weights",
                      "coefficients",
                      "values",
                      "expressions",
                      "morphs",
                      "morphtargets",
                      "targets",
                      "arkit",
                      "arkitblendshapes",
                      "facs",
                      "scores",
                      "data",
                      "face",
                      "faces",
                      "bs",
                      "classifications"});
}

// The name and the value of {"categoryName": "jawOpen", "score": 0.1}.
std::pair<const json*, const json*> find_category(const json& object) {
  const json *name = nullptr, *value = nullptr;
  for (const auto& [key, member] : object.items()) {
    if (member.is_string() && is_key(key, {"categoryname", "name", "blendshape", "shape", "key", "label"}) &&
        !member.get_ref<const std::string&>().empty()) {
      name = &member;
    }
    if (is_take_value(member) && is_key(key, {"score", "value", "weight", "coefficient"})) value = &member;
  }
  return {name, value};
}

bool is_category_list(const json& list) {
  return !list.empty() && std::all_of(list.begin(), list.end(), [](const json& entry) {
    return entry.is_object() && find_category(entry).first != nullptr && find_category(entry).second != nullptr;
  });
}

/// Collects the values of all frames, which may have different names.
class FrameReader {
 public:
  FrameReader(const std::string& where, TakeTable& table) : where_(where), table_(table) {}

  void read(const json& list) {
    if (is_category_list(list)) {
      read_frame(list);
    } else {
      for (const json& frame : list) read_frame(frame);
    }
    fill_table();
  }

 private:
  struct Value {
    size_t column;
    float value;
  };

  void read_frame(const json& frame);
  void read_object(const json& object, const std::string& prefix);
  void read_member(const std::string& key, const json& value, const std::string& prefix);
  void read_categories(const json& list);
  void read_time(const std::string& key, const json& value);
  void add(const std::string& name, float value);
  void fill_table();

  const std::string& where_;
  TakeTable& table_;
  std::unordered_map<std::string, size_t> columns_;
  std::vector<std::vector<Value>> frames_;
  std::vector<TimeCell> times_;
  std::set<std::string> unread_;
  size_t further_faces_ = 0;
};

void FrameReader::read_frame(const json& frame) {
  frames_.emplace_back();
  times_.emplace_back();
  if (frame.is_object()) {
    read_object(frame, "");
  } else if (frame.is_array()) {
    read_member("faces", frame, "");
  } else if (!frame.is_null()) {
    fail(where_, ": frame ", frames_.size() - 1, ": is ", quoted_text(frame.dump()),
         ", expected an object of names and values.");
  }
}

void FrameReader::read_object(const json& object, const std::string& prefix) {
  const auto [name, value] = find_category(object);
  if (name != nullptr && value != nullptr) {
    add(name->get<std::string>(), take_value(*value));
    return;
  }
  for (const auto& [key, member] : object.items()) read_member(key, member, prefix);
}

void FrameReader::read_member(const std::string& key, const json& value, const std::string& prefix) {
  if (prefix.empty() && time_unit_of(key) != TimeUnit::kNone && !value.is_structured()) {
    read_time(key, value);
  } else if (is_key(key, {"headindex", "headname"})) {
    unread_.insert(key);  // MediaPipe's number of a face
  } else if (value.is_object()) {
    read_object(value, holds_shapes(key) ? prefix : prefix + key + ".");
  } else if (is_take_value(value)) {
    add(prefix + key, take_value(value));
  } else if (value.is_array() && is_category_list(value)) {
    read_categories(value);
  } else if (value.is_array() && holds_shapes(key) && (value.empty() || value[0].is_structured())) {
    // One entry per face.
    further_faces_ += value.size() > 1 ? 1 : 0;
    if (!value.empty()) read_member(key, value[0], prefix);
  } else {
    unread_.insert(prefix + key);
  }
}

void FrameReader::read_categories(const json& list) {
  for (const json& entry : list) {
    const auto [name, value] = find_category(entry);
    add(name->get<std::string>(), take_value(*value));
  }
}

void FrameReader::read_time(const std::string& key, const json& value) {
  const TimeUnit unit = time_unit_of(key);
  TimeColumn& time = table_.time;
  if (time.unit != TimeUnit::kNone && time.name != key) {
    if (time.unit <= unit) {
      unread_.insert(key);
      return;
    }
    unread_.insert(time.name);
    std::fill(times_.begin(), times_.end(), TimeCell{});
  }
  time.unit = unit;
  time.name = key;
  times_.back() = take_time(value);
}

void FrameReader::add(const std::string& name, float value) {
  const auto [place, is_new] = columns_.try_emplace(name, table_.names.size());
  if (is_new) table_.names.push_back(name);
  frames_.back().push_back({place->second, value});
}

void FrameReader::fill_table() {
  const size_t num_names = table_.names.size();
  check_table_size(frames_.size(), num_names, where_);
  table_.line_word = "frame";
  table_.values.assign(frames_.size() * num_names, 0.0F);
  for (size_t frame = 0; frame < frames_.size(); ++frame) {
    float* row = table_.values.data() + frame * num_names;
    if (frames_[frame].empty()) std::fill_n(row, num_names, kMissingValue);
    for (const Value& value : frames_[frame]) row[value.column] = value.value;
    table_.lines.push_back(static_cast<int64_t>(frame));
  }
  if (table_.time.unit != TimeUnit::kNone) table_.time.cells = std::move(times_);
  if (!unread_.empty()) table_.notes.push_back("Keys of frames that are not read: " + comma_list(unread_) + ".");
  if (further_faces_ > 0) {
    table_.notes.push_back("Only the first face is used in " + counted(further_faces_, "frame") + " with several.");
  }
}

}  // namespace

void read_json_frames(const json& list, const std::string& where, TakeTable& table) {
  FrameReader(where, table).read(list);
}

}  // namespace bisque
