// How far a long piece of work is: a bar on a terminal, lines in a log.
#pragma once
#include <cstdint>
#include <functional>
#include <iosfwd>
#include <optional>
#include <string>

namespace bisque {

enum class ProgressStyle {
  kBar,    // one line that is redrawn, for a terminal
  kLines,  // a line at the start, at each 10 % and at the end, for a log
  kQuiet,
};

/// kQuiet if asked for; else kBar if stderr is a terminal, kLines if it is not (or TERM is "dumb").
ProgressStyle progress_style(bool quiet = false);

/// "1:02:03", "2:03" or "0:07".
std::string format_duration(double seconds);

/// Whether a bar is on the last line of stderr. A signal handler may call it.
bool progress_line_is_open();

struct ProgressOptions {
  std::string label = "";  // "rendering"
  std::string unit = "";   // plural: "frames"
  ProgressStyle style = progress_style();
  std::ostream* out = nullptr;           // default: std::cerr
  std::function<double()> seconds = {};  // the clock; default: a steady one
};

/// Counts items, and shows count, rate and time left: "rendering [####....] 63 of 125 frames, 15.0/s, 0:05 left".
class ProgressBar {
 public:
  /// Without `total` there is neither a bar nor a time left.
  explicit ProgressBar(std::optional<int64_t> total, ProgressOptions options = {});
  /// Ends a bar's line if the work has failed, so that the error is on a line of its own.
  ~ProgressBar();
  ProgressBar(const ProgressBar&) = delete;
  ProgressBar& operator=(const ProgressBar&) = delete;

  void advance(int64_t count = 1);
  /// Reports the total time and rate.
  void finish();

 private:
  void show();
  void set_line_open(bool is_open);
  /// The label before a line: "rendering: ".
  std::string prefix() const;
  /// `count` with the total, if there is one, and the unit: "63 of 125 frames".
  std::string counted(int64_t count) const;
  std::string bar(double elapsed) const;
  std::string status(double elapsed) const;

  std::optional<int64_t> total_;
  ProgressOptions options_;
  double start_ = 0;
  double shown_at_ = 0;
  int64_t shown_tenth_ = 0;
  bool line_is_open_ = false;
  int64_t done_ = 0;
};

}  // namespace bisque
