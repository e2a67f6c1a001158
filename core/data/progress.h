// A progress bar for a loop.
#pragma once
#include <exception>
#include <iterator>
#include <utility>

#include <bisque/core/progress.h>

namespace bisque::data {

/// for (auto& batch : progress(loader, {.label = "train"})) ...
template <class Loader>
class Progress {
 public:
  Progress(Loader& loader, ProgressOptions options) : loader_(loader), bar_(loader.size(), std::move(options)) {}
  Progress(const Progress&) = delete;
  Progress& operator=(const Progress&) = delete;
  ~Progress() {
    if (std::uncaught_exceptions() == exceptions_) bar_.finish();
  }

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
  int exceptions_ = std::uncaught_exceptions();
};

/// Counts batches, unless the options name another unit.
template <class Loader>
Progress<Loader> progress(Loader& loader, ProgressOptions options = {}) {
  if (options.unit.empty()) options.unit = "batches";
  return {loader, std::move(options)};
}

}  // namespace bisque::data
