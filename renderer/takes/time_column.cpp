#include <bisque/renderer/takes/time_column.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>
#include <limits>
#include <utility>

#include <bisque/core/error.h>
#include <bisque/core/serialization/text.h>
#include <bisque/renderer/takes/frame_rate.h>
#include <bisque/renderer/takes/step_rate.h>

namespace bisque {
namespace {

using Form = TimeCell::Form;
using RowName = std::function<std::string(size_t)>;

constexpr double kUnreadableTime = std::numeric_limits<double>::quiet_NaN();
constexpr double kSecondsOfDay = 86'400;

// Times as numbers of one unit.
struct NumericTimes {
  std::vector<double> values;     // [rows]; NaN: unreadable
  double day = 0;                 // 0: none
  double unit_hz = 0;             // units per second; 0: unknown
  std::optional<FrameRate> rate;  // if the values are its frames
  bool are_frames = false;
};

// The form of most readable cells.
Form usual_form(const std::vector<TimeCell>& cells) {
  std::array<size_t, 4> counts{};
  for (const TimeCell& cell : cells) ++counts[static_cast<size_t>(cell.form)];
  const auto* largest = std::max_element(counts.begin() + 1, counts.end());
  return *largest == 0 ? Form::kUnreadable : static_cast<Form>(largest - counts.begin());
}

std::vector<double> sorted_times(const std::vector<double>& values) {
  std::vector<double> sorted;
  std::copy_if(values.begin(), values.end(), std::back_inserter(sorted), [](double v) { return std::isfinite(v); });
  std::sort(sorted.begin(), sorted.end());
  return sorted;
}

// Whether a minute that drop-frame timecode shortens begins with the skipped numbers.
bool has_skipped_numbers(const std::vector<TimeCell>& cells) {
  return std::any_of(cells.begin(), cells.end(), [](const TimeCell& cell) {
    return cell.form == Form::kTimecode && cell.timecode.seconds % 60 == 0 && cell.timecode.seconds / 60 % 10 != 0 &&
           cell.timecode.frame < 2;
  });
}

bool is_drop_frame(const std::vector<TimeCell>& cells) {
  size_t drop = 0, timecodes = 0;
  for (const TimeCell& cell : cells) {
    timecodes += cell.form == Form::kTimecode ? 1 : 0;
    drop += cell.form == Form::kTimecode && cell.timecode.is_drop_frame ? 1 : 0;
  }
  return 2 * drop > timecodes && !has_skipped_numbers(cells);
}

// Error if more than a few timecodes have an FF that is not below `limit`; `what` continues the message.
void check_frames_of_seconds(const std::vector<TimeCell>& cells, double limit, const std::string& what,
                             const RowName& where) {
  size_t count = 0, largest = 0;
  for (size_t i = 0; i < cells.size(); ++i) {
    if (cells[i].form != Form::kTimecode || cells[i].timecode.frame < limit) continue;
    if (count++ == 0 || cells[i].timecode.frame > cells[largest].timecode.frame) largest = i;
  }
  const size_t allowed = std::max<size_t>(cells.size() / 10, cells.size() >= 4 ? 1 : 0);
  if (count > allowed) fail(where(largest), ": frame ", std::floor(cells[largest].timecode.frame), what);
}

FrameRate guess_timecode_rate(const std::vector<TimeCell>& cells, bool drop_frame, const RowName& where) {
  constexpr double kHighest = 120;
  check_frames_of_seconds(cells, kHighest,
                          " of its second is beyond 120 Hz, the highest rate that is guessed; the rate must be given.",
                          where);
  double largest = 0;
  for (const TimeCell& cell : cells) {
    if (cell.form == Form::kTimecode && cell.timecode.frame < kHighest) {
      largest = std::max(largest, cell.timecode.frame);
    }
  }
  if (drop_frame && largest < 60) return {largest < 30 ? 30'000 : 60'000, 1001};
  for (const int64_t rate : {24, 25, 30, 48, 50, 60}) {
    if (largest < static_cast<double>(rate)) return {rate, 1};
  }
  return {120, 1};
}

NumericTimes numbers_from_timecodes(const std::vector<TimeCell>& cells, const std::optional<FrameRate>& rate,
                                    const RowName& where) {
  const bool drop = is_drop_frame(cells);
  NumericTimes times;
  times.rate = rate ? *rate : guess_timecode_rate(cells, drop, where);
  times.are_frames = true;
  const auto nominal = static_cast<double>(nominal_rate(*times.rate));
  check_frames_of_seconds(cells, nominal,
                          " of its second is not below the rate of " + frame_rate_text(*times.rate) + " Hz.", where);
  const bool skips = drop && nominal_rate(*times.rate) % 30 == 0;
  times.day = frames_of_day(*times.rate, skips);
  times.unit_hz = nominal;
  for (const TimeCell& cell : cells) {
    const bool is_readable = cell.form == Form::kTimecode && cell.timecode.frame < nominal;
    times.values.push_back(is_readable ? frames_since_midnight(cell.timecode, *times.rate, skips) : kUnreadableTime);
  }
  return times;
}

// The units per second of numbers with this usual step; 0: they are frames.
double units_of_second(TimeUnit unit, double step, bool are_whole) {
  constexpr double kHighestRate = 125;  // Hz; units with faster rows are not assumed
  if (unit == TimeUnit::kFrames) return 0;
  if (unit == TimeUnit::kMilliseconds) return 1e3;
  for (const double units : {1e9, 1e6, 1e3}) {
    if (step >= units / kHighestRate) return units;
  }
  const bool counts_up = are_whole || (step > 0.9 && step < 1.1);
  return unit == TimeUnit::kTimecode && counts_up ? 0 : 1;
}

NumericTimes numbers_from_numbers(const TimeColumn& column) {
  NumericTimes times;
  bool are_whole = true;
  for (const TimeCell& cell : column.cells) {
    times.values.push_back(cell.form == Form::kNumber ? cell.number : kUnreadableTime);
    are_whole &= cell.form != Form::kNumber || cell.number == std::floor(cell.number);
  }
  const double step = usual_step(sorted_times(times.values)).value_or(0);
  times.unit_hz = units_of_second(column.unit, step, are_whole);
  times.are_frames = times.unit_hz == 0;
  times.day = column.day;
  if (!times.are_frames) {
    for (double& value : times.values) value /= times.unit_hz;
    times.unit_hz = 1;
  }
  return times;
}

NumericTimes numbers_from_clock(const std::vector<TimeCell>& cells) {
  NumericTimes times;
  for (const TimeCell& cell : cells) {
    times.values.push_back(cell.form == Form::kClock ? cell.number : kUnreadableTime);
  }
  times.day = kSecondsOfDay;
  times.unit_hz = 1;
  return times;
}

NumericTimes to_numbers(const TimeColumn& column, const std::optional<FrameRate>& rate, const RowName& where) {
  switch (usual_form(column.cells)) {
    case Form::kTimecode:
      return numbers_from_timecodes(column.cells, rate, where);
    case Form::kClock:
      return numbers_from_clock(column.cells);
    default:
      return numbers_from_numbers(column);
  }
}

// Adds the days that have passed since the first row.
void pass_midnights(NumericTimes& times) {
  if (times.day == 0) return;
  double days = 0, last = kUnreadableTime;
  for (double& value : times.values) {
    if (!std::isfinite(value)) continue;
    value += days;
    for (const double step : {times.day, -times.day}) {
      const bool is_midnight = step > 0 ? last - value > times.day / 2 : value - last > times.day / 2;
      if (!is_midnight) continue;
      value += step;
      days += step;
    }
    last = value;
  }
}

// Whether most distinct times occur in several rows, or most rows share one time.
bool do_most_repeat(const std::vector<double>& sorted) {
  size_t different = 0, repeated = 0;
  for (size_t i = 0; i < sorted.size();) {
    size_t end = i + 1;
    while (end < sorted.size() && sorted[end] == sorted[i]) ++end;
    ++different;
    repeated += end - i > 1 ? 1 : 0;
    i = end;
  }
  return 2 * repeated > different || 2 * (sorted.size() - different) > sorted.size();
}

PlacedTimes space_evenly(size_t num_rows, const std::optional<FrameRate>& rate) {
  PlacedTimes placed;
  placed.rate = rate.value_or(FrameRate{});
  placed.rate_is_guess = !rate;
  for (size_t i = 0; i < num_rows; ++i) placed.frames.push_back(static_cast<double>(i));
  return placed;
}

PlacedTimes space_coarse_times(const std::vector<double>& sorted, double unit_hz, size_t num_rows,
                               const std::optional<FrameRate>& rate) {
  std::vector<double> seconds;
  for (const double value : sorted) seconds.push_back(value / unit_hz);
  const auto own_rate = unit_hz == 0 ? std::nullopt : rate_of_coarse_times(seconds);
  PlacedTimes placed = space_evenly(num_rows, rate ? rate : own_rate);
  placed.rate_is_guess = !rate;
  placed.are_evenly_spaced = true;
  return placed;
}

}  // namespace

TimeUnit time_unit_of(std::string_view name) {
  std::string text;
  for (const char c : lower_case(name)) {
    if ((c >= 'a' && c <= 'z') || (c >= '0' && c <= '9')) text += c;
  }
  const auto is_one_of = [&](std::initializer_list<std::string_view> names) {
    return std::find(names.begin(), names.end(), text) != names.end();
  };
  if (is_one_of({"timecode", "timecodes", "smpte", "tc"})) return TimeUnit::kTimecode;
  if (is_one_of({"time",
                 "times",
                 "timestamp",
                 "timestamps",
                 "t",
                 "seconds",
                 "sec",
                 "secs",
                 "timesec",
                 "timesecs",
                 "timeseconds",
                 "timeinseconds",
                 "timestampsec",
                 "timestampseconds",
                 "unixtime",
                 "timeus",
                 "timens",
                 "timestampus",
                 "timestampns",
                 "timemicroseconds",
                 "timenanoseconds",
                 "currenttime",
                 "elapsed",
                 "elapsedtime",
                 "clock",
                 "datetime"})) {
    return TimeUnit::kSeconds;
  }
  if (is_one_of({"ms", "milliseconds", "millis", "timems", "timestampms", "timemillis", "timemilliseconds",
                 "timestampmillis", "timestampmilliseconds", "timeinms", "elapsedms"})) {
    return TimeUnit::kMilliseconds;
  }
  if (is_one_of({"frame", "frames", "framenumber", "frameno", "framenum", "frameindex", "frameidx", "frameid",
                 "framecount"})) {
    return TimeUnit::kFrames;
  }
  return TimeUnit::kNone;
}

TimeCell time_from_number(double number) {
  if (!std::isfinite(number)) return {};
  return {Form::kNumber, number, {}};
}

TimeCell parse_time(std::string_view text) {
  double number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error == std::errc() && end == text.data() + text.size()) return time_from_number(number);
  if (const auto timecode = parse_timecode(text)) return {Form::kTimecode, 0, *timecode};
  if (const auto clock = parse_clock(text)) return {Form::kClock, *clock, {}};
  return {};
}

PlacedTimes place_times(const TimeColumn& column, size_t num_rows, const std::optional<FrameRate>& rate,
                        const RowName& where) {
  if (column.unit == TimeUnit::kNone) return space_evenly(num_rows, rate);
  NumericTimes times = to_numbers(column, rate, where);
  const std::vector<double> repeated = sorted_times(times.values);
  if (do_most_repeat(repeated)) return space_coarse_times(repeated, times.unit_hz, num_rows, rate);
  pass_midnights(times);
  PlacedTimes placed;
  placed.frames = std::move(times.values);
  if (times.are_frames) {
    placed.rate = times.rate ? *times.rate : rate.value_or(FrameRate{});
    placed.rate_is_guess = !rate;
    return placed;
  }
  const std::vector<double> sorted = sorted_times(placed.frames);
  const auto own_rate = rate ? rate : rate_of_times(sorted);
  placed.rate = own_rate.value_or(FrameRate{});
  placed.rate_is_guess = !own_rate;
  const double first = sorted.empty() ? 0 : sorted.front();
  // The middle of the frame, because times are rounded and the whole part selects the frame.
  for (double& frame : placed.frames) frame = (frame - first) * placed.rate.hz() + 0.5;
  return placed;
}

}  // namespace bisque
