// Batches on a device, copied while it computes.
#pragma once
#include <c10/core/Device.h>
#include <c10/core/Event.h>
#include <c10/core/Stream.h>

#include <cstddef>
#include <exception>
#include <iterator>
#include <optional>
#include <type_traits>
#include <utility>

#include <bisque/core/data/pin_memory.h>
#include <bisque/core/value.h>

namespace bisque::data {

/// A stream of a device for copies to it. On the CPU there is none, and nothing to wait for.
class CopyStream {
 public:
  explicit CopyStream(c10::Device device);

  /// Moves all tensors of a value to the device, on this stream: it returns while they are copied, if they lie in
  /// pinned memory.
  template <class T>
  void copy(T& value) {
    for_each_tensor(value, [&](at::Tensor& tensor) { tensor = copied(tensor); });
    mark();
  }
  /// Work that the caller's current stream gets from now on is done after the last copy, whose tensors are its to use.
  template <class T>
  void hand_over(T& value) {
    wait();
    for_each_tensor(value, [&](const at::Tensor& tensor) { keep(tensor); });
  }

 private:
  at::Tensor copied(const at::Tensor& tensor) const;
  void mark();
  void wait() const;
  void keep(const at::Tensor& tensor) const;

  c10::Device device_;
  std::optional<c10::Stream> stream_;
  std::optional<c10::Event> done_;
};

/// What on_device gives.
template <class Loader>
class OnDevice {
  using Source = decltype(std::declval<Loader&>().begin());
  using Batch = std::remove_cvref_t<decltype(*std::declval<Source&>())>;

 public:
  OnDevice(Loader& loader, c10::Device device) : loader_(loader), device_(device) {}

  class Iterator {
   public:
    using value_type = Batch;
    using difference_type = std::ptrdiff_t;
    explicit Iterator(OnDevice& whole) : whole_(&whole), source_(whole.loader_.begin()), stream_(whole.device_) {
      start_copy();
      ++*this;
    }
    Batch& operator*() { return *batch_; }
    Batch* operator->() { return &*batch_; }
    Iterator& operator++() {
      batch_.reset();
      whole_->state_.reset();
      if (error_) std::rethrow_exception(std::exchange(error_, nullptr));
      if (has_failed_) {  // goes on after the batch that failed
        ++source_;
        start_copy();
        has_failed_ = false;
      }
      if (!copying_) return *this;
      batch_ = std::move(copying_);
      copying_.reset();
      stream_.hand_over(*batch_);
      whole_->state_ = whole_->loader_.state_dict();
      try {
        ++source_;
        start_copy();
      } catch (...) {
        error_ = std::current_exception();  // in its turn
        has_failed_ = true;
      }
      return *this;
    }
    void operator++(int) { ++*this; }
    friend bool operator==(const Iterator& at, std::default_sentinel_t) { return !at.batch_; }

   private:
    void start_copy() {
      if (source_ == std::default_sentinel) return;
      copying_ = std::move(*source_);
      stream_.copy(*copying_);
    }

    OnDevice* whole_;
    Source source_;
    CopyStream stream_;
    std::optional<Batch> batch_, copying_;
    std::exception_ptr error_;
    bool has_failed_ = false;
  };

  Iterator begin() { return Iterator(*this); }
  std::default_sentinel_t end() const { return {}; }
  auto size() const { return loader_.size(); }
  /// Where the loop is: the loader's own state is one batch ahead. The loader's load_state_dict takes it.
  Dict state_dict() const { return state_ ? *state_ : loader_.state_dict(); }

 private:
  Loader& loader_;
  c10::Device device_;
  std::optional<Dict> state_;  // while a batch is ahead of the loop
};

/// The batches of a loader on a device, one ahead of the loop: while it works on one, the next is copied on a stream of
/// its own. Give the loader pin_memory, or each copy waits for the one before. An error of the loader comes in the turn
/// of its batch; an iterator that is moved on after it gives the next one. Resume by the state_dict() of this.
///
///   for (auto& [x, y] : data::on_device(loader, at::kCUDA)) ...
template <class Loader>
OnDevice<Loader> on_device(Loader& loader, c10::Device device) {
  return {loader, device};
}

}  // namespace bisque::data
