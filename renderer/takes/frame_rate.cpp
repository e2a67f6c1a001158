#include <bisque/renderer/takes/frame_rate.h>

#include <charconv>
#include <cmath>
#include <numeric>
#include <optional>

#include <bisque/core/error.h>
#include <bisque/core/serialization/text.h>

namespace bisque {
namespace {

// Digits only, few enough not to overflow.
std::optional<int64_t> parse_digits(std::string_view text) {
  constexpr size_t kMaxDigits = 9;
  if (text.empty() || text.size() > kMaxDigits) return std::nullopt;
  int64_t value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc() || end != text.data() + text.size() || text[0] == '-') return std::nullopt;
  return value;
}

// The NTSC rate that is usually written with as few digits as `hz` has.
std::optional<int64_t> ntsc_nominal(double hz) {
  constexpr double kRounding = 0.005;
  for (const int64_t nominal : {24, 30, 48, 60, 120}) {
    const double exact = static_cast<double>(nominal) * 1000 / 1001;
    if (std::abs(hz - exact) < kRounding) return nominal;
  }
  return std::nullopt;
}

[[noreturn]] void reject(std::string_view text, const std::string& where) {
  fail(where, ": ", quoted_text(text),
       " is not a frame rate, expected a number or a fraction such as 60, 29.97 or 30000/1001.");
}

}  // namespace

FrameRate checked_frame_rate(int64_t num, int64_t den, const std::string& where) {
  // Divisions, because products of malicious numbers overflow.
  const bool sane = num > 0 && den > 0 && num / den >= kMinFrameRate &&
                    (num / den < kMaxFrameRate || (num / den == kMaxFrameRate && num % den == 0));
  if (!sane) {
    fail(where, ": ", num, "/", den, " Hz is not a frame rate, expected ", kMinFrameRate, " to ", kMaxFrameRate,
         " Hz.");
  }
  const int64_t divisor = std::gcd(num, den);
  return {num / divisor, den / divisor};
}

FrameRate parse_frame_rate(std::string_view text, const std::string& where) {
  if (const size_t slash = text.find('/'); slash != std::string_view::npos) {
    const auto num = parse_digits(text.substr(0, slash));
    const auto den = parse_digits(text.substr(slash + 1));
    if (!num || !den) reject(text, where);
    return checked_frame_rate(*num, *den, where);
  }
  const size_t point = text.find('.');
  const auto whole = parse_digits(text.substr(0, point));
  if (!whole) reject(text, where);
  if (point == std::string_view::npos) return checked_frame_rate(*whole, 1, where);

  constexpr size_t kUsedDecimals = 9;  // a double prints with up to 17
  const std::string_view all_decimals = text.substr(point + 1);
  const std::string_view decimals = all_decimals.substr(0, kUsedDecimals);
  const auto part = parse_digits(decimals);
  const bool digits_only = all_decimals.find_first_not_of("0123456789") == std::string_view::npos;
  if (!part || !digits_only || *whole > kMaxFrameRate) reject(text, where);
  int64_t den = 1;
  for (size_t i = 0; i < decimals.size(); ++i) den *= 10;
  const int64_t num = *whole * den + *part;
  const auto ntsc = ntsc_nominal(static_cast<double>(num) / static_cast<double>(den));
  return ntsc ? FrameRate{*ntsc * 1000, 1001} : checked_frame_rate(num, den, where);
}

std::string frame_rate_text(const FrameRate& rate) {
  return std::to_string(rate.num) + (rate.den == 1 ? "" : "/" + std::to_string(rate.den));
}

int64_t nominal_rate(const FrameRate& rate) { return (rate.num + rate.den - 1) / rate.den; }

}  // namespace bisque
