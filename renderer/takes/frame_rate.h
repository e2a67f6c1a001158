// Rational frame rates: parsing, checking, printing.
#pragma once
#include <string>
#include <string_view>

#include <bisque/renderer/takes/take.h>

namespace bisque {

/// Lowest and highest valid rate, in Hz.
inline constexpr int64_t kMinFrameRate = 1;
inline constexpr int64_t kMaxFrameRate = 1000;

/// num / den in lowest terms; `where` is the prefix of the message. Error: not a rate from kMinFrameRate to
/// kMaxFrameRate.
FrameRate checked_frame_rate(int64_t num, int64_t den, const std::string& where);

/// Parses "60", "12.5", "30000/1001"; decimals within 0.005 of an NTSC rate are that rate: "29.97" and "29.970" are
/// 30000/1001, "23.976" and "23.98" are 24000/1001. `where` is the prefix of the message. Error: anything else.
FrameRate parse_frame_rate(std::string_view text, const std::string& where = "frame rate");

/// "60", "30000/1001".
std::string frame_rate_text(const FrameRate& rate);

/// The frames per second in a timecode: 30 at 29.97 Hz.
int64_t nominal_rate(const FrameRate& rate);

}  // namespace bisque
