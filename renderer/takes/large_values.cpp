#include <bisque/renderer/takes/large_values.h>

#include <algorithm>

#include <bisque/renderer/takes/shape_names.h>

namespace bisque {

std::vector<int64_t> known_shape_columns(const Take& take) {
  std::vector<int64_t> columns;
  for (size_t i = 0; i < take.names.size(); ++i) {
    const bool is_shape = is_known_name(take.names[i]) && resolve_shape_name(take.names[i]).angle < 0;
    if (is_shape) columns.push_back(static_cast<int64_t>(i));
  }
  return columns;
}

std::string large_values_note(const Take& take, std::span<const int64_t> columns, double scale) {
  constexpr double kLarge = 1.5;  // exaggerated shapes are below
  int64_t count = 0;
  for (int64_t frame = 0; frame < take.num_frames; ++frame) {
    const float* row = take.values.data() + static_cast<size_t>(frame) * take.names.size();
    count += std::any_of(columns.begin(), columns.end(), [&](int64_t i) { return row[i] * scale > kLarge; }) ? 1 : 0;
  }
  if (2 * count <= take.num_frames) return "";
  return "Values are above 1.5 in " + std::to_string(count) + " of " + std::to_string(take.num_frames) +
         " frames; if they are percentages, render with --scale 0.01.";
}

}  // namespace bisque
