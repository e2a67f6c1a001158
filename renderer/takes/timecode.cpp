#include <bisque/renderer/takes/timecode.h>

#include <charconv>
#include <cmath>

#include <bisque/renderer/takes/frame_rate.h>

namespace bisque {
namespace {

constexpr int64_t kSecondsPerDay = 86'400;

// Removes one or more digits from the front of `text`, up to the limit.
std::optional<int64_t> take_digits(std::string_view& text, size_t max_digits) {
  size_t size = 0;
  while (size < text.size() && text[size] >= '0' && text[size] <= '9') ++size;
  if (size == 0 || size > max_digits) return std::nullopt;
  int64_t value = 0;
  std::from_chars(text.data(), text.data() + size, value);
  text.remove_prefix(size);
  return value;
}

// Removes one of `chars` from the front of `text`; 0 if it is none of them.
char take_one_of(std::string_view& text, std::string_view chars) {
  if (text.empty() || chars.find(text[0]) == std::string_view::npos) return 0;
  const char c = text[0];
  text.remove_prefix(1);
  return c;
}

// Removes the digits after a decimal point from the front of `text`, as a number below 1.
std::optional<double> take_decimals(std::string_view& text) {
  constexpr size_t kMaxDecimals = 9;
  const size_t size = text.size();
  const auto decimals = take_digits(text, kMaxDecimals);
  if (!decimals) return std::nullopt;
  return static_cast<double>(*decimals) / std::pow(10.0, static_cast<double>(size - text.size()));
}

// Removes MM:SS from the front of `text`, in seconds.
std::optional<int64_t> take_minutes(std::string_view& text) {
  const auto minutes = take_digits(text, 2);
  if (!minutes || *minutes >= 60 || take_one_of(text, ":") == 0) return std::nullopt;
  const auto seconds = take_digits(text, 2);
  if (!seconds || *seconds >= 60) return std::nullopt;
  return *minutes * 60 + *seconds;
}

// Removes HH:MM:SS from the front of `text`, in seconds.
std::optional<int64_t> take_time_of_day(std::string_view& text) {
  int64_t seconds = 0;
  for (const int64_t limit : {24, 60, 60}) {
    if (limit == 60 && take_one_of(text, ":;") == 0) return std::nullopt;
    const auto value = take_digits(text, 2);
    if (!value || *value >= limit) return std::nullopt;
    seconds = seconds * 60 + *value;
  }
  return seconds;
}

// The text after "2024-05-01T" or "2024-05-01 ".
std::string_view without_date(std::string_view text) {
  constexpr size_t kDateSize = 10;
  const bool has_date =
      text.size() > kDateSize && text[4] == '-' && text[7] == '-' && (text[kDateSize] == 'T' || text[kDateSize] == ' ');
  return has_date ? text.substr(kDateSize + 1) : text;
}

// Whether `text` is "", "Z" or "+02:00".
bool is_time_zone(std::string_view text) {
  if (text.empty() || text == "Z") return true;
  if (take_one_of(text, "+-") == 0 || !take_digits(text, 2)) return false;
  return text.empty() || (take_one_of(text, ":") != 0 && take_digits(text, 2) && text.empty());
}

// Numbers of frames that drop-frame timecode skips in each minute.
int64_t dropped_each_minute(const FrameRate& rate) { return nominal_rate(rate) / 15; }

}  // namespace

std::optional<Timecode> parse_timecode(std::string_view text) {
  const auto seconds = take_time_of_day(text);
  if (!seconds) return std::nullopt;
  const char separator = take_one_of(text, ":;");
  const auto frame = take_digits(text, 4);
  if (separator == 0 || !frame) return std::nullopt;
  Timecode timecode{*seconds, static_cast<double>(*frame), separator == ';'};
  if (text.empty()) return timecode;
  const auto sub_frame = take_one_of(text, ".") != 0 ? take_decimals(text) : std::nullopt;
  if (!sub_frame || !text.empty()) return std::nullopt;
  timecode.frame += *sub_frame;
  return timecode;
}

std::optional<double> parse_clock(std::string_view text) {
  text = without_date(text);
  const std::string_view whole = text;
  auto seconds = take_time_of_day(text);
  if (!seconds) {
    text = whole;
    seconds = take_minutes(text);
  }
  if (!seconds) return std::nullopt;
  auto time = static_cast<double>(*seconds);
  if (take_one_of(text, ".,") != 0) {
    const auto decimals = take_decimals(text);
    if (!decimals) return std::nullopt;
    time += *decimals;
  }
  if (!is_time_zone(text)) return std::nullopt;
  return time;
}

double frames_since_midnight(const Timecode& timecode, const FrameRate& rate, bool drop_frame) {
  const auto nominal = static_cast<double>(nominal_rate(rate));
  const double frames = static_cast<double>(timecode.seconds) * nominal + timecode.frame;
  if (!drop_frame) return frames;
  const int64_t minutes = timecode.seconds / 60;
  return frames - static_cast<double>(dropped_each_minute(rate) * (minutes - minutes / 10));
}

double frames_of_day(const FrameRate& rate, bool drop_frame) {
  return frames_since_midnight({kSecondsPerDay, 0, drop_frame}, rate, drop_frame);
}

}  // namespace bisque
