// Puts the rows of a take on its frame grid.
#pragma once
#include <cstdint>
#include <string>

#include <bisque/renderer/takes/take.h>

namespace bisque {

/// Longest stretch without a row that is filled, in seconds.
inline constexpr int64_t kMaxGapSeconds = 60;
/// Most values that are filled in, over all columns: 256 MiB, 5 hours of 61 columns at 60 Hz.
inline constexpr int64_t kMaxFilledValues = int64_t{1} << 26;

/// One frame for each step of the rate, from the first row to the last.
/// A row is the frame that its time lies in (the whole part; the sub-frame tells only where in the frame), with its
/// values unchanged. Where an earlier row already is that frame, it is the next frame if its time is nearer to that and
/// half a frame or more after the row before (a clock that drifts over the edge of a frame); else the later row
/// replaces the earlier (shared_rows counts these); a filled row replaces none. Frames without a row are interpolated
/// linearly between the rows around them; they and the frames of filled rows are counted in `filled`. `where` begins
/// the messages. Error: no row, a time that is not finite or falls, a gap above kMaxGapSeconds, more than
/// kMaxFilledValues to fill.
Take resample(const TakeRows& rows, const std::string& where = "take");

/// Rows that are no frame of the take, since a later row has their frame.
inline int64_t shared_rows(const Take& take) { return take.rows - (take.num_frames - take.filled); }

}  // namespace bisque
