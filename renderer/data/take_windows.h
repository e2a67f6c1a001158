// A dataset of windows of takes.
#pragma once
#include <ATen/core/Tensor.h>

#include <cstdint>
#include <string>
#include <tuple>
#include <vector>

#include <bisque/renderer/takes/take.h>

namespace bisque::data {

/// What default_collate makes of TakeWindows.
struct TakeWindowBatch {
  at::Tensor coefficients;                   // [B, length, names] float32
  at::Tensor take, first_frame, num_frames;  // [B] int64

  static auto fields(auto& batch) {
    return std::tie(batch.coefficients, batch.take, batch.first_frame, batch.num_frames);
  }
};

/// Consecutive frames of a take.
struct TakeWindow {
  using Batch = TakeWindowBatch;
  at::Tensor coefficients;  // [length, names] float32
  int64_t take = 0;         // which one it was cut from
  int64_t first_frame = 0;  // on the take's grid: it is first_frame / rate seconds from the take's start
  int64_t num_frames = 0;   // that are the take's; below length in a padded tail, where the last one stands again

  static auto fields(auto& window) {
    return std::tie(window.coefficients, window.take, window.first_frame, window.num_frames);
  }
};

/// What becomes of the frames at the end of a take that fill no window.
enum class Tail {
  kDrop,
  kPad,  // a last window has them, filled up with the take's last frame
};

struct TakeWindowsOptions {
  int64_t length = 1;                   // frames of a window
  int64_t stride = 0;                   // from the start of one to that of the next; 0: length
  Tail tail = Tail::kDrop;              // kPad: no frame is lost, a take shorter than a window neither
  std::vector<std::string> names = {};  // columns of the coefficients; default: those of the first take
};

/// Takes cut in windows, one take after the other. Takes may spell and order their columns as they like: they are found
/// by name, equal ones first, else by resolve_shape_name. Windows share the memory of their take.
///
///   const data::TakeWindows windows({"a.csv", "b.packets"}, {.length = 64, .stride = 16, .names = {"jawOpen"}});
///   data::DataLoader loader(windows, {.batch_size = 32, .shuffle = true});
///   for (auto& [coefficients, take, first_frame, num_frames] : loader) ...
///
/// Errors, with the take: those of read_take; it lacks a column, or has two of that name. Length < 1, stride < 0; no
/// take.
class TakeWindows {
 public:
  /// Reads the files, by read_take.
  TakeWindows(const std::vector<std::string>& paths, TakeWindowsOptions options);
  TakeWindows(const std::vector<Take>& takes, TakeWindowsOptions options);

  int64_t size() const { return ends_.empty() ? 0 : ends_.back(); }
  TakeWindow operator[](int64_t index) const;
  /// The columns of the coefficients.
  const std::vector<std::string>& names() const { return options_.names; }
  /// Of each take.
  const std::vector<FrameRate>& rates() const { return rates_; }

 private:
  void add(const Take& take, const std::string& where);

  TakeWindowsOptions options_;
  std::vector<at::Tensor> frames_;  // of each take, [frames, names]
  std::vector<FrameRate> rates_;
  std::vector<int64_t> ends_;  // windows up to the end of each take
};

}  // namespace bisque::data
