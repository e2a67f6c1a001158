#include <bisque/core/plugin/gradient.h>

#include <ATen/core/LegacyTypeDispatch.h>
#include <ATen/core/dispatch/Dispatcher.h>

#include <algorithm>
#include <memory>
#include <utility>
#include <vector>

#include <bisque/core/custom_function.h>
#include <bisque/core/error.h>

namespace bisque {
namespace {

using c10::OperatorHandle;
using torch::jit::Stack;

/// The source of an argument of the backward op.
struct Source {
  enum Kind { kArgument, kResult, kGradient, kNeed } kind;
  size_t index;  // of the argument or result of the forward op
};

struct Plan : c10::intrusive_ptr_target {
  Plan(OperatorHandle forward, OperatorHandle backward) : forward(forward), backward(backward) {}

  OperatorHandle forward, backward;
  std::vector<Source> sources;  // for each argument of the backward op
  std::vector<size_t> targets;  // for each result, the forward argument whose gradient it is
  std::vector<bool> result_is_differentiable;
};

OperatorHandle find(const std::string& name) {
  return c10::Dispatcher::singleton().findSchemaOrThrow(name.c_str(), "");
}

int index_of(const std::vector<c10::Argument>& arguments, const std::string& name) {
  for (size_t i = 0; i < arguments.size(); ++i) {
    if (arguments[i].name() == name) return static_cast<int>(i);
  }
  return -1;
}

bool is_tensor(const c10::Argument& argument) {
  const auto& type = argument.type();
  return type->isSubtypeOf(*c10::TensorType::get()) || type->isSubtypeOf(*c10::OptionalType::ofTensor());
}

c10::intrusive_ptr<Plan> make_plan(const std::string& op, const std::string& backward) {
  auto plan = c10::make_intrusive<Plan>(find(op), find(backward));
  const auto& schema = plan->forward.schema();
  const auto& gradient = plan->backward.schema();
  plan->result_is_differentiable.resize(schema.returns().size());
  for (const auto& result : schema.returns()) {
    if (!is_tensor(result)) fail(op, ": expected all results to be tensors, as its gradient is declared.");
  }
  for (const auto& argument : gradient.arguments()) {
    const std::string& name = argument.name();
    const auto after = [&](const char* prefix) {
      return name.starts_with(prefix) ? name.substr(std::string_view(prefix).size()) : std::string();
    };
    Source source{};
    if (int i = index_of(schema.returns(), after("grad_")); i >= 0) {
      source = {Source::kGradient, static_cast<size_t>(i)};
      plan->result_is_differentiable[i] = true;
    } else if (i = index_of(schema.arguments(), after("need_grad_")); i >= 0) {
      source = {Source::kNeed, static_cast<size_t>(i)};
    } else if (i = index_of(schema.arguments(), name); i >= 0) {
      source = {Source::kArgument, static_cast<size_t>(i)};
    } else if (i = index_of(schema.returns(), name); i >= 0) {
      source = {Source::kResult, static_cast<size_t>(i)};
    } else {
      fail(backward, ": the argument ", name, " refers to nothing in ", op,
           ", expected an argument or a result of it, grad_RESULT or need_grad_ARGUMENT.");
    }
    plan->sources.push_back(source);
  }
  for (const auto& result : gradient.returns()) {
    const std::string& name = result.name();
    const int i = name.starts_with("grad_") ? index_of(schema.arguments(), name.substr(5)) : -1;
    if (i < 0 || !is_tensor(schema.arguments()[i])) {
      fail(backward, ": the result ", name.empty() ? "without a name" : name, " is not a gradient of ", op,
           ", expected grad_ARGUMENT of a tensor argument.");
    }
    plan->targets.push_back(static_cast<size_t>(i));
  }
  return plan;
}

/// Calls the op with the autograd keys excluded, so the kernels are next.
void call_below(const OperatorHandle& op, Stack* stack) {
  at::AutoDispatchBelowADInplaceOrView below;
  op.callBoxed(stack);
}

std::vector<at::Tensor> tensors_of(const Stack& stack) {
  std::vector<at::Tensor> tensors;
  for (const auto& value : stack) tensors.push_back(value.isTensor() ? value.toTensor() : at::Tensor());
  return tensors;
}

/// The targets whose arguments are defined: the inputs of the Gradient.
std::vector<size_t> present_targets(const Plan& plan, const Stack& arguments) {
  std::vector<size_t> present;
  for (size_t i = 0; i < plan.targets.size(); ++i) {
    const auto& argument = arguments[plan.targets[i]];
    if (argument.isTensor() && argument.toTensor().defined()) present.push_back(i);
  }
  return present;
}

/// One call of an op with a declared gradient.
class Gradient : public CustomFunction {
 public:
  Gradient(c10::intrusive_ptr<Plan> plan, Stack arguments)
      : plan_(std::move(plan)), arguments_(std::move(arguments)), inputs_(plan_->targets.size(), -1) {
    int64_t input = 0;
    for (const size_t target : present_targets(*plan_, arguments_)) inputs_[target] = input++;
  }

