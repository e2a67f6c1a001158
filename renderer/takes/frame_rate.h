// Rational frame rates: reading, checking, printing.
#pragma once
#include <string>
#include <string_view>

#include <bisque/renderer/takes/take.h>

namespace bisque {

/// Slowest and fastest rate that is taken for one, in Hz.
inline constexpr int64_t kMinFrameRate = 1;
inline constexpr int64_t kMaxFrameRate = 1000;

/// num / den in lowest terms; `where` begins the message.
/// Error: no rate from kMinFrameRate to kMaxFrameRate.
FrameRate checked_frame_rate(int64_t num, int64_t den, const std::string& where);

/// "60", "12.5", "30000/1001"; decimals within 0.005 of an NTSC rate are that rate: "29.97" and "29.970" are
/// 30000/1001, "23.976" and "23.98" are 24000/1001. `where` begins the message. Error: anything else.
FrameRate parse_frame_rate(std::string_view text, const std::string& where = "frame rate");

/// "60", "30000/1001".
std::string frame_rate_text(const FrameRate& rate);

/// The frames that a timecode counts in a second: 30 at 29.97 Hz.
int64_t nominal_rate(const FrameRate& rate);

}  // namespace bisque
