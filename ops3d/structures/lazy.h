// A value that is computed when it is first used.
#pragma once
#include <ATen/core/Tensor.h>
#include <c10/core/GradMode.h>
#include <c10/core/InferenceMode.h>

#include <mutex>
#include <optional>

namespace bisque {

/// Made of integers alone, so that it has no gradient. Threads may share it.
template <class T>
class Lazy {
 public:
  template <class Compute>
  const T& get(const Compute& compute) const {
    const std::lock_guard lock(mutex_);
    if (!value_) {
      const c10::InferenceMode normal(false);  // autograd may save it later
      value_ = compute();
    }
    return *value_;
  }

 private:
  mutable std::mutex mutex_;
  mutable std::optional<T> value_;
};

/// A tensor that is differentiable by another. It is computed again if autograd needs it and it was computed without.
/// Threads may share it.
class LazyDifferentiable {
 public:
  template <class Compute>
  at::Tensor get(const at::Tensor& source, const Compute& compute) const {
    const std::lock_guard lock(mutex_);
    const bool without_graph = c10::GradMode::is_enabled() && source.requires_grad() && !value_.requires_grad();
    const bool of_inference = value_.defined() && value_.is_inference() && !c10::InferenceMode::is_enabled();
    if (!value_.defined() || without_graph || of_inference) value_ = compute();
    return value_;
  }

 private:
  mutable std::mutex mutex_;
  mutable at::Tensor value_;
};

}  // namespace bisque
