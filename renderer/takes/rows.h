// What the readers of takes share: checks of names, values and times.
#pragma once
#include <cmath>
#include <limits>
#include <optional>
#include <string>
#include <vector>

#include <bisque/renderer/takes/take.h>

namespace bisque {

/// Error: no name at all, one name twice, an empty one, one that is not UTF-8 or has control characters. `where` begins
/// the message.
void check_column_names(const std::vector<std::string>& names, const std::string& where);

/// Whether `value` is a finite float32.
inline bool fits_float(double value) {
  return std::isfinite(value) && std::abs(value) <= static_cast<double>(std::numeric_limits<float>::max());
}

/// Row i is frame i; without `rate` it is taken for 30 Hz, and marked as a guess.
void place_one_after_another(int64_t num_rows, const std::optional<FrameRate>& rate, TakeRows& rows);

}  // namespace bisque
