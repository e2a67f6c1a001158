// A take: coefficients and head and eye rotations over time, by name. Free of libtorch.
#pragma once
#include <cstdint>
#include <string>
#include <vector>

namespace bisque {

/// A frame rate as numerator / denominator in Hz: 30000/1001 is NTSC's 29.97.
struct FrameRate {
  int64_t num = 30;
  int64_t den = 1;
  double hz() const { return static_cast<double>(num) / static_cast<double>(den); }
};

/// A value between two frames of a take: `before` at weight 0, `after` at 1.
inline float interpolated(float before, float after, double weight) {
  return static_cast<float>((1 - weight) * before + weight * after);
}

/// Rows in the order of their times, without gaps in their values.
struct TakeRows {
  std::vector<std::string> names;  // columns, spelled as in the file
  std::vector<float> values;       // [rows, names]
  std::vector<double> frames;      // [rows] time of each row, in frames of `rate` (fractional: sub-frames)
  std::vector<bool> is_filled;     // [rows] the file has no values for this row; empty: all have values
  FrameRate rate;
  bool rate_is_guess = false;      // neither the file nor the caller gives the rate
  std::vector<std::string> notes;  // repairs and dropped content, one sentence each
  int64_t num_rows() const { return static_cast<int64_t>(frames.size()); }
};

/// A take on its regular frame grid.
struct Take {
  std::vector<std::string> names;
  std::vector<float> values;  // [frames, names]
  int64_t num_frames = 0;
  FrameRate rate;
  bool rate_is_guess = false;
  int64_t rows = 0;                // rows of the file that have values
  int64_t filled = 0;              // frames without such a row, interpolated between their neighbours
  std::string source;              // "CSV", "Live Link packets", "JSON", "npy", "safetensors"
  std::vector<std::string> notes;  // repairs and dropped content, one sentence each
};

}  // namespace bisque
