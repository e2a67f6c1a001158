// Resamples the rows of a take to its frame grid.
#pragma once
#include <cstdint>
#include <string>

#include <bisque/renderer/takes/take.h>

namespace bisque {

/// Longest gap that is filled, in seconds.
inline constexpr int64_t kMaxGapSeconds = 60;
/// Maximum number of filled values, over all columns: 256 MiB, 5 hours of 61 columns at 60 Hz.
inline constexpr int64_t kMaxFilledValues = int64_t{1} << 26;

/// One frame for each step of the rate, from the first row to the last. A row becomes the frame that contains its time
/// (the whole part; the sub-frame is the position within the frame), with unchanged values. If an earlier row already
/// is that frame, it becomes the next frame if its time is nearer to that and half a frame or more after the previous
/// row (a clock that drifts over a frame boundary); otherwise the later row replaces the earlier (shared_rows counts
/// these); a filled row replaces none. Frames without a row are interpolated linearly between the surrounding rows;
/// they and the frames of filled rows are counted in `filled`. `where` is the prefix of messages. Error: no row, a time
/// that is not finite or decreases, a gap above kMaxGapSeconds, more than kMaxFilledValues to fill.
Take resample(const TakeRows& rows, const std::string& where = "take");

/// Rows that are not a frame of the take, because a later row has their frame.
inline int64_t shared_rows(const Take& take) { return take.rows - (take.num_frames - take.filled); }

}  // namespace bisque
