// How far a long piece of work has come, told on stderr.
#pragma once
#include <cstdint>
#include <functional>
#include <iosfwd>
#include <string>

namespace bisque {

enum class ProgressStyle {
  kBar,    // one line that is redrawn, for a terminal
  kLines,  // a line at the start, at each 10 % and at the end, for a log
  kQuiet,
};

/// kQuiet as asked for; else kBar where stderr is a terminal, kLines where it is not (or TERM is "dumb").
ProgressStyle progress_style(bool quiet);

/// "1:02:03", "2:03" or "0:07".
std::string format_duration(double seconds);

/// Whether a bar stands on the last line of stderr. A signal handler may call it.
bool progress_line_is_open();

/// Counts items, and shows count, rate and time left.
class Progress {
 public:
  /// `what` is done to `total` items of the plural `unit`: "rendering", "frames". `seconds` is the clock.
  Progress(std::string what, std::string unit, int64_t total, ProgressStyle style);
  Progress(std::string what, std::string unit, int64_t total, ProgressStyle style, std::ostream& out,
           std::function<double()> seconds);
  /// Ends a bar's line where the work has failed, so that the error stands on a line of its own.
  ~Progress();
  Progress(const Progress&) = delete;
  Progress& operator=(const Progress&) = delete;

  void advance(int64_t count = 1);
  /// Tells the total time and rate.
  void finish();

 private:
  void show();
  void set_line_open(bool is_open);
  std::string bar(double elapsed) const;
  std::string status(double elapsed) const;

  std::string what_;
  std::string unit_;
  int64_t total_;
  ProgressStyle style_;
  std::ostream& out_;
  std::function<double()> seconds_;
  double start_;
  double shown_at_ = 0;
  int64_t shown_tenth_ = 0;
  bool line_is_open_ = false;
  int64_t done_ = 0;
};

}  // namespace bisque
