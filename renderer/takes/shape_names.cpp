#include <bisque/renderer/takes/shape_names.h>

#include <algorithm>
#include <numeric>
#include <unordered_map>
#include <unordered_set>
#include <utility>

#include <bisque/core/serialization/text.h>

namespace bisque {
namespace {

bool is_separator(char c) { return c == '_' || c == '-' || c == ' ' || c == '.'; }

// Lower case, without separators.
std::string compact(std::string_view text) {
  std::string result;
  for (const char c : text) {
    if (!is_separator(c)) result += lower_case(c);
  }
  return result;
}

bool is_side(const std::string& text) { return text == "l" || text == "r" || text == "left" || text == "right"; }

// Without the prefix "blendShape1."; the dot of "eyeBlink.L" belongs to the name.
std::string_view without_prefix(std::string_view name) {
  constexpr std::string_view kEndsPrefix = ".:|";
  size_t end = name.find_last_of(kEndsPrefix);
  if (end != std::string_view::npos && end > 0 && is_side(compact(name.substr(end + 1)))) {
    end = name.find_last_of(kEndsPrefix, end - 1);
  }
  if (end == std::string_view::npos || end + 1 == name.size()) return name;
  return name.substr(end + 1);
}

// "eyeblinkl" -> "eyeblinkleft"; empty if no side is written as one letter.
std::string with_long_side(const std::string& text) {
  if (text.ends_with('l')) return text + "eft";
  if (text.ends_with('r')) return text + "ight";
  return "";
}

// Whether the last letter is a separate side: cheekRaiser_L, cheekRaiserR, but not jawl.
bool ends_in_side_letter(std::string_view name) {
  if (name.size() < 2) return false;
  const char last = name.back();
  const char before = name[name.size() - 2];
  const bool lower_before = before >= 'a' && before <= 'z';
  return is_separator(before) ? lower_case(last) == 'l' || lower_case(last) == 'r'
                              : lower_before && (last == 'L' || last == 'R');
}

using Table = std::unordered_map<std::string, ShapeName>;

bool is_arkit_shape(std::string_view name) {
  return std::find(arkit_names().begin(), arkit_names().end(), name) != arkit_names().end();
}

// Names of other vocabularies that equal one ARKit shape, or one half of one, compact and without their side.
struct SidedAlias {
  const char* stem;
  const char* shape;
};
constexpr SidedAlias kSidedAliases[] = {
    // VRM: Blink_L, blinkLeft; VRoid: Fcl_EYE_Close_L. Its visemes, `blink` and `lookUp` are mixtures of several
    // shapes.
    {"blink", "eyeBlink"},
    {"fcleyeclose", "eyeBlink"},
    // MetaHuman: CTRL_expressions_mouthCornerPullL, CTRL_L_mouth_cornerPull.ty
    {"browraisein", "browInnerUp"},
    {"browraiseout", "browOuterUp"},
    {"browraiseouter", "browOuterUp"},
    {"eyewiden", "eyeWide"},
    {"eyesquintinner", "eyeSquint"},
    {"eyecheekraise", "cheekSquint"},
    {"nosewrinkle", "noseSneer"},
    {"mouthcheekblow", "cheekPuff"},
    {"mouthcornerpull", "mouthSmile"},
    {"mouthcornerdepress", "mouthFrown"},
    {"mouthupperlipraise", "mouthUpperUp"},
    {"mouthlowerlipdepress", "mouthLowerDown"},
    {"mouthlipspress", "mouthPress"},
    {"mouthupperliprollin", "mouthRollUpper"},
    {"mouthlowerliprollin", "mouthRollLower"},
    {"jawchinraiseu", "mouthShrugUpper"},
    {"jawchinraised", "mouthShrugLower"},
    // Reallusion: Brow_Drop_L, Mouth_Up_Upper_L; its A25_Jaw_Open is ARKit's name after the number.
    {"browdrop", "browDown"},
    {"browraiseinner", "browInnerUp"},
    {"cheekraise", "cheekSquint"},
    {"mouthupupper", "mouthUpperUp"},
    {"mouthdownlower", "mouthLowerDown"},
    {"mouthrollinupper", "mouthRollUpper"},
    {"mouthrollinlower", "mouthRollLower"},
};

// The same for names without a side, or whose side is not at the end.
struct Alias {
  const char* name;
  const char* shape;
};
constexpr Alias kAliases[] = {
    {"jawfwd", "jawForward"},
    {"ctrlcjaw", "jawOpen"},
    {"mouthrollinupper", "mouthRollUpper"},
    {"mouthrollinlower", "mouthRollLower"},
    // Left and right as directions of the gaze, then the side of the eye: MetaHuman's eyeLookLeftL.
    {"eyelookleftleft", "eyeLookOutLeft"},
    {"eyelookrightleft", "eyeLookInLeft"},
    {"eyelookleftright", "eyeLookInRight"},
    {"eyelookrightright", "eyeLookOutRight"},
    // The side of the eye, then the direction: Reallusion's Eye_L_Look_L.
    {"eyellookleft", "eyeLookOutLeft"},
    {"eyellookright", "eyeLookInLeft"},
    {"eyerlookleft", "eyeLookInRight"},
    {"eyerlookright", "eyeLookOutRight"},
    {"eyellookup", "eyeLookUpLeft"},
    {"eyerlookup", "eyeLookUpRight"},
    {"eyellookdown", "eyeLookDownLeft"},
    {"eyerlookdown", "eyeLookDownRight"},
};

void add_aliases(Table& table) {
  for (const auto& [stem, shape] : kSidedAliases) {
    for (const bool is_left : {true, false}) {
      const std::string sided = std::string(shape) + (is_left ? "Left" : "Right");
      const ShapeHalf half = is_left ? ShapeHalf::kLeft : ShapeHalf::kRight;
      const ShapeName name =
          is_arkit_shape(sided) ? ShapeName{sided, ShapeHalf::kWhole, -1} : ShapeName{std::string(shape), half, -1};
      table.try_emplace(std::string(stem) + (is_left ? "left" : "right"), name);
    }
  }
  for (const auto& [name, shape] : kAliases) table.try_emplace(name, ShapeName{shape, ShapeHalf::kWhole, -1});
}

Table make_table() {
  Table table;
  for (const std::string_view name : arkit_names()) {
    const std::string key(name);
    table[compact(name)] = {key, ShapeHalf::kWhole, -1};
    if (name.ends_with("Left") || name.ends_with("Right")) continue;
    // try_emplace: the left half of a shape must not replace a shape.
    table.try_emplace(compact(name) + "left", ShapeName{key, ShapeHalf::kLeft, -1});
    table.try_emplace(compact(name) + "right", ShapeName{key, ShapeHalf::kRight, -1});
  }
  for (size_t i = 0; i < kNumAngles; ++i) {
    table[compact(angle_names()[i])] = {std::string(angle_names()[i]), ShapeHalf::kWhole, static_cast<int>(i)};
  }
  add_aliases(table);
  return table;
}

// "a25jawopen" -> "jawopen": the number of a shape in Reallusion's list.
std::string without_number(const std::string& text) {
  const auto is_digit = [](char c) { return c >= '0' && c <= '9'; };
  return text.size() > 3 && text[0] == 'a' && is_digit(text[1]) && is_digit(text[2]) ? text.substr(3) : "";
}

// "ctrlexpressionsjawopen" -> "jawopen", "ctrlleyeblinkty" -> "eyeblinkleft": MetaHuman's curves and controls.
std::string without_control(std::string text) {
  constexpr std::string_view kControl = "ctrl", kExpressions = "ctrlexpressions", kChannel = "ty";
  if (text.starts_with(kExpressions)) return text.substr(kExpressions.size());
  if (!text.starts_with(kControl)) return "";
  if (text.ends_with(kChannel)) text.resize(text.size() - kChannel.size());
  if (text.size() <= kControl.size() + 1) return "";
  const char side = text[kControl.size()];
  if (side == 'c') return text;
  if (side != 'l' && side != 'r') return "";
  return text.substr(kControl.size() + 1) + (side == 'l' ? "left" : "right");
}

// "mf00fcleyeclosel" -> "fcleyeclosel": VRoid prepends the name of the mesh.
std::string from_vroid(const std::string& text) {
  const size_t begin = text.find("fcl");
  return begin == std::string::npos ? "" : text.substr(begin);
}

size_t edit_distance(const std::string& a, const std::string& b) {
  std::vector<size_t> row(b.size() + 1);
  std::iota(row.begin(), row.end(), size_t{0});
  for (size_t i = 0; i < a.size(); ++i) {
    size_t diagonal = row[0];
    row[0] = i + 1;
    for (size_t j = 0; j < b.size(); ++j) {
      const size_t replaced = diagonal + (a[i] == b[j] ? 0 : 1);
      diagonal = row[j + 1];
      row[j + 1] = std::min({replaced, row[j] + 1, row[j + 1] + 1});
    }
  }
  return row[b.size()];
}

}  // namespace

const std::array<std::string_view, kNumArkitShapes>& arkit_names() {
  static constexpr std::array<std::string_view, kNumArkitShapes> kNames{"eyeBlinkLeft",
                                                                        "eyeLookDownLeft",
                                                                        "eyeLookInLeft",
                                                                        "eyeLookOutLeft",
                                                                        "eyeLookUpLeft",
                                                                        "eyeSquintLeft",
                                                                        "eyeWideLeft",
                                                                        "eyeBlinkRight",
                                                                        "eyeLookDownRight",
                                                                        "eyeLookInRight",
                                                                        "eyeLookOutRight",
                                                                        "eyeLookUpRight",
                                                                        "eyeSquintRight",
                                                                        "eyeWideRight",
                                                                        "jawForward",
                                                                        "jawRight",
                                                                        "jawLeft",
                                                                        "jawOpen",
                                                                        "mouthClose",
                                                                        "mouthFunnel",
                                                                        "mouthPucker",
                                                                        "mouthRight",
                                                                        "mouthLeft",
                                                                        "mouthSmileLeft",
                                                                        "mouthSmileRight",
                                                                        "mouthFrownLeft",
                                                                        "mouthFrownRight",
                                                                        "mouthDimpleLeft",
                                                                        "mouthDimpleRight",
                                                                        "mouthStretchLeft",
                                                                        "mouthStretchRight",
                                                                        "mouthRollLower",
                                                                        "mouthRollUpper",
                                                                        "mouthShrugLower",
                                                                        "mouthShrugUpper",
                                                                        "mouthPressLeft",
                                                                        "mouthPressRight",
                                                                        "mouthLowerDownLeft",
                                                                        "mouthLowerDownRight",
                                                                        "mouthUpperUpLeft",
                                                                        "mouthUpperUpRight",
                                                                        "browDownLeft",
                                                                        "browDownRight",
                                                                        "browInnerUp",
                                                                        "browOuterUpLeft",
                                                                        "browOuterUpRight",
                                                                        "cheekPuff",
                                                                        "cheekSquintLeft",
                                                                        "cheekSquintRight",
                                                                        "noseSneerLeft",
                                                                        "noseSneerRight",
                                                                        "tongueOut"};
  return kNames;
}

const std::array<std::string_view, kNumAngles>& angle_names() {
  static constexpr std::array<std::string_view, kNumAngles> kNames{"headYaw",     "headPitch",     "headRoll",
                                                                   "leftEyeYaw",  "leftEyePitch",  "leftEyeRoll",
                                                                   "rightEyeYaw", "rightEyePitch", "rightEyeRoll"};
  return kNames;
}

const std::vector<std::string>& live_link_names() {
  static const std::vector<std::string> names = [] {
    std::vector<std::string> result(arkit_names().begin(), arkit_names().end());
    result.insert(result.end(), angle_names().begin(), angle_names().end());
    for (std::string& name : result) name[0] = static_cast<char>(name[0] - 'a' + 'A');
    return result;
  }();
  return names;
}

ShapeName resolve_shape_name(std::string_view name) {
  static const Table table = make_table();
  const auto find = [](const std::string& text) -> const ShapeName* {
    if (const auto found = table.find(text); found != table.end()) return &found->second;
    const auto found = table.find(with_long_side(text));
    return found != table.end() ? &found->second : nullptr;
  };
  const std::string_view bare = without_prefix(name);
  std::string text = compact(bare);
  if (text.empty()) return {std::string(name), ShapeHalf::kWhole, -1};
  if (const ShapeName* found = find(text)) return *found;
  const std::string whole = compact(name);
  for (const std::string& form : {without_number(text), without_control(whole), from_vroid(text), whole}) {
    if (const ShapeName* found = form.empty() ? nullptr : find(form)) return *found;
  }
  return {ends_in_side_letter(bare) ? with_long_side(text) : std::move(text), ShapeHalf::kWhole, -1};
}

bool is_known_name(std::string_view name) {
  const ShapeName resolved = resolve_shape_name(name);
  return resolved.angle >= 0 || is_arkit_shape(resolved.key);
}

bool is_arkit_spelling(std::string_view name) {
  static const std::unordered_set<std::string> names = [] {
    std::unordered_set<std::string> lower;
    for (const std::string_view shape : arkit_names()) lower.insert(lower_case(shape));
    for (const std::string_view angle : angle_names()) lower.insert(lower_case(angle));
    return lower;
  }();
  return names.contains(lower_case(name));
}

std::vector<std::string> nearest_names(std::string_view name, std::span<const std::string> candidates, size_t count) {
  constexpr size_t kMaxCompared = 100;  // bytes; real names are shorter, those of a malicious file may not be
  const auto comparable = [](std::string_view text) { return compact(text.substr(0, kMaxCompared)); };
  const std::string wanted = comparable(name);
  std::vector<std::pair<size_t, size_t>> ranked;  // distance, index
  for (size_t i = 0; i < candidates.size(); ++i) {
    ranked.emplace_back(edit_distance(wanted, comparable(candidates[i])), i);
  }
  count = std::min(count, ranked.size());
  std::partial_sort(ranked.begin(), ranked.begin() + static_cast<std::ptrdiff_t>(count), ranked.end());
  std::vector<std::string> result;
  for (size_t i = 0; i < count; ++i) result.push_back(candidates[ranked[i].second]);
  return result;
}

}  // namespace bisque
