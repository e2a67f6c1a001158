// Functions with a custom gradient. torch::autograd::Function instantiates a node type per function, which takes eight
// seconds to compile; here one node type serves all functions.
#pragma once
#include <ATen/core/Tensor.h>
#include <ATen/core/ivalue.h>

#include <vector>

namespace torch::autograd {
struct AutogradContext;
}

namespace bisque {

/// What one call passes from forward to backward.
class FunctionContext {
 public:
  explicit FunctionContext(torch::autograd::AutogradContext& context) : context_(context) {}

  /// Saves inputs and results of forward for backward; some may be undefined. Call it once, in forward.
  void save(std::vector<at::Tensor> tensors);
  /// For backward. Error: one was changed in place, or an earlier backward freed all of them.
  std::vector<at::Tensor> saved() const;
  /// For results of forward. Call it once, in forward.
  void mark_non_differentiable(const std::vector<at::Tensor>& results);
  /// Whether backward receives zeros (the default) or undefined tensors for results without a gradient. For forward.
  void set_materialize_grads(bool materialize);
  /// Whether the gradient of an input is required. For backward.
  bool needs_grad(size_t input) const;

 private:
  torch::autograd::AutogradContext& context_;
};

/// One call of a function; its members are the arguments that are not tensors.
class CustomFunction : public torch::CustomClassHolder {
 public:
  /// Calls forward and attaches its results to the inputs, which must all be defined.
  static std::vector<at::Tensor> apply(const c10::intrusive_ptr<CustomFunction>& function, at::TensorList inputs);

  /// Runs with gradient recording disabled.
  virtual std::vector<at::Tensor> forward(FunctionContext& context, at::TensorList inputs) = 0;
  /// The gradients of the inputs from those of the results; undefined for inputs without a gradient.
  virtual std::vector<at::Tensor> backward(FunctionContext& context, const std::vector<at::Tensor>& gradients) = 0;
};

}  // namespace bisque
