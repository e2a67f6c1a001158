// Internal. Values that are computed when they are first used.
#pragma once
#include <ATen/core/Tensor.h>
#include <c10/core/GradMode.h>
#include <c10/core/InferenceMode.h>

#include <mutex>
#include <optional>
#include <tuple>

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

/// A tensor, or a tuple of tensors, that is differentiable by another. It is computed again if autograd needs it and it
/// was computed without. Threads may share it.
template <class T = at::Tensor>
class LazyDifferentiable {
 public:
  template <class Compute>
  T get(const at::Tensor& source, const Compute& compute) const {
    const std::lock_guard lock(mutex_);
    if (!value_ || !is_usable(source)) value_ = compute();
    return *value_;
  }

 private:
  static const at::Tensor& first(const at::Tensor& tensor) { return tensor; }
  template <class... Ts>
  static const at::Tensor& first(const std::tuple<Ts...>& tensors) {
    return std::get<0>(tensors);
  }

  bool is_usable(const at::Tensor& source) const {
    const at::Tensor& tensor = first(*value_);
    const bool lacks_graph = c10::GradMode::is_enabled() && source.requires_grad() && !tensor.requires_grad();
    return !lacks_graph && (!tensor.is_inference() || c10::InferenceMode::is_enabled());
  }

  mutable std::mutex mutex_;
  mutable std::optional<T> value_;
};

}  // namespace bisque
