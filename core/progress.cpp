#include <bisque/core/progress.h>

#include <sys/ioctl.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <chrono>
#include <cmath>
#include <cstdio>
#include <cstdlib>
#include <iostream>
#include <utility>

namespace bisque {
namespace {

constexpr double kRedrawSeconds = 0.1;
constexpr int64_t kBarWidth = 30;
constexpr int64_t kShortestBar = 5;
constexpr int64_t kDefaultColumns = 80;

std::atomic<bool> any_line_is_open = false;

double steady_seconds() {
  return std::chrono::duration<double>(std::chrono::steady_clock::now().time_since_epoch()).count();
}

int64_t terminal_columns() {
  winsize size{};
  const bool known = ::ioctl(STDERR_FILENO, TIOCGWINSZ, &size) == 0 && size.ws_col > 0;
  return known ? size.ws_col : kDefaultColumns;
}

// 117.3, 5.2, 0.04: three digits are sufficient for a rate.
std::string format_rate(double rate) {
  char text[32];
  std::snprintf(text, sizeof text, rate >= 100 ? "%.0f" : rate >= 1 ? "%.1f" : "%.2f", rate);
  return text;
}

std::string format_seconds(double seconds) {
  if (seconds >= 60) return format_duration(seconds);
  char text[32];
  std::snprintf(text, sizeof text, "%.1f s", seconds);
  return text;
}

}  // namespace

ProgressStyle progress_style(bool quiet) {
  if (quiet) return ProgressStyle::kQuiet;
  const char* terminal = std::getenv("TERM");
  const bool is_dumb = terminal && std::string(terminal) == "dumb";
  return ::isatty(STDERR_FILENO) && !is_dumb ? ProgressStyle::kBar : ProgressStyle::kLines;
}

std::string format_duration(double seconds) {
  const auto whole = static_cast<int64_t>(std::ceil(std::clamp(seconds, 0.0, 1e9)));
  const int64_t hours = whole / 3600;
  const int64_t minutes = whole / 60 % 60;
  char text[48];
  if (hours > 0) {
    std::snprintf(text, sizeof text, "%lld:%02d:%02d", static_cast<long long>(hours), static_cast<int>(minutes),
                  static_cast<int>(whole % 60));
  } else {
    std::snprintf(text, sizeof text, "%d:%02d", static_cast<int>(minutes), static_cast<int>(whole % 60));
  }
  return text;
}

ProgressBar::ProgressBar(std::optional<int64_t> total, ProgressOptions options)
    : total_(total), options_(std::move(options)) {
  if (!options_.out) options_.out = &std::cerr;
  if (!options_.seconds) options_.seconds = steady_seconds;
  start_ = options_.seconds();
  if (options_.style == ProgressStyle::kLines) *options_.out << prefix() << counted(0) << std::endl;
  if (options_.style == ProgressStyle::kBar) show();
}

ProgressBar::~ProgressBar() {
  if (line_is_open_) *options_.out << std::endl;
  set_line_open(false);
}

void ProgressBar::advance(int64_t count) {
  done_ = total_ ? std::min(done_ + count, *total_) : done_ + count;
  if (options_.style == ProgressStyle::kBar && options_.seconds() - shown_at_ >= kRedrawSeconds) show();
  // finish() reports the last tenth.
  const int64_t tenth = total_ && *total_ > 0 ? done_ * 10 / *total_ : 0;
  if (options_.style == ProgressStyle::kLines && tenth > shown_tenth_ && tenth < 10) {
    shown_tenth_ = tenth;
    *options_.out << prefix() << status(options_.seconds() - start_) << std::endl;
  }
}

void ProgressBar::finish() {
  if (options_.style == ProgressStyle::kQuiet) return;
  const double elapsed = options_.seconds() - start_;
  if (line_is_open_) *options_.out << "\r\033[K";
  *options_.out << prefix() << done_ << (options_.unit.empty() ? "" : " ") << options_.unit << " in "
                << format_seconds(elapsed);
  if (done_ > 0 && elapsed > 0) *options_.out << " (" << format_rate(static_cast<double>(done_) / elapsed) << "/s)";
  *options_.out << std::endl;
  set_line_open(false);
}

bool progress_line_is_open() { return any_line_is_open; }

void ProgressBar::set_line_open(bool is_open) {
  line_is_open_ = is_open;
  any_line_is_open = is_open;
}

void ProgressBar::show() {
  shown_at_ = options_.seconds();
  set_line_open(true);
  *options_.out << '\r' << bar(shown_at_ - start_) << "\033[K" << std::flush;
}

std::string ProgressBar::prefix() const { return options_.label.empty() ? "" : options_.label + ": "; }

std::string ProgressBar::counted(int64_t count) const {
  std::string text = std::to_string(count);
  if (total_) text += " of " + std::to_string(*total_);
  return options_.unit.empty() ? text : text + ' ' + options_.unit;
}

std::string ProgressBar::status(double elapsed) const {
  std::string text = counted(done_);
  if (done_ == 0 || elapsed <= 0) return text;
  const double rate = static_cast<double>(done_) / elapsed;
  text += ", " + format_rate(rate) + "/s";
  if (!total_) return text;
  return text + ", " + format_duration(static_cast<double>(*total_ - done_) / rate) + " left";
}

// Within the terminal's width, as a line that wraps cannot be redrawn: the bar gives way first, then the label.
std::string ProgressBar::bar(double elapsed) const {
  const auto columns = static_cast<size_t>(terminal_columns() - 1);
  const std::string told = (options_.label.empty() && !total_ ? "" : " ") + status(elapsed);
  const auto room = static_cast<int64_t>(columns) - static_cast<int64_t>(options_.label.size() + told.size() + 3);
  const int64_t width = total_ ? std::min(room, kBarWidth) : 0;
  std::string line = options_.label;
  if (width >= kShortestBar) {
    const int64_t filled = *total_ > 0 ? width * done_ / *total_ : 0;
    line += (line.empty() ? "[" : " [") + std::string(static_cast<size_t>(filled), '#') +
            std::string(static_cast<size_t>(width - filled), '.') + ']';
  } else if (columns > told.size()) {
    line.resize(std::min(line.size(), columns - told.size()));
  } else {
    line.clear();
  }
  return (line + told).substr(0, columns);
}

}  // namespace bisque
