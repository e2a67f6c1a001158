#include <bisque/core/custom_function.h>

#include <torch/csrc/autograd/custom_function.h>

#include <utility>

namespace bisque {
namespace {

using torch::autograd::AutogradContext;
using torch::autograd::variable_list;

struct Call : torch::autograd::Function<Call> {
  static variable_list forward(AutogradContext* ctx, const c10::intrusive_ptr<CustomFunction>& function,
                               at::TensorList inputs) {
    ctx->saved_data["function"] = c10::IValue::make_capsule(function);
    FunctionContext context(*ctx);
    return function->forward(context, inputs);
  }

  static variable_list backward(AutogradContext* ctx, const variable_list& gradients) {
    const auto function = c10::static_intrusive_pointer_cast<CustomFunction>(ctx->saved_data["function"].toCapsule());
    FunctionContext context(*ctx);
    variable_list result(1);  // the function itself has no gradient
    for (auto& gradient : function->backward(context, gradients)) result.push_back(std::move(gradient));
    return result;
  }
};

}  // namespace

void FunctionContext::save(std::vector<at::Tensor> tensors) { context_.save_for_backward(std::move(tensors)); }

std::vector<at::Tensor> FunctionContext::saved() const { return context_.get_saved_variables(); }

void FunctionContext::mark_non_differentiable(const std::vector<at::Tensor>& results) {
  context_.mark_non_differentiable(results);
}

void FunctionContext::set_materialize_grads(bool materialize) { context_.set_materialize_grads(materialize); }

bool FunctionContext::needs_grad(size_t input) const { return context_.needs_input_grad(input); }

std::vector<at::Tensor> CustomFunction::apply(const c10::intrusive_ptr<CustomFunction>& function,
                                              at::TensorList inputs) {
  return Call::apply(function, inputs);
}

}  // namespace bisque
