// A read-only array that owns its memory: a vector, or a mapped file that stays open.
#pragma once
#include <cstddef>
#include <memory>
#include <utility>
#include <vector>

namespace bisque {

/// Contiguous, immutable, cheap to copy (copies share the memory).
template <class T>
class Array {
 public:
  Array() = default;
  Array(std::vector<T> values) {  // NOLINT(google-explicit-constructor): a vector is the usual source
    auto owner = std::make_shared<const std::vector<T>>(std::move(values));
    data_ = owner->data();
    size_ = owner->size();
    owner_ = std::move(owner);
  }
  /// `size` values at `data`, which stay valid as long as `owner` exists.
  Array(std::shared_ptr<const void> owner, const T* data, size_t size)
      : owner_(std::move(owner)), data_(data), size_(size) {}

  const T* data() const { return data_; }
  size_t size() const { return size_; }
  bool empty() const { return size_ == 0; }
  const T& operator[](size_t i) const { return data_[i]; }
  const T* begin() const { return data_; }
  const T* end() const { return data_ + size_; }
  /// Keeps the memory alive; for views that outlive this object.
  const std::shared_ptr<const void>& owner() const { return owner_; }

 private:
  std::shared_ptr<const void> owner_;
  const T* data_ = nullptr;
  size_t size_ = 0;
};

}  // namespace bisque