  std::vector<at::Tensor> forward(FunctionContext& context, at::TensorList) override {
    Stack results = arguments_;
    call_below(plan_->forward, &results);
    std::vector<at::Tensor> tensors = tensors_of(results), constant;
    for (size_t i = 0; i < tensors.size(); ++i) {
      if (!plan_->result_is_differentiable[i]) constant.push_back(tensors[i]);
    }
    context.mark_non_differentiable(constant);
    save(context, results);
    arguments_.clear();
    return tensors;
  }

  /// The complete backward op: its arguments from the saved values, its results for the inputs.
  std::vector<at::Tensor> backward(FunctionContext& context, const std::vector<at::Tensor>& gradients) override {
    const auto wanted = [&](size_t target) {
      return inputs_[target] >= 0 && context.needs_grad(static_cast<size_t>(inputs_[target]));
    };
    const auto saved = context.saved();
    Stack stack;
    for (size_t i = 0; i < plan_->sources.size(); ++i) {
      const Source& source = plan_->sources[i];
      if (source.kind == Source::kGradient) {
        stack.emplace_back(gradients[source.index]);
      } else if (source.kind == Source::kNeed) {
        const auto target = std::find(plan_->targets.begin(), plan_->targets.end(), source.index);
        stack.emplace_back(target != plan_->targets.end() && wanted(target - plan_->targets.begin()));
      } else if (saved[i].defined()) {
        stack.emplace_back(saved[i]);
      } else {
        stack.push_back(others_[i]);
      }
    }
    plan_->backward.callBoxed(stack);
    std::vector<at::Tensor> of_inputs;
    for (size_t target = 0; target < plan_->targets.size(); ++target) {
      if (inputs_[target] < 0) continue;
      of_inputs.push_back(wanted(target) ? stack[target].toTensor() : at::Tensor());
    }
    return of_inputs;
  }

 private:
  /// The arguments of the backward op: tensors as saved variables (their versions are checked), others unmodified.
  void save(FunctionContext& context, const Stack& results) {
    std::vector<at::Tensor> tensors;
    for (const auto& source : plan_->sources) {
      c10::IValue value;
      if (source.kind == Source::kArgument) value = arguments_[source.index];
      if (source.kind == Source::kResult) value = results[source.index];
      tensors.push_back(value.isTensor() ? value.toTensor() : at::Tensor());
      others_.push_back(value.isTensor() ? c10::IValue() : std::move(value));
    }
    context.save(std::move(tensors));
  }

  c10::intrusive_ptr<Plan> plan_;
  Stack arguments_, others_;     // of the forward op, until it has run; then of the backward op
  std::vector<int64_t> inputs_;  // the index of each target among the inputs; -1 if its argument is None
};

/// For a backward op: computes the same, and fails on double backward.
class NoSecondGradient : public CustomFunction {
 public:
  NoSecondGradient(const OperatorHandle& op, Stack* stack) : op_(op), stack_(stack) {}

  std::vector<at::Tensor> forward(FunctionContext&, at::TensorList) override {
    call_below(op_, stack_);
    return tensors_of(*std::exchange(stack_, nullptr));
  }

  std::vector<at::Tensor> backward(FunctionContext&, const std::vector<at::Tensor>&) override {
    fail(op_.schema().name(), " has no gradient: double backward is not supported.");
  }

