#include <array>
#include <charconv>
#include <numbers>
#include <utility>

#include <bisque/core/error.h>
#include <bisque/core/serialization/text.h>
#include <bisque/renderer/takes/csv_take.h>
#include <bisque/renderer/takes/delimited_text.h>
#include <bisque/renderer/takes/rows.h>

namespace bisque {
namespace {

constexpr double kRadians = std::numbers::pi / 180;

// The columns of a `k` line before the weights. Face Cap's rotations are those of a right-handed system with +Y up and
// the face along +Z: yaw and roll have the opposite sign of Live Link's.
struct PoseColumn {
  const char* name;
  double factor;
};
constexpr std::array<PoseColumn, 10> kPose{{{"headPositionX", 1},
                                            {"headPositionY", 1},
                                            {"headPositionZ", 1},
                                            {"headPitch", kRadians},
                                            {"headYaw", -kRadians},
                                            {"headRoll", -kRadians},
                                            {"leftEyePitch", kRadians},
                                            {"leftEyeYaw", -kRadians},
                                            {"rightEyePitch", kRadians},
                                            {"rightEyeYaw", -kRadians}}};
constexpr size_t kTimeField = 1, kPoseField = 2, kWeightField = kPoseField + kPose.size();

float parse_field(std::string_view text, double factor) {
  double value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc() || end != text.data() + text.size()) return kMissingValue;
  return value_or_missing(value * factor);
}

void read_names(const std::vector<std::string_view>& fields, TakeTable& table) {
  table.names.clear();
  for (const PoseColumn& column : kPose) table.names.emplace_back(column.name);
  size_t end = fields.size();
  while (end > 1 && fields[end - 1].empty()) --end;  // a trailing comma
  for (size_t i = 1; i < end; ++i) table.names.push_back(utf8_or_latin1(fields[i]));
}

void read_key(const std::vector<std::string_view>& fields, int64_t line, TakeTable& table) {
  const auto field = [&](size_t i) { return i < fields.size() ? fields[i] : std::string_view(); };
  for (size_t i = 0; i < table.names.size(); ++i) {
    table.values.push_back(parse_field(field(kPoseField + i), i < kPose.size() ? kPose[i].factor : 1));
  }
  table.lines.push_back(line);
  table.time.cells.push_back(parse_time(field(kTimeField)));
}

}  // namespace

TakeTable parse_face_cap(std::string_view text, const std::string& where) {
  TakeTable table;
  table.time.unit = TimeUnit::kMilliseconds;
  table.time.name = "k";
  DelimitedText lines(text);
  size_t num_other = 0;
  while (lines.next()) {
    const auto& fields = lines.fields();
    if (fields[0] == "bs" && table.names.empty()) {
      read_names(fields, table);
    } else if (fields[0] == "k") {
      if (table.names.empty()) fail(where, ": line ", lines.line(), ": is a key before the line of names (bs,...).");
      check_table_size(table.num_rows() + 1, table.names.size(), where);
      if (lines.is_cut() && fields.size() < kPoseField + table.names.size()) {
        table.notes.push_back("The last row, on line " + std::to_string(lines.line()) +
                              ", is truncated and was dropped.");
      } else {
        read_key(fields, lines.line(), table);
      }
    } else if (fields[0] != "info") {
      ++num_other;
    }
  }
  if (table.num_rows() == 0) fail(where, ": holds no key, expected lines of k,time,...");
  if (num_other > 0) table.notes.push_back(counted(num_other, "line") + " other than info, bs and k ignored.");
  table.notes.emplace_back("Head and eye angles are converted from degrees to radians.");
  return table;
}

}  // namespace bisque
