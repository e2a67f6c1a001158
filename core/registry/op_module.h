// Any op as a Module, out of its schema: its tensor arguments are the inputs of forward, its other arguments are
// settings with the schema's names, types and defaults.
#pragma once
#include <ATen/core/dispatch/Dispatcher.h>
#include <ATen/core/stack.h>

#include <concepts>
#include <string>
#include <vector>

#include <bisque/core/nn/module.h>
#include <bisque/core/registry/options.h>

namespace bisque {

/// modules().make("bisque::knn_points", {{"K", 8}}), or the name that a plugin gave it: modules().make("ops3d.KNN").
class OpModule : public ModuleOf<OpModule> {
 public:
  /// `name` is used by messages and repr(). Error: there is no such op, or it has an argument that is neither a tensor
  /// nor a setting; a setting that the op does not have, of another type, or missing without a default.
  OpModule(std::string name, const std::string& op, const Config& config = {});

  /// The results of the op, in the schema's order. Inputs are the tensor arguments in the schema's order; trailing
  /// optional ones may be left out, and an undefined tensor is None. Gradients are those of the op.
  /// Error: too few or too many inputs, and the errors of the op.
  template <std::convertible_to<at::Tensor>... Tensors>
  std::vector<at::Tensor> forward(const Tensors&... inputs) const {
    return call({static_cast<at::Tensor>(inputs)...});
  }

  /// The settings of an op: its arguments that are no tensors. Error: there is no such op, or it has an argument that
  /// is neither a tensor nor a setting.
  static std::vector<OptionInfo> options(const std::string& op);

  at::Tensor call_tensor(const at::Tensor& x) override;
  std::string type_name() const override;
  std::string extra_repr() const override;

 private:
  std::vector<at::Tensor> call(const std::vector<at::Tensor>& inputs) const;
  size_t num_required_inputs() const;

  std::string name_;
  c10::OperatorHandle op_;
  torch::jit::Stack arguments_;       // settings in their places; None where an input goes
  std::vector<size_t> input_places_;  // of the tensor arguments
};

}  // namespace bisque
