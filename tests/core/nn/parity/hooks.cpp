// The order of hooks, and what they see.
#include <c10/core/GradMode.h>

#include <bisque/core/error.h>
#include <bisque/tests/core/nn/parity/cases.h>
#include <bisque/tests/core/nn/parity/modules.h>

namespace bisque::parity {
namespace {

using Log = std::vector<std::string>;

std::string text(const at::Tensor& tensor) {
  return tensor.defined() ? std::to_string(static_cast<int64_t>(tensor.item<double>())) : "None";
}

std::string text(const Value& value) {
  if (const auto* tensor = value.get_if<at::Tensor>()) return text(*tensor);
  if (const auto* number = value.get_if<double>()) return std::to_string(static_cast<int64_t>(*number));
  if (value.is_none()) return "None";
  std::string all;
  for (const Value& item : value.as<Tuple>()) all += (all.empty() ? "" : " ") + text(item);
  return all;
}

std::string text(const Gradients& gradients) {
  std::string all;
  for (const auto& gradient : gradients) all += (all.empty() ? "" : " ") + text(gradient);
  return all;
}

/// Hooks of one Module that write down what they see.
void log_hooks(Module& module, Log& log, const std::string& tag, bool prepend = false) {
  const HookOptions options{.prepend = prepend};
  module.register_forward_pre_hook(
      [&log, tag](Module&, const Tuple& args) { log.push_back(tag + " pre: " + text(args)); }, options);
  module.register_forward_hook(
      [&log, tag](Module&, const Tuple& args, const Value& output) {
        log.push_back(tag + " forward: " + text(args) + " -> " + text(output));
      },
      options);
  module.register_full_backward_pre_hook(
      [&log, tag](Module&, const Gradients& grad_output) {
        log.push_back(tag + " backward pre: " + text(grad_output));
      },
      options);
  module.register_full_backward_hook(
      [&log, tag](Module&, const Gradients& grad_input, const Gradients& grad_output) {
        log.push_back(tag + " backward: " + text(grad_input) + " <- " + text(grad_output));
      },
      options);
}

at::Tensor number(double value, bool requires_grad = true) {
  return at::full({1}, value).set_requires_grad(requires_grad);
}

std::string grad(const at::Tensor& tensor) { return "grad: " + text(tensor.grad()); }

Json order() {
  Traced module;
  Log log;
  log_hooks(module, log, "first");
  log_hooks(module, log, "second");
  log_hooks(module, log, "prepended", true);
  std::vector<HookHandle> all;
  all.push_back(register_module_forward_pre_hook(
      [&](Module&, const Tuple& args) { log.push_back("global pre: " + text(args)); }));
  all.push_back(register_module_forward_hook([&](Module&, const Tuple& args, const Value& output) {
    log.push_back("global forward: " + text(args) + " -> " + text(output));
  }));
  all.push_back(register_module_full_backward_pre_hook(
      [&](Module&, const Gradients& gradients) { log.push_back("global backward pre: " + text(gradients)); }));
  all.push_back(register_module_full_backward_hook([&](Module&, const Gradients& inputs, const Gradients& outputs) {
    log.push_back("global backward: " + text(inputs) + " <- " + text(outputs));
  }));
  const auto x = number(3), y = number(5);
  const auto [a, b] = module(x, y);
  (a * 7 + b * 11).sum().backward();
  log.insert(log.end(), {grad(x), grad(y), grad(module.w)});
  for (auto& handle : all) handle.remove();
  module(x, y);
  return log;
}

/// Which inputs require gradients, and which outputs get one.
Json gradients_that_are_none() {
  Json all;
  for (const int inputs : {0, 1, 2, 3}) {
    for (const int outputs : {1, 2, 3}) {
      Traced module;
      Log log;
      log_hooks(module, log, "hook");
      const auto x = number(3, inputs & 1), y = number(5, inputs & 2);
      const auto [a, b] = module(x, y);
      auto loss = at::zeros({1});
      if (outputs & 1) loss = loss + a * 7;
      if (outputs & 2) loss = loss + b * 11;
      if (loss.requires_grad()) loss.sum().backward();
      log.insert(log.end(), {grad(x), grad(y), grad(module.w)});
      all[std::to_string(inputs) + std::to_string(outputs)] = log;
    }
  }
  return all;
}

Json replaced() {
  Traced module;
  Log log;
  module.register_forward_pre_hook([](Module&, const Tuple& args) {
    return Tuple{args[0].as<at::Tensor>() + 1, args[1]};
  });
  log_hooks(module, log, "hook");
  module.register_forward_hook([](Module&, const Tuple&, const Value& output) -> Value {
    const auto& tuple = output.as<Tuple>();
    return Tuple{tuple[0].as<at::Tensor>() * 2, tuple[1]};
  });
  module.register_full_backward_pre_hook([](Module&, const Gradients& grad_output) {
    return Gradients{grad_output[0] + 100, grad_output[1]};
  });
  module.register_full_backward_hook([](Module&, const Gradients& grad_input, const Gradients&) {
    return Gradients{grad_input[0] + 1000, at::Tensor()};
  });
  log_hooks(module, log, "after");
  const auto x = number(3), y = number(5);
  const auto [a, b] = module(x, y);
  log.push_back("result: " + text(a) + " " + text(b));
  (a + b).sum().backward();
  log.insert(log.end(), {grad(x), grad(y), grad(module.w)});
  return log;
}

Json one_tensor_and_twice() {
  Doubled module;
  Log log;
  log_hooks(module, log, "hook");
  const auto x = number(3);
  const auto y = module(x);
  const auto loss = (y * y).sum();
  loss.backward({}, /*retain_graph=*/true);
  loss.backward();
  log.push_back(grad(x));
  const c10::NoGradGuard guard;
  module(x);
  return log;
}

Json keywords() {
  struct Scaled : ModuleOf<Scaled> {
    at::Tensor forward(const at::Tensor& x, const Kwargs& kwargs) const { return x * kwargs.at("scale").as<double>(); }
  };
  Scaled module;
  Log log;
  module.register_forward_pre_hook([&](Module&, const Tuple& args, const Kwargs& kwargs) {
    log.push_back("pre: " + text(args) + " scale=" + text(kwargs.at("scale")));
    return ChangedInputs{Tuple{args[0].as<at::Tensor>() + 1}, Kwargs{{"scale", 4.0}}};
  });
  module.register_forward_pre_hook([&](Module&, const Tuple& args) { log.push_back("pre without: " + text(args)); });
  module.register_forward_hook([&](Module&, const Tuple& args, const Kwargs& kwargs, const Value& output) {
    log.push_back("forward: " + text(args) + " scale=" + text(kwargs.at("scale")) + " -> " + text(output));
  });
  log.push_back("result: " + text(module(number(3), Kwargs{{"scale", 2.0}})));
  return log;
}

Json always_called() {
  Failing module;
  Log log;
  const auto on_forward = [&log](const std::string& tag) {
    return [&log, tag](Module&, const Tuple&, const Value& output) { log.push_back(tag + ": " + text(output)); };
  };
  module.register_forward_hook(on_forward("plain"));
  module.register_forward_hook(on_forward("always"), {.always_call = true});
  auto global = register_module_forward_hook(on_forward("global always"), /*always_call=*/true);
  try {
    module(number(1));
  } catch (const Error& error) {
    log.push_back(error.what());
  }
  Doubled works;
  works.register_forward_hook(on_forward("always"), {.always_call = true});
  works.register_forward_hook([](Module&, const Tuple&, const Value&) { fail("in a hook"); });
  works.register_forward_hook(on_forward("late always"), {.always_call = true});
  try {
    works(number(1));
  } catch (const Error& error) {
    log.push_back(error.what());
  }
  global.remove();
  return log;
}

Json hook_errors() {
  Json all;
  const auto try_to = [&](const std::string& name, const std::function<void(Traced&)>& add, bool requires_grad) {
    Traced module;
    add(module);
    try {
      const auto [a, b] = module(number(3, requires_grad), number(5, requires_grad));
      (a + b).sum().backward();
      all[name] = nullptr;
    } catch (const Error& error) {
      all[name] = error.what();
    }
  };
  const auto one = [](Module&, const Gradients&, const Gradients&) { return Gradients{at::ones({1})}; };
  try_to(
      "grad_input count", [&](Traced& module) { module.register_full_backward_hook(one); }, true);
  try_to(
      "grad_output count",
      [&](Traced& module) {
        module.register_full_backward_pre_hook([](Module&, const Gradients&) { return Gradients(3); });
      },
      true);
  try_to(
      "no input requires gradients",
      [&](Traced& module) {
        module.register_full_backward_hook([](Module&, const Gradients&, const Gradients&) {
          return Gradients{at::ones({1}), at::Tensor()};
        });
      },
      false);
  return all;
}

Json nested() {
  Sequential net{Doubled(), Sequential{Doubled(), Doubled()}, Doubled()};
  Log log;
  for (const auto& [name, module] : net.named_modules()) log_hooks(*module, log, name);
  const auto x = number(1);
  net(x).sum().backward();
  log.push_back(grad(x));
  return log;
}

}  // namespace

Cases hook_cases() {
  return {{"order", order},
          {"gradients_that_are_none", gradients_that_are_none},
          {"replaced", replaced},
          {"one_tensor_and_twice", one_tensor_and_twice},
          {"keywords", keywords},
          {"always_called", always_called},
          {"hook_errors", hook_errors},
          {"nested", nested}};
}

}  // namespace bisque::parity
