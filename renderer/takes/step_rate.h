// Internal. The frame rate that a list of times has.
#pragma once
#include <optional>
#include <span>

#include <bisque/renderer/takes/take.h>

namespace bisque {

/// The step that most neighbours of `sorted` times have: the median of those above 0; nothing where all are equal.
std::optional<double> usual_step(std::span<const double> sorted);

/// The rate of times in seconds, in rising order: 1 / the mean of the steps near the usual one (others are gaps), as
/// the usual rate that lies within its error, else as the nearest whole number. NTSC rates are told apart where the
/// times are exact enough. Nothing where all are equal, or where the rate is below 1 Hz (keys, not frames).
std::optional<FrameRate> rate_of_times(std::span<const double> sorted);

/// The number of rows in a second, where `sorted` times in seconds repeat as they are written too coarsely; nothing
/// where there are fewer than three different times.
std::optional<FrameRate> rate_of_coarse_times(std::span<const double> sorted);

}  // namespace bisque
