#include <bisque/core/nn/backward_hooks.h>

#include <c10/core/GradMode.h>
#include <torch/csrc/autograd/custom_function.h>

#include <bisque/core/error.h>
#include <bisque/core/nn/module_base.h>

namespace bisque {

using torch::autograd::AutogradContext;
using torch::autograd::variable_list;

/// What the two identities of a call share. The gradients of the outputs come first; they wait here for those of the
/// inputs.
struct BackwardHooks::State : torch::CustomClassHolder {
  Module* module;
  std::shared_ptr<Module> held;       // keeps the Module, where somebody holds it by pointer
  std::weak_ptr<ModuleHooks> living;  // expired: the Module was a value, and is gone
  std::vector<BackwardPreHook> pre_hooks;
  std::vector<BackwardHook> hooks;

  size_t num_inputs = 0, num_outputs = 0;
  // Which inputs and outputs are tensors; none where no gradient goes that way.
  std::optional<std::vector<size_t>> input_places, output_places;
  std::optional<Gradients> grad_outputs;

  Module& living_module() const {
    if (living.expired()) {
      fail("a Module with backward hooks is gone before backward; hold it by shared_ptr, or keep it until then.");
    }
    return *module;
  }
  variable_list of_outputs(const variable_list& gradients);
  variable_list of_inputs(const variable_list& gradients);
  void call_without_inputs();
};

namespace {

/// The gradients of tensors, put where these stand among all values.
Gradients spread(const std::vector<size_t>& places, const variable_list& gradients, size_t count) {
  Gradients all(count);
  for (size_t i = 0; i < places.size(); ++i) all[places[i]] = gradients[i];
  return all;
}

variable_list collect(const std::vector<size_t>& places, const Gradients& all) {
  variable_list gradients;
  for (const size_t place : places) gradients.push_back(all[place]);
  return gradients;
}

void check_count(const char* hook, const char* gradients, size_t got, size_t expected) {
  if (got != expected) {
    fail(hook, " hook returned an invalid number of ", gradients, ", got ", got, ", but expected ", expected);
  }
}

}  // namespace

variable_list BackwardHooks::State::of_outputs(const variable_list& gradients) {
  grad_outputs = spread(*output_places, gradients, num_outputs);
  for (const auto& hook : pre_hooks) {
    auto changed = hook(living_module(), *grad_outputs);
    if (!changed) continue;
    check_count("Backward pre", "grad_output", changed->size(), num_outputs);
    grad_outputs = std::move(changed);
  }
  variable_list result = collect(*output_places, *grad_outputs);
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

variable_list BackwardHooks::State::of_inputs(const variable_list& gradients) {
  // Gradients that came to the inputs past the outputs, as those of a second derivative do.
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

struct BackwardHooks::Identity : torch::autograd::Function<BackwardHooks::Identity> {
  static variable_list forward(AutogradContext* ctx, const c10::intrusive_ptr<State>& state, bool outputs,
                               at::TensorList tensors) {
    variable_list constant;
    for (const auto& tensor : tensors) {
      if (!tensor.requires_grad()) constant.push_back(tensor);
    }
    ctx->mark_non_differentiable(constant);
    ctx->set_materialize_grads(!outputs);  // a hook sees which outputs had no gradient
    ctx->saved_data["outputs"] = outputs;
    ctx->saved_data["state"] = c10::IValue::make_capsule(state);
    return tensors.vec();
  }

  static variable_list backward(AutogradContext* ctx, const variable_list& gradients) {
    const auto state = c10::static_intrusive_pointer_cast<State>(ctx->saved_data["state"].toCapsule());
    variable_list result(2);  // the state and the flag have none
    const bool outputs = ctx->saved_data["outputs"].toBool();
    for (auto& gradient : outputs ? state->of_outputs(gradients) : state->of_inputs(gradients)) {
      result.push_back(std::move(gradient));
    }
    return result;
  }
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
  variable_list tensors;
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
  const variable_list watched = Identity::apply(state, outputs, at::TensorList(tensors));
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
