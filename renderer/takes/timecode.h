// Timecodes HH:MM:SS:FF.fff, and the frames they stand for.
#pragma once
#include <functional>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include <bisque/renderer/takes/take.h>

namespace bisque {

/// A time of day: whole seconds, and frames within the second.
struct Timecode {
  int64_t seconds = 0;  // 0 to 86,399
  double frame = 0;     // FF.fff
};

/// HH:MM:SS:FF or HH:MM:SS:FF.fff (the decimals are the sub-frame); nothing for any other text.
std::optional<Timecode> parse_timecode(std::string_view text);

/// Sets rows.frames, rows.rate and rows.rate_is_guess from a timecode a row. A second counts nominal_rate() frames;
/// without `rate` the rate is the smallest of 24, 25, 30, 48, 50, 60 and 120 that is above every FF. A timecode that
/// falls back by more than 12 hours has passed midnight. `where(i)` names row i in messages.
/// Error: an FF that the rate does not reach, a timecode earlier than the row before.
void place_timecodes(std::span<const Timecode> timecodes, const std::optional<FrameRate>& rate,
                     const std::function<std::string(size_t)>& where, TakeRows& rows);

}  // namespace bisque
