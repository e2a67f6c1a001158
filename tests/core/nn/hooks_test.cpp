#include <stdexcept>

#include <bisque/tests/core/nn/modules_testing.h>

namespace bisque {
namespace {

using namespace test;

/// forward(x, scale) -> x * scale, sum
struct Scaled : ModuleOf<Scaled> {
  std::pair<at::Tensor, double> forward(const at::Tensor& x, double scale = 2) const { return {x * scale, scale}; }
};

struct Keywords : ModuleOf<Keywords> {
  at::Tensor forward(const at::Tensor& x, const Kwargs& kwargs) const {
    return x * (kwargs.contains("scale") ? kwargs.at("scale").as<double>() : 1.0);
  }
};

struct Failing : ModuleOf<Failing> {
  at::Tensor forward(const at::Tensor&) const { throw std::runtime_error("forward failed"); }
};

struct Fragment {
  at::Tensor depth;
};

struct Opaque : ModuleOf<Opaque> {
  Fragment forward(const Fragment& in, std::unique_ptr<int> extra) const { return {in.depth + *extra}; }
};

struct Shape {
  virtual ~Shape() = default;
  virtual double area() const = 0;
};

struct Square : Shape {
  double area() const override { return 4; }
};

struct Area : ModuleOf<Area> {
  double forward(const Shape& shape, double factor) const { return shape.area() * factor; }
};

at::Tensor number(double value) { return at::full({1}, value); }

TEST(Hooks, ReplaceInputsAndOutputs) {
  Scaled module;
  const auto pre = module.register_forward_pre_hook([](Module&, const Tuple& args) {
    Tuple changed = args;
    changed[1] = 3.0;
    return changed;
  });
  auto post = module.register_forward_hook([](Module&, const Tuple& args, const Value& output) -> std::optional<Value> {
    EXPECT_EQ(args[1].as<double>(), 3);
    return Tuple{output.as<Tuple>()[0], 7.0};
  });
  const auto [x, scale] = module(number(1), 2.0);
  EXPECT_EQ(x.item<float>(), 3);
  EXPECT_EQ(scale, 7);
  post.remove();
  EXPECT_EQ(module(number(1), 2.0).second, 3);
  EXPECT_EQ(module.forward(number(1), 2.0).second, 2) << "forward alone has no hooks";
}

TEST(Hooks, SayWhatDoesNotFit) {
  Scaled module;
  auto pre = module.register_forward_pre_hook([](Module&, const Tuple& args) { return Tuple{args[0]}; });
  EXPECT_EQ(error_of([&] { module(number(1), 2.0); }), "Scaled: a forward pre-hook returned 1 inputs, expected 2.");
  pre.remove();
  pre = module.register_forward_pre_hook([](Module&, const Tuple& args) { return Tuple{args[0], "two"}; });
  EXPECT_EQ(error_of([&] { module(number(1), 2.0); }),
            "Scaled: an input of forward, as returned by a hook: expected a value of type float, but got str.");
  pre.remove();
  pre = module.register_forward_pre_hook([](Module&, const Tuple& args, const Kwargs&) {
    return ChangedInputs{args, Kwargs{{"scale", 2.0}}};
  });
  EXPECT_EQ(error_of([&] { module(number(1), 2.0); }),
            "Scaled: a forward pre-hook returned the keyword argument 'scale', but this call has none.");
  pre.remove();
  module.register_forward_hook([](Module&, const Tuple&, const Value&) -> Value { return 1.0; });
  EXPECT_EQ(error_of([&] { module(number(1)); }),
            "Scaled: the output of forward, as returned by a hook: expected a value of type tuple, but got float.");
}

TEST(Hooks, TakeKeywordArguments) {
  Keywords module;
  EXPECT_EQ(module(number(1), Kwargs{{"scale", 2.0}}).item<float>(), 2);
  double seen = 0;
  module.register_forward_hook([&](Module&, const Tuple& args, const Kwargs& kwargs, const Value&) {
    EXPECT_EQ(args.size(), 1u);
    seen = kwargs.at("scale").as<double>();
  });
  module.register_forward_pre_hook([](Module&, const Tuple& args, const Kwargs& kwargs) {
    return ChangedInputs{args, Kwargs{{"scale", kwargs.at("scale").as<double>() + 1}}};
  });
  EXPECT_EQ(module(number(1), Kwargs{{"scale", 2.0}}).item<float>(), 3);
  EXPECT_EQ(seen, 3);
}

TEST(Hooks, SeeWhatTheyCannotReplace) {
  Opaque module;
  module.register_forward_pre_hook([](Module&, const Tuple& args) {
    EXPECT_TRUE(args[0].is<Fragment>());
    EXPECT_EQ(args[0].type_name(), "Fragment");
    EXPECT_EQ(args[0].as<Fragment>().depth.item<float>(), 1);
  });
  EXPECT_EQ(module(Fragment{number(1)}, std::make_unique<int>(4)).depth.item<float>(), 5);
  module.register_forward_pre_hook([](Module&, const Tuple& args) { return args; });
  EXPECT_EQ(error_of([&] { module(Fragment{number(1)}, std::make_unique<int>(4)); }),
            "Opaque: an input of forward cannot be copied, so hooks cannot replace it.");
}

TEST(Hooks, AcceptReferencesToAbstractClasses) {
  Area module;
  const Square square;
  const Shape& shape = square;
  EXPECT_EQ(module(shape, 2.0), 8);
  module.register_forward_hook(
      [](Module&, const Tuple&, const Value& output) -> Value { return output.as<double>() + 1; });
  EXPECT_EQ(module(shape, 2.0), 9);
  module.register_forward_pre_hook([](Module&, const Tuple& args) { return args; });
  EXPECT_EQ(error_of([&] { module(shape, 2.0); }),
            "Area: an input of forward cannot be copied, so hooks cannot replace it.");
}

TEST(Hooks, RemoveThemselvesAndOthersWhileTheyRun) {
  Inner module;
  std::string calls;
  HookHandle first, second;
  first = module.register_forward_pre_hook([&](Module&, const Tuple&) {
    calls += "1";
    first.remove();
    second.remove();
  });
  second = module.register_forward_pre_hook([&](Module&, const Tuple&) { calls += "2"; });
  module.register_forward_pre_hook([&](Module& m, const Tuple&) {
    calls += "3";
    m.register_forward_pre_hook([&](Module&, const Tuple&) { calls += "4"; });
  });
  module(at::ones({1, 2}));
  EXPECT_EQ(calls, "123") << "a call runs the hooks that were there when it began";
  calls.clear();
  module(at::ones({1, 2}));
  EXPECT_EQ(calls, "34");
  first.remove();
}

TEST(Hooks, AHandleOutlivesItsModule) {
  HookHandle handle;
  {
    Inner module;
    handle = module.register_forward_pre_hook([](Module&, const Tuple&) {});
  }
  handle.remove();
  HookHandle().remove();
}

TEST(Hooks, AreAlwaysCalledWhereAsked) {
  Failing module;
  std::string calls;
  module.register_forward_hook([&](Module&, const Tuple&, const Value&) { calls += "plain "; });
  module.register_forward_hook([&](Module&, const Tuple&, const Value& output) { calls += output.type_name() + " "; },
                               {.always_call = true});
  module.register_forward_hook([](Module&, const Tuple&, const Value&) { throw std::logic_error("in a hook"); },
                               {.always_call = true});
  EXPECT_THROW(module(number(1)), std::runtime_error);
  EXPECT_EQ(calls, "None ");
}

TEST(Hooks, AreClonedAlong) {
  Inner module;
  int calls = 0;
  auto handle = module.register_forward_hook([&](Module&, const Tuple&, const Value&) { ++calls; });
  const auto clone = module.clone();
  handle.remove();
  (*clone)(at::ones({1, 2}));
  EXPECT_EQ(calls, 1);
  module(at::ones({1, 2}));
  EXPECT_EQ(calls, 1) << "of the original it is removed";
}

TEST(Hooks, OfAllModulesRunFirst) {
  Outer outer;
  std::string calls;
  auto all = register_module_forward_pre_hook([&](Module& m, const Tuple&) { calls += m.type_name() + " "; });
  outer.first->register_forward_pre_hook([&](Module&, const Tuple&) { calls += "own "; });
  outer(at::ones({1, 2}));
  EXPECT_EQ(calls, "Outer Inner own ");
  all.remove();
  calls.clear();
  outer(at::ones({1, 2}));
  EXPECT_EQ(calls, "own ");
}

TEST(BackwardHooks, RefuseToCallForAModuleThatIsGone) {
  const at::Tensor x = at::ones({1, 2}).set_requires_grad(true);
  at::Tensor y;
  {
    Inner module;
    module.register_full_backward_hook([](Module&, const Gradients&, const Gradients&) {});
    y = module(x);
  }
  EXPECT_NE(error_of([&] { y.sum().backward(); }).find("was destroyed before backward"), std::string::npos);
  {
    const auto module = std::make_shared<Inner>();
    module->register_full_backward_hook([](Module& m, const Gradients&, const Gradients&) { m.eval(); });
    y = (*module)(x);
  }
  y.sum().backward();
  EXPECT_TRUE(x.grad().defined()) << "the graph keeps what is held by pointer";
}

TEST(RegistrationHooks, ReplaceWhatIsRegistered) {
  std::string calls;
  auto parameters = register_module_parameter_registration_hook(
      [&](Module& module, const std::string& name, const at::Tensor& value) -> std::optional<at::Tensor> {
        calls += module.type_name() + "." + name + " ";
        if (name == "bias") return at::full_like(value, 4).set_requires_grad(true);
        return std::nullopt;
      });
  auto buffers = register_module_buffer_registration_hook(
      [&](Module&, const std::string& name, const at::Tensor&) { calls += name + " "; });
  auto modules = register_module_module_registration_hook(
      [&](Module&, const std::string& name, const std::shared_ptr<Module>&) -> std::optional<std::shared_ptr<Module>> {
        calls += name + " ";
        if (name == "again") return std::make_shared<Empty>();
        return std::nullopt;
      });
  EXPECT_EQ(error_of([] { Outer(); }),
            "Outer: a registration hook put a Empty in place of the child 'again', which is of another type.");
  EXPECT_EQ(calls, "Inner.weight steps first again ");
  modules.remove();
  EXPECT_EQ(Outer().bias.max().item<float>(), 4);
  parameters.remove();
  buffers.remove();
  calls.clear();
  EXPECT_EQ(Outer().bias.max().item<float>(), 0);
  EXPECT_EQ(calls, "");
}

}  // namespace
}  // namespace bisque
