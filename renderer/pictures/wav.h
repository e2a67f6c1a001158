// The header of a WAV file. Free of libtorch.
#pragma once
#include <cstddef>
#include <cstdint>
#include <span>
#include <string>

namespace bisque {

struct WavInfo {
  int channels = 0;
  int64_t sample_rate = 0;  // Hz
  int bit_depth = 0;
  bool is_float = false;
  int64_t num_samples = 0;  // per channel
  double seconds() const { return static_cast<double>(num_samples) / static_cast<double>(sample_rate); }
};

/// RIFF WAVE with PCM or float samples, also in the extensible format. A data chunk without a length, as recorders
/// write that cannot seek, takes the rest of the file. Error: not a WAV, another coding, a missing or contradictory
/// format, a sample rate or a number of channels that a video cannot have, no samples, truncated.
WavInfo wav_info(std::span<const std::byte> bytes, const std::string& name);
WavInfo read_wav_info(const std::string& path);

}  // namespace bisque
