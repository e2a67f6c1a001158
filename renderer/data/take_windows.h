// A dataset of windows of takes.
#pragma once
#include <ATen/core/Tensor.h>

#include <cstdint>
#include <string>
#include <tuple>
#include <vector>

#include <bisque/renderer/takes/take.h>

namespace bisque::data {

/// The result of default_collate for TakeWindows.
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
  int64_t take = 0;         // index of its take
  int64_t first_frame = 0;  // on the take's grid: it starts at first_frame / rate seconds
  int64_t num_frames = 0;   // frames of the take; below length in a padded tail

  static auto fields(auto& window) {
    return std::tie(window.coefficients, window.take, window.first_frame, window.num_frames);
  }
};

/// How the frames at the end of a take that do not fill a window are handled.
enum class Tail {
  kDrop,
  kPad,  // put in a last window, padded with the take's last frame
};

struct TakeWindowsOptions {
  int64_t length = 1;                   // frames per window
  int64_t stride = 0;                   // distance between window starts; 0: length
  Tail tail = Tail::kDrop;              // kPad: no frame is lost, even if a take is shorter than a window
  std::vector<std::string> names = {};  // columns of the coefficients; default: those of the first take
};

/// Takes split into windows, one take after the other. Takes may have any spelling and order of columns, which are
/// bound to the names of the coefficients by bind_by_name: a whole shape also gives both of its halves, and halves a
/// whole one. Windows share the memory of their take.
///
///   const std::vector<std::string> files = {"a.csv", "b.packets"};
///   const data::TakeWindows windows(files, {.length = 64, .stride = 16, .names = {"jawOpen"}});
///   data::DataLoader loader(windows, {.batch_size = 32, .shuffle = true});
///   for (auto& [coefficients, take, first_frame, num_frames] : loader) ...
///
/// Errors, with the take: those of read_take; a column is missing. Length < 1, stride < 0; no take.
class TakeWindows {
 public:
  /// Reads the files with read_take.
  TakeWindows(const std::vector<std::string>& paths, TakeWindowsOptions options);
  TakeWindows(const std::vector<Take>& takes, TakeWindowsOptions options);

  int64_t size() const { return ends_.empty() ? 0 : ends_.back(); }
  TakeWindow operator[](int64_t index) const;
  /// The columns of the coefficients.
  const std::vector<std::string>& names() const { return options_.names; }
  /// Of each take.
  const std::vector<FrameRate>& rates() const { return rates_; }
  /// The choices of bind_by_name among several columns, one sentence each, which begins with the take.
  const std::vector<std::string>& notes() const { return notes_; }

 private:
  void add(const Take& take, const std::string& where);

  TakeWindowsOptions options_;
  std::vector<at::Tensor> frames_;  // of each take, [frames, names]
  std::vector<FrameRate> rates_;
  std::vector<std::string> notes_;
  std::vector<int64_t> ends_;  // cumulative number of windows
};

}  // namespace bisque::data
