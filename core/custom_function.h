// Functions with a gradient of their own. torch::autograd::Function makes another kind of node of each, which takes
// eight seconds to compile; here one node serves all.
#pragma once
#include <ATen/core/Tensor.h>
#include <ATen/core/ivalue.h>

#include <vector>

namespace torch::autograd {
struct AutogradContext;
}

namespace bisque {

/// What one call hands from forward to backward.
class FunctionContext {
 public:
  explicit FunctionContext(torch::autograd::AutogradContext& context) : context_(context) {}

  /// Keeps inputs and results of forward for backward; some may be undefined. Once, in forward.
  void save(std::vector<at::Tensor> tensors);
  /// In backward. Error: one was changed in place, or all were freed by a backward that came before.
  std::vector<at::Tensor> saved() const;
  /// Of results of forward. Once, in forward.
  void mark_non_differentiable(const std::vector<at::Tensor>& results);
  /// Whether backward gets zeros (the default) or undefined tensors for results that have no gradient. In forward.
  void set_materialize_grads(bool materialize);
  /// Whether the gradient of an input is asked for. In backward.
  bool needs_grad(size_t input) const;

 private:
  torch::autograd::AutogradContext& context_;
};

/// One call of a function; its members are what is not a tensor.
class CustomFunction : public torch::CustomClassHolder {
 public:
  /// The results of forward, tied to the inputs, which are all defined.
  static std::vector<at::Tensor> apply(const c10::intrusive_ptr<CustomFunction>& function, at::TensorList inputs);

  /// Runs without recording gradients.
  virtual std::vector<at::Tensor> forward(FunctionContext& context, at::TensorList inputs) = 0;
  /// Gradients of the inputs out of those of the results; undefined where there is none.
  virtual std::vector<at::Tensor> backward(FunctionContext& context, const std::vector<at::Tensor>& gradients) = 0;
};

}  // namespace bisque
