// A line that shows how far a loop is.
#pragma once
#include <chrono>
#include <cstdint>
#include <iosfwd>
#include <iterator>
#include <optional>
#include <string>
#include <utility>

namespace bisque::data {

struct ProgressOptions {
  std::string label = "";
  std::ostream* out = nullptr;  // default: std::cerr
  double seconds = 0.1;         // between two updates
  int width = 30;               // of the bar
};

/// "train  63/125 [##########>.........]  4.2 s, 15.0 a second", written over itself; a newline when it dies.
class ProgressBar {
 public:
  /// `total` none: the bar is left out.
  explicit ProgressBar(std::optional<int64_t> total, ProgressOptions options = {});
  ProgressBar(const ProgressBar&) = delete;
  ProgressBar& operator=(const ProgressBar&) = delete;
  ~ProgressBar();
  void advance(int64_t steps = 1);
  /// What the line says now.
  std::string line() const;

 private:
  using Clock = std::chrono::steady_clock;
  void show();

  std::optional<int64_t> total_;
  ProgressOptions options_;
  int64_t done_ = 0;
  Clock::time_point start_ = Clock::now(), shown_;
  size_t longest_ = 0;
};

/// for (auto& batch : progress(loader, {.label = "train"})) ...
template <class Loader>
class Progress {
 public:
  Progress(Loader& loader, ProgressOptions options) : loader_(loader), bar_(loader.size(), std::move(options)) {}

  class Iterator {
   public:
    Iterator(decltype(std::declval<Loader&>().begin()) at, ProgressBar& bar) : at_(std::move(at)), bar_(bar) {}
    auto& operator*() { return *at_; }
    Iterator& operator++() {
      bar_.advance();
      ++at_;
      return *this;
    }
    friend bool operator==(const Iterator& at, std::default_sentinel_t end) { return at.at_ == end; }

   private:
    decltype(std::declval<Loader&>().begin()) at_;
    ProgressBar& bar_;
  };
  Iterator begin() { return {loader_.begin(), bar_}; }
  std::default_sentinel_t end() const { return {}; }

 private:
  Loader& loader_;
  ProgressBar bar_;
};

template <class Loader>
Progress<Loader> progress(Loader& loader, ProgressOptions options = {}) {
  return {loader, std::move(options)};
}

}  // namespace bisque::data
