// Internal. The frame rate of a list of times.
#pragma once
#include <optional>
#include <span>

#include <bisque/renderer/takes/take.h>

namespace bisque {

/// The usual step between `sorted` times: the median of the positive steps; nothing if all times are equal.
std::optional<double> usual_step(std::span<const double> sorted);

/// The rate of increasing times in seconds: 1 / the mean of the steps near the usual one (others are gaps), as the
/// usual rate within its error, else as the nearest integer. NTSC rates are distinguished if the times are exact
/// enough. Nothing if all are equal, or if the rate is below 1 Hz (keys, not frames).
std::optional<FrameRate> rate_of_times(std::span<const double> sorted);

/// The number of rows per second, if `sorted` times in seconds repeat because they are written too coarsely; nothing if
/// there are fewer than three different times.
std::optional<FrameRate> rate_of_coarse_times(std::span<const double> sorted);

}  // namespace bisque
