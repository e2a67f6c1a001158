// The time column of a take: found by its name, read from text or numbers, placed in frames.
#pragma once
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <bisque/renderer/takes/take.h>
#include <bisque/renderer/takes/timecode.h>

namespace bisque {

/// What the name of a time column says about its numbers.
enum class TimeUnit {
  kNone,          // no time column
  kTimecode,      // timecodes; as numbers: frames or seconds, whichever matches
  kSeconds,       // `time`, `timestamp`: seconds, or milliseconds if they are too large for that
  kMilliseconds,  // `timeMs`
  kFrames,        // numbers of frames
};

/// The unit of a column of this name: `Timecode`, `time`, `timestamp_ms`, `Frame`, in any case.
TimeUnit time_unit_of(std::string_view name);

/// The time of one row.
struct TimeCell {
  enum class Form { kUnreadable, kNumber, kClock, kTimecode };
  Form form = Form::kUnreadable;
  double number = 0;  // kNumber; seconds since midnight of kClock
  Timecode timecode;
};

/// A number, a timecode or a time of day; unreadable otherwise.
TimeCell parse_time(std::string_view text);
TimeCell time_from_number(double number);

struct TimeColumn {
  TimeUnit unit = TimeUnit::kNone;
  std::string name;             // of the column, for messages
  double day = 0;               // frames after which the numbers restart; 0: never
  std::vector<TimeCell> cells;  // [rows]
};

/// Times in one unit.
struct PlacedTimes {
  std::vector<double> frames;  // [rows]; NaN if the time is not readable
  FrameRate rate;
  bool rate_is_guess = false;
  bool are_evenly_spaced = false;  // because most times repeat
};

/// The times of all rows in frames of the rate: `rate` if it is given, else derived from the times. Timecodes: the
/// smallest of 24, 25, 30, 48, 50, 60 and 120 that is above every FF (drop-frame: 30000/1001 or 60000/1001), a guess.
/// Times in seconds: 1 / their usual step, rounded to a usual rate. Frame numbers: 30, a guess. The column has the form
/// of most rows; other rows are unreadable, as are a few with an FF that is not below the rate. A step back of more
/// than half a day is a midnight, and a step forward of more than that crosses one backwards. Times in seconds are
/// placed in the middle of the nearest frame after the first. If most times repeat, the rows are spaced evenly, at the
/// number of rows per second if that is known. `where(i)` describes row i in messages. Error: an FF that is not below
/// the rate, or 120, in more than a tenth of the rows.
PlacedTimes place_times(const TimeColumn& column, size_t num_rows, const std::optional<FrameRate>& rate,
                        const std::function<std::string(size_t)>& where);

}  // namespace bisque
