// Timecodes HH:MM:SS:FF.fff and their frames.
#pragma once
#include <cstdint>
#include <optional>
#include <string_view>

#include <bisque/renderer/takes/take.h>

namespace bisque {

/// A time of day: whole seconds, and frames within the second.
struct Timecode {
  int64_t seconds = 0;         // 0 to 86,399
  double frame = 0;            // FF.fff
  bool is_drop_frame = false;  // written with ; before the frame
};

/// HH:MM:SS:FF or HH:MM:SS:FF.fff (the decimals are the sub-frame); `;` may replace a colon, and marks drop-frame
/// timecode before FF. Nothing for any other text.
std::optional<Timecode> parse_timecode(std::string_view text);

/// A time of day in seconds: HH:MM:SS or MM:SS, also with decimals (.fff or ,fff), after a date (2024-05-01T,
/// 2024-05-01) and before a time zone (Z, +02:00). Nothing for any other text.
std::optional<double> parse_clock(std::string_view text);

/// The frames from midnight to `timecode`, nominal_rate() per second. With `drop_frame`, the numbers that drop-frame
/// timecode skips are not counted: the first 2 of 30 (4 of 60) of each minute, except each tenth minute.
double frames_since_midnight(const Timecode& timecode, const FrameRate& rate, bool drop_frame);

/// The frames of a day.
double frames_of_day(const FrameRate& rate, bool drop_frame);

}  // namespace bisque
