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

/// A stream of a device for copies to it. On the CPU there is no stream and no wait.
class CopyStream {
 public:
  explicit CopyStream(c10::Device device);

  /// Moves all tensors of a value to the device, on this stream. If they are in pinned memory, it returns before the
  /// copies are complete.
  template <class T>
  void copy(T& value) {
    for_each_tensor(value, [&](at::Tensor& tensor) { tensor = copied(tensor); });
    mark();
  }
  /// Makes the caller's current stream wait for the last copy, and lets it use the tensors.
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

/// The result of on_device.
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
      if (has_failed_) {  // continues after the failed batch
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
        error_ = std::current_exception();  // thrown at the batch's position
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
  /// The position of the loop: the loader's own state is one batch ahead. Pass it to the loader's load_state_dict.
  Dict state_dict() const { return state_ ? *state_ : loader_.state_dict(); }

 private:
  Loader& loader_;
  c10::Device device_;
  std::optional<Dict> state_;  // while a batch is ahead of the loop
};

/// The batches of a loader on a device, one ahead of the loop: while the loop uses one, the next is copied on a
/// separate stream. Give the loader pin_memory, otherwise each copy waits for the previous one. An error of the loader
/// is thrown at the position of its batch; advancing the iterator then gives the next one. Resume with the state_dict()
/// of this.
///
///   for (auto& [x, y] : data::on_device(loader, at::kCUDA)) ...
template <class Loader>
OnDevice<Loader> on_device(Loader& loader, c10::Device device) {
  return {loader, device};
}

}  // namespace bisque::data