 private:
  OperatorHandle op_;
  Stack* stack_;  // until forward has run
};

bool requires_gradient(const std::vector<at::Tensor>& tensors) {
  return c10::GradMode::is_enabled() && std::any_of(tensors.begin(), tensors.end(), [](const at::Tensor& tensor) {
           return tensor.defined() && tensor.requires_grad();
         });
}

/// The same for a call's stack: most calls need no gradient, and checking first avoids the copies.
bool requires_gradient(const Plan& plan, const Stack& stack, size_t num_arguments) {
  const size_t first = stack.size() - num_arguments;
  return c10::GradMode::is_enabled() && std::any_of(plan.targets.begin(), plan.targets.end(), [&](size_t target) {
           const c10::IValue& argument = stack[first + target];
           return argument.isTensor() && argument.toTensor().defined() && argument.toTensor().requires_grad();
         });
}

void replace(Stack* stack, size_t num_arguments, std::vector<at::Tensor> results) {
  torch::jit::drop(*stack, num_arguments);
  for (auto& result : results) stack->emplace_back(std::move(result));
}

Stack arguments_of(const OperatorHandle& op, const Stack& stack) {
  return {stack.end() - static_cast<std::ptrdiff_t>(op.schema().arguments().size()), stack.end()};
}

class GradientKernel : public c10::OperatorKernel {
 public:
  explicit GradientKernel(c10::intrusive_ptr<Plan> plan) : plan_(std::move(plan)) {}

  void operator()(const OperatorHandle& op, c10::DispatchKeySet, Stack* stack) {
    const size_t num_arguments = op.schema().arguments().size();
    if (!requires_gradient(*plan_, *stack, num_arguments)) return call_below(op, stack);
    Stack arguments = arguments_of(op, *stack);
    std::vector<at::Tensor> inputs;
    for (const size_t target : present_targets(*plan_, arguments)) {
      inputs.push_back(arguments[plan_->targets[target]].toTensor());
    }
    replace(stack, num_arguments,
            CustomFunction::apply(c10::make_intrusive<Gradient>(plan_, std::move(arguments)), inputs));
  }

 private:
  c10::intrusive_ptr<Plan> plan_;
};

class NoSecondGradientKernel : public c10::OperatorKernel {
 public:
  void operator()(const OperatorHandle& op, c10::DispatchKeySet, Stack* stack) {
    Stack arguments = arguments_of(op, *stack);
    std::vector<at::Tensor> inputs;
    for (auto& tensor : tensors_of(arguments)) {
      if (tensor.defined()) inputs.push_back(std::move(tensor));
    }
    if (!requires_gradient(inputs)) return call_below(op, stack);
    const size_t num_arguments = arguments.size();
    replace(stack, num_arguments, CustomFunction::apply(c10::make_intrusive<NoSecondGradient>(op, &arguments), inputs));
  }
};

class CompositionKernel : public c10::OperatorKernel {
 public:
  explicit CompositionKernel(const OperatorHandle& composed) : composed_(composed) {}

  void operator()(const OperatorHandle& op, c10::DispatchKeySet, Stack* stack) {
    if (!requires_gradient(tensors_of(arguments_of(op, *stack)))) return call_below(op, stack);
    composed_.callBoxed(stack);
  }

 private:
  OperatorHandle composed_;
};

}  // namespace

void link_gradient(torch::Library& library, const std::string& op, const std::string& backward) {
  library.impl(op.c_str(), c10::DispatchKey::Autograd,
               torch::CppFunction::makeFromBoxedFunctor(std::make_unique<GradientKernel>(make_plan(op, backward))));
}

void link_composition(torch::Library& library, const std::string& op, const std::string& composed) {
  library.impl(op.c_str(), c10::DispatchKey::Autograd,
               torch::CppFunction::makeFromBoxedFunctor(std::make_unique<CompositionKernel>(find(composed))));
}

void link_no_second_gradient(torch::Library& library, const std::string& backward) {
  library.impl(backward.c_str(), c10::DispatchKey::Autograd,
               torch::CppFunction::makeFromBoxedFunctor(std::make_unique<NoSecondGradientKernel>()));
}

void link_no_gradient(torch::Library& library, const std::string& op) {
  library.impl(op.c_str(), c10::DispatchKey::Autograd, torch::CppFunction::makeFallthrough());
}

}  // namespace bisque
