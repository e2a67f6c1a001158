#include <bisque/core/data/progress.h>

#include <algorithm>
#include <iomanip>
#include <iostream>
#include <sstream>

namespace bisque::data {

ProgressBar::ProgressBar(std::optional<int64_t> total, ProgressOptions options)
    : total_(total), options_(std::move(options)) {
  if (!options_.out) options_.out = &std::cerr;
  show();
}

ProgressBar::~ProgressBar() {
  show();
  *options_.out << std::endl;
}

void ProgressBar::advance(int64_t steps) {
  done_ += steps;
  if (std::chrono::duration<double>(Clock::now() - shown_).count() >= options_.seconds) show();
}

std::string ProgressBar::line() const {
  std::ostringstream text;
  if (!options_.label.empty()) text << options_.label << "  ";
  text << done_;
  if (total_) {
    const double share = *total_ > 0 ? std::min(1.0, static_cast<double>(done_) / static_cast<double>(*total_)) : 1.0;
    const auto filled = static_cast<size_t>(share * options_.width), width = static_cast<size_t>(options_.width);
    std::string bar(filled, '#');
    if (filled < width) bar += '>';
    bar.resize(width, '.');
    text << '/' << *total_ << " [" << bar << ']';
  }
  const double seconds = std::chrono::duration<double>(Clock::now() - start_).count();
  text << "  " << std::fixed << std::setprecision(1) << seconds << " s";
  if (done_ > 0 && seconds > 0) text << ", " << static_cast<double>(done_) / seconds << " a second";
  return text.str();
}

void ProgressBar::show() {
  shown_ = Clock::now();
  std::string text = line();
  longest_ = std::max(longest_, text.size());
  text.resize(longest_, ' ');  // covers what a longer one left
  *options_.out << '\r' << text << std::flush;
}

}  // namespace bisque::data
