#include <bisque/renderer/takes/timecode.h>

#include <algorithm>
#include <charconv>
#include <cmath>

#include <bisque/core/error.h>
#include <bisque/renderer/takes/frame_rate.h>

namespace bisque {
namespace {

constexpr int64_t kSecondsPerDay = 86'400;

// Takes one or more digits off the front of `text`, up to the limit.
std::optional<int64_t> take_digits(std::string_view& text, size_t max_digits) {
  size_t size = 0;
  while (size < text.size() && text[size] >= '0' && text[size] <= '9') ++size;
  if (size == 0 || size > max_digits) return std::nullopt;
  int64_t value = 0;
  std::from_chars(text.data(), text.data() + size, value);
  text.remove_prefix(size);
  return value;
}

bool take_char(std::string_view& text, char c) {
  if (!text.starts_with(c)) return false;
  text.remove_prefix(1);
  return true;
}

FrameRate guess_rate(std::span<const Timecode> timecodes, const std::function<std::string(size_t)>& where) {
  size_t row = 0;  // the one with the largest FF
  for (size_t i = 1; i < timecodes.size(); ++i) {
    if (timecodes[i].frame > timecodes[row].frame) row = i;
  }
  for (const int64_t rate : {24, 25, 30, 48, 50, 60, 120}) {
    if (timecodes[row].frame < static_cast<double>(rate)) return {rate, 1};
  }
  fail(where(row), ": frame ", std::floor(timecodes[row].frame),
       " of its second is beyond 120 Hz, the highest rate that is guessed; the rate must be given.");
}

}  // namespace

std::optional<Timecode> parse_timecode(std::string_view text) {
  Timecode timecode;
  for (const int64_t limit : {24, 60, 60}) {
    const auto value = take_digits(text, 2);
    if (!value || *value >= limit || !take_char(text, ':')) return std::nullopt;
    timecode.seconds = timecode.seconds * 60 + *value;
  }
  const auto frame = take_digits(text, 4);
  if (!frame) return std::nullopt;
  timecode.frame = static_cast<double>(*frame);
  if (text.empty()) return timecode;

  if (!take_char(text, '.')) return std::nullopt;
  const size_t digits = text.size();
  const auto sub_frame = take_digits(text, 9);
  if (!sub_frame || !text.empty()) return std::nullopt;
  timecode.frame += static_cast<double>(*sub_frame) / std::pow(10.0, static_cast<double>(digits));
  return timecode;
}

void place_timecodes(std::span<const Timecode> timecodes, const std::optional<FrameRate>& rate,
                     const std::function<std::string(size_t)>& where, TakeRows& rows) {
  rows.rate = rate ? *rate : guess_rate(timecodes, where);
  rows.rate_is_guess = !rate;
  const auto nominal = static_cast<double>(nominal_rate(rows.rate));
  const double day = static_cast<double>(kSecondsPerDay) * nominal;
  double midnights = 0;
  rows.frames.resize(timecodes.size());
  for (size_t i = 0; i < timecodes.size(); ++i) {
    if (timecodes[i].frame >= nominal) {
      fail(where(i), ": frame ", std::floor(timecodes[i].frame), " of its second is not below the rate of ",
           frame_rate_text(rows.rate), " Hz.");
    }
    double frame = static_cast<double>(timecodes[i].seconds) * nominal + timecodes[i].frame + midnights;
    if (i > 0 && frame < rows.frames[i - 1]) {
      if (rows.frames[i - 1] - frame <= day / 2) {
        fail(where(i), ": its timecode is earlier than that of the row before, expected rising times.");
      }
      midnights += day;
      frame += day;
    }
    rows.frames[i] = frame;
  }
}

}  // namespace bisque
