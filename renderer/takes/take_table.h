// What every reader of takes produces: a table as the file has it. One place turns it into rows.
#pragma once
#include <cstdint>
#include <limits>
#include <optional>
#include <string>
#include <vector>

#include <bisque/renderer/takes/take.h>
#include <bisque/renderer/takes/time_column.h>

namespace bisque {

/// Stands for a value that a file does not have.
inline constexpr float kMissingValue = std::numeric_limits<float>::quiet_NaN();

/// Most values of a table, missing ones included: 256 MiB.
inline constexpr size_t kMaxTableValues = size_t{1} << 26;

/// Named values over rows, unmodified: rows in the order of the file, some of them without values or time.
struct TakeTable {
  std::vector<std::string> names;  // columns of values; empty and repeated ones are left out later
  std::vector<float> values;       // [rows, names]; kMissingValue where the file has no finite number
  std::vector<int64_t> lines;      // [rows] where each row is in the file
  const char* line_word = "line";  // what `lines` count
  TimeColumn time;                 // [rows], or no column
  std::optional<FrameRate> rate;   // the one that the file gives
  std::vector<std::string> notes;  // what the reader left out
  size_t num_rows() const { return lines.size(); }
};

/// The rows of a table, in the order of their times. Each repair is counted in `notes`, with the first line:
///   columns that are nameless, repeated, `_neutral` or without any number, and rows without a readable time, are
///   left out; times pass midnights (see place_times); rows are sorted; of rows with equal times the last one with
///   values wins; where most times repeat, rows are spaced evenly; a few rows that are more than kMaxGapSeconds away
///   from all others are left out; missing values are interpolated between the rows before and after, and repeat the
///   nearest one at the ends.
/// `rate` is used instead of the table's. `where` begins the messages. Error: no column, no row with values, names
/// that are not UTF-8 or have control characters, times that no rate explains.
TakeRows order_rows(TakeTable table, const std::optional<FrameRate>& rate, const std::string& where);

/// "1 row", "3 rows".
std::string counted(size_t count, const std::string& word);

}  // namespace bisque
