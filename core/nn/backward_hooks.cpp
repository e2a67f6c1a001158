#include <bisque/core/nn/backward_hooks.h>

#include <c10/core/GradMode.h>

#include <utility>

#include <bisque/core/custom_function.h>
#include <bisque/core/error.h>
#include <bisque/core/nn/module_base.h>

namespace bisque {

/// State shared by the two identity nodes of a call. The gradients of the outputs arrive first, and are kept here until
/// those of the inputs arrive.
struct BackwardHooks::State : c10::intrusive_ptr_target {
  Module* module;
  std::shared_ptr<Module> held;       // keeps the Module alive, if it is held by pointer
  std::weak_ptr<ModuleHooks> living;  // expired: the Module was a value, and was destroyed
  std::vector<BackwardPreHook> pre_hooks;
  std::vector<BackwardHook> hooks;

  size_t num_inputs = 0, num_outputs = 0;
  // The tensors among the inputs and outputs; none if no gradient flows there.
  std::optional<std::vector<size_t>> input_places, output_places;
  std::optional<Gradients> grad_outputs;

  Module& living_module() const {
    if (living.expired()) {
      fail(
          "a Module with backward hooks was destroyed before backward; keep it alive until then, for example by "
          "shared_ptr.");
    }
    return *module;
  }
  std::vector<at::Tensor> of_outputs(const std::vector<at::Tensor>& gradients);
  std::vector<at::Tensor> of_inputs(const std::vector<at::Tensor>& gradients);
  void call_without_inputs();
};

namespace {

/// The gradients of tensors, at the tensors' positions among all values.
Gradients spread(const std::vector<size_t>& places, const std::vector<at::Tensor>& gradients, size_t count) {
  Gradients all(count);
  for (size_t i = 0; i < places.size(); ++i) all[places[i]] = gradients[i];
  return all;
}

std::vector<at::Tensor> collect(const std::vector<size_t>& places, const Gradients& all) {
  std::vector<at::Tensor> gradients;
  for (const size_t place : places) gradients.push_back(all[place]);
  return gradients;
}

void check_count(const char* hook, const char* gradients, size_t got, size_t expected) {
  if (got != expected) {
    fail(hook, " hook returned an invalid number of ", gradients, ", got ", got, ", but expected ", expected);
  }
}

}  // namespace

std::vector<at::Tensor> BackwardHooks::State::of_outputs(const std::vector<at::Tensor>& gradients) {
  grad_outputs = spread(*output_places, gradients, num_outputs);
  for (const auto& hook : pre_hooks) {
    auto changed = hook(living_module(), *grad_outputs);
    if (!changed) continue;
    check_count("Backward pre", "grad_output", changed->size(), num_outputs);
    grad_outputs = std::move(changed);
  }
  std::vector<at::Tensor> result = collect(*output_places, *grad_outputs);
  if (!input_places) {
    if (!hooks.empty()) call_without_inputs();
    grad_outputs.reset();
  }
  return result;
}

void BackwardHooks::State::call_without_inputs() {
  TORCH_WARN_ONCE(
      "Full backward hook is firing when gradients are computed with respect to module outputs since no inputs require "
      "gradients.");
  for (const auto& hook : hooks) {
    const auto changed = hook(living_module(), Gradients(num_inputs), *grad_outputs);
    if (!changed) continue;
    for (const auto& gradient : *changed) {
      if (!gradient.defined()) continue;
      fail("Backward hook for Modules where no input requires gradient should always return None or None for all ",
           "gradients.");
    }
  }
}

std::vector<at::Tensor> BackwardHooks::State::of_inputs(const std::vector<at::Tensor>& gradients) {
  // Gradients that reached the inputs without passing the outputs, as in double backward.
  if (!grad_outputs) return gradients;
  Gradients all = spread(*input_places, gradients, num_inputs);
  for (const auto& hook : hooks) {
    auto changed = hook(living_module(), all, *grad_outputs);
    if (!changed) continue;
    check_count("Backward", "grad_input", changed->size(), num_inputs);
    all = *std::move(changed);
  }
  grad_outputs.reset();
  return collect(*input_places, all);
}

class BackwardHooks::Identity : public CustomFunction {
 public:
  Identity(c10::intrusive_ptr<State> state, bool outputs) : state_(std::move(state)), outputs_(outputs) {}

  std::vector<at::Tensor> forward(FunctionContext& context, at::TensorList tensors) override {
    std::vector<at::Tensor> constant;
    for (const auto& tensor : tensors) {
      if (!tensor.requires_grad()) constant.push_back(tensor);
    }
    context.mark_non_differentiable(constant);
    context.set_materialize_grads(!outputs_);  // a hook sees which outputs had no gradient
    return tensors.vec();
  }

  std::vector<at::Tensor> backward(FunctionContext&, const std::vector<at::Tensor>& gradients) override {
    return outputs_ ? state_->of_outputs(gradients) : state_->of_inputs(gradients);
  }

 private:
  c10::intrusive_ptr<State> state_;
  bool outputs_;
};

BackwardHooks::BackwardHooks(Module& module, std::vector<BackwardPreHook> pre_hooks, std::vector<BackwardHook> hooks)
    : state_(c10::make_intrusive<State>()) {
  state_->module = &module;
  state_->held = module.weak_from_this().lock();
  state_->living = module.own_hooks();
  state_->pre_hooks = std::move(pre_hooks);
  state_->hooks = std::move(hooks);
}

BackwardHooks::~BackwardHooks() = default;

bool BackwardHooks::watch(const c10::intrusive_ptr<State>& state, bool outputs, Tuple& values) {
  std::vector<size_t> places;
  std::vector<at::Tensor> tensors;
  bool requires_grad = false;
  for (size_t i = 0; i < values.size(); ++i) {
    const auto* tensor = values[i].get_if<at::Tensor>();
    if (!tensor) continue;
    places.push_back(i);
    tensors.push_back(*tensor);
    requires_grad |= tensor->requires_grad();
  }
  (outputs ? state->num_outputs : state->num_inputs) = values.size();
  if (!requires_grad || !c10::GradMode::is_enabled()) return false;
  const std::vector<at::Tensor> watched = CustomFunction::apply(c10::make_intrusive<Identity>(state, outputs), tensors);
  for (size_t i = 0; i < places.size(); ++i) values[places[i]] = watched[i];
  (outputs ? state->output_places : state->input_places) = std::move(places);
  return true;
}

bool BackwardHooks::watch_inputs(Tuple& args) { return watch(state_, false, args); }

bool BackwardHooks::watch_outputs(Value& result) {
  if (auto* tuple = result.get_if<Tuple>()) return watch(state_, true, *tuple);
  if (!result.is<at::Tensor>()) {
    TORCH_WARN("For backward hooks to be called, module output should be a Tensor or a tuple of Tensors but received ",
               result.type_name());
    return false;
  }
  Tuple outputs{result};
  const bool watched = watch(state_, true, outputs);
  result = std::move(outputs[0]);
  return watched;
}

}  // namespace bisque
