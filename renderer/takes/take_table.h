// The common result of all take readers: a table as in the file, and its conversion to rows.
#pragma once
#include <cstdint>
#include <limits>
#include <optional>
#include <string>
#include <vector>

#include <bisque/renderer/takes/take.h>
#include <bisque/renderer/takes/time_column.h>

namespace bisque {

/// Marks a value that a file does not have.
inline constexpr float kMissingValue = std::numeric_limits<float>::quiet_NaN();

/// Maximum number of values of a table, including missing ones: 256 MiB.
inline constexpr size_t kMaxTableValues = size_t{1} << 26;

/// Named values over rows, unmodified: rows in the order of the file, some of them without values or time.
struct TakeTable {
  std::vector<std::string> names;  // columns of values; empty and repeated ones are dropped later
  std::vector<float> values;       // [rows, names]; kMissingValue if the file has no finite number
  std::vector<int64_t> lines;      // [rows] position of each row in the file
  const char* line_word = "line";  // the unit of `lines`
  TimeColumn time;                 // [rows], or no column
  std::optional<FrameRate> rate;   // from the file
  std::vector<std::string> notes;  // what the reader dropped
  size_t num_rows() const { return lines.size(); }
};

/// The rows of a table, in the order of their times. Each repair is counted in `notes`, with the first line:
///   columns that are nameless, repeated, `_neutral` or without any number, and rows without a readable time, are
///   dropped; times continue over midnights (see place_times); rows are sorted; of rows with equal times the last one
///   with values wins; if most times repeat, rows are spaced evenly; a few rows that are more than kMaxGapSeconds away
///   from all others are dropped; missing values are interpolated between the rows before and after, and repeat the
///   nearest one at the ends.
/// `rate` replaces the table's. `where` is the prefix of messages. Error: no column, no row with values, names that are
/// not UTF-8 or have control characters, times that match no rate.
TakeRows order_rows(TakeTable table, const std::optional<FrameRate>& rate, const std::string& where);

/// "1 row", "3 rows".
std::string counted(size_t count, const std::string& word);

}  // namespace bisque
