#include <bisque/renderer/takes/resample.h>

#include <algorithm>
#include <cmath>

#include <bisque/core/error.h>

namespace bisque {
namespace {

constexpr double kLatestFrame = 1e12;   // keeps whole frames exact in a double
constexpr double kTimeRounding = 1e-6;  // of times computed from seconds; files have three decimals

void check_time(const TakeRows& rows, size_t row, const std::string& where) {
  const double time = rows.frames[row];
  if (!(std::abs(time) <= kLatestFrame)) {
    fail(where, ": row ", row, " is at frame ", time, ", expected a number from -1e12 to 1e12.");
  }
  if (row == 0) return;
  const double gap = time - rows.frames[row - 1];
  if (gap < 0) fail(where, ": row ", row, " is earlier than the row before, expected increasing times.");
  if (gap > static_cast<double>(kMaxGapSeconds) * rows.rate.hz()) {
    fail(where, ": rows ", row - 1, " and ", row, " are ", gap / rows.rate.hz(), " seconds apart, expected at most ",
         kMaxGapSeconds, " in one take.");
  }
}

// The frame of each row, relative to that of the first; never decreasing.
std::vector<int64_t> place_rows(const TakeRows& rows, const std::string& where) {
  std::vector<int64_t> frames(rows.frames.size());
  for (size_t row = 0; row < frames.size(); ++row) {
    check_time(rows, row, where);
    const double time = rows.frames[row];
    auto frame = static_cast<int64_t>(std::floor(time + kTimeRounding));
    if (row > 0 && frame <= frames[row - 1]) {
      const int64_t next = frames[row - 1] + 1;
      const bool nearer = static_cast<double>(next) - time <= 0.5;
      frame = nearer && time - rows.frames[row - 1] >= 0.5 ? next : frames[row - 1];
    }
    frames[row] = frame;
  }
  const int64_t first = frames[0];
  for (int64_t& frame : frames) frame -= first;
  return frames;
}

int64_t count_different(const std::vector<int64_t>& rising) {
  int64_t count = 0;
  for (size_t i = 0; i < rising.size(); ++i) count += i == 0 || rising[i] != rising[i - 1] ? 1 : 0;
  return count;
}

}  // namespace

Take resample(const TakeRows& rows, const std::string& where) {
  if (rows.num_rows() == 0) fail(where, ": holds no row.");
  const std::vector<int64_t> frames = place_rows(rows, where);
  const size_t num_names = rows.names.size();
  Take take;
  take.names = rows.names;
  take.rate = rows.rate;
  take.rate_is_guess = rows.rate_is_guess;
  take.notes = rows.notes;
  take.num_frames = frames.back() + 1;
  const int64_t absent = take.num_frames - count_different(frames);
  if (absent > kMaxFilledValues / static_cast<int64_t>(std::max<size_t>(num_names, 1))) {
    fail(where, ": lacks ", absent, " of its ", take.num_frames, " frames, more than are filled in.");
  }

  take.values.resize(static_cast<size_t>(take.num_frames) * num_names);
  const auto at = [&](int64_t frame) { return take.values.data() + static_cast<size_t>(frame) * num_names; };
  int64_t last_frame = -1;  // with a row of the file
  int64_t num_own = 0;
  for (size_t row = 0; row < frames.size(); ++row) {
    const bool is_filled = !rows.is_filled.empty() && rows.is_filled[row];
    if (is_filled && frames[row] == last_frame) continue;
    std::copy_n(rows.values.data() + row * num_names, num_names, at(frames[row]));
    if (is_filled) continue;
    ++take.rows;
    num_own += frames[row] != last_frame ? 1 : 0;
    last_frame = frames[row];
  }
  take.filled = take.num_frames - num_own;
  for (size_t row = 1; row < frames.size(); ++row) {
    const int64_t before = frames[row - 1];
    const int64_t gap = frames[row] - before;
    for (int64_t step = 1; step < gap; ++step) {
      const double weight = static_cast<double>(step) / static_cast<double>(gap);
      for (size_t i = 0; i < num_names; ++i) {
        at(before + step)[i] = interpolated(at(before)[i], at(frames[row])[i], weight);
      }
    }
  }
  return take;
}

}  // namespace bisque
