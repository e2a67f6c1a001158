// Internal. Shared by the take readers: checks of names and values.
#pragma once
#include <cmath>
#include <limits>
#include <string>
#include <vector>

#include <bisque/renderer/takes/take_table.h>

namespace bisque {

/// Error: no name, a repeated name, an empty one, one that is not UTF-8 or has control characters. `where` is the
/// prefix of the message.
void check_column_names(const std::vector<std::string>& names, const std::string& where);

/// Whether `value` is a finite float32.
inline bool fits_float(double value) {
  return std::isfinite(value) && std::abs(value) <= static_cast<double>(std::numeric_limits<float>::max());
}

/// `value` as a float32; kMissingValue if it does not fit.
inline float value_or_missing(double value) { return fits_float(value) ? static_cast<float>(value) : kMissingValue; }

/// Error: a table of this size has more than kMaxTableValues values.
void check_table_size(size_t num_rows, size_t num_names, const std::string& where);

}  // namespace bisque
