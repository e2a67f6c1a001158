#include <c10/core/GradMode.h>

#include <chrono>

#include <bisque/tests/core/nn/modules_testing.h>

namespace bisque {
namespace {

using namespace test;

Names keys(const Dict& state) {
  Names all;
  for (const auto& entry : state) all.push_back(entry.first);
  return all;
}

/// Every tensor of a Module, copied.
std::vector<at::Tensor> values_of(const Module& module) {
  std::vector<at::Tensor> all;
  for (const auto& tensor : module.parameters()) all.push_back(tensor.detach().clone());
  for (const auto& tensor : module.buffers()) all.push_back(tensor.detach().clone());
  return all;
}

void expect_same(const std::vector<at::Tensor>& a, const std::vector<at::Tensor>& b) {
  ASSERT_EQ(a.size(), b.size());
  for (size_t i = 0; i < a.size(); ++i) EXPECT_TRUE(at::equal(a[i], b[i])) << i;
}

struct Counter : ModuleOf<Counter> {
  Parameter weight{*this, "weight", at::ones({2})};
  int64_t count = 0;
  bool rejects = false;

  bool has_extra_state() const override { return true; }
  Value get_extra_state() const override { return Dict{{"count", count}}; }
  void set_extra_state(const Value& state) override {
    if (rejects) throw std::runtime_error("no extra state wanted");
    count = state.as<Dict>().at("count").as<int64_t>();
  }
};

/// Version 2 calls "scale" what version 1 called "gamma", and has a counter.
struct Upgraded : ModuleOf<Upgraded> {
  Parameter scale{*this, "scale", at::ones({2})};
  Buffer batches{*this, "batches", at::zeros({}, at::kLong)};
  int64_t state_version() const override { return 2; }
  void upgrade_state(LoadState& state) override {
    state.rename("gamma", "scale");
    if (!state.find("batches")) state.set("batches", at::full({}, state.version().value_or(-1), at::kLong));
  }
};

TEST(StateDict, SharesMemoryAndIsDetached) {
  Outer outer;
  const StateDict state = outer.state_dict();
  EXPECT_EQ(keys(state), (Names{"bias", "first.weight", "first.steps", "again.weight", "again.steps"}));
  EXPECT_FALSE(state.tensor("bias").requires_grad());
  EXPECT_EQ(state.tensor("bias").data_ptr(), outer.bias.data_ptr());
  EXPECT_TRUE(outer.state_dict({.keep_vars = true}).tensor("bias").is_same(outer.bias));
  EXPECT_EQ(state.metadata.at("first").at("version").as<int64_t>(), 1);
  EXPECT_EQ(keys(outer.state_dict({.prefix = "net."}))[0], "net.bias");
  EXPECT_TRUE(outer.state_dict({.prefix = "net."}).metadata.contains("net"));
}

TEST(StateDict, KeepsItsVersionsInAValue) {
  const Value checkpoint = Dict{{"model", Outer().state_dict()}};
  const StateDict state(checkpoint.as<Dict>().at("model"));
  EXPECT_EQ(state.metadata.at("first").at("version").as<int64_t>(), 1);
  EXPECT_TRUE(Outer().load_state_dict(state).missing_keys.empty());
  EXPECT_EQ(StateDict(Value(Dict{{"a", 1}})).size(), 1u);
  EXPECT_EQ(error_of([] { StateDict(Value(1)); }), "expected a value of type dict, but got int.");
}

TEST(StateDict, LoadsIntoTheTensorsThatAreThere) {
  Outer outer, other;
  {
    const c10::NoGradGuard guard;
    other.bias.fill_(3);
    other.first->steps.fill_(4);
  }
  other.to(at::kDouble);
  const at::Tensor bias = outer.bias;
  const auto keys = outer.load_state_dict(other.state_dict());
  EXPECT_TRUE(keys.missing_keys.empty());
  EXPECT_TRUE(outer.bias.is_same(bias));
  EXPECT_EQ(bias.scalar_type(), at::kFloat);
  EXPECT_EQ(bias.max().item<float>(), 3);
  EXPECT_EQ(outer.first->steps.item<int64_t>(), 4);
}

TEST(StateDict, AssignsWhatIsLoaded) {
  Outer outer, other;
  other.to(at::kDouble);
  outer.bias.set_requires_grad(false);
  outer.load_state_dict(other.state_dict(), {.assign = true});
  EXPECT_EQ(outer.bias.scalar_type(), at::kDouble);
  EXPECT_EQ(outer.bias.data_ptr(), other.bias.data_ptr());
  EXPECT_FALSE(outer.bias.requires_grad());
  EXPECT_TRUE(outer.first->weight.requires_grad());
  EXPECT_TRUE(outer.first->weight.is_leaf());
  EXPECT_TRUE(outer.get_parameter("bias").is_same(outer.bias));
}

TEST(StateDict, TiedTensorsStayTied) {
  struct Pair : ModuleOf<Pair> {
    Child<TinyLinear> a{*this, "a", 2, 2}, b{*this, "b", 2, 2};
    Pair() { b->weight = a->weight; }
  };
  Pair pair, other;
  other.to(at::kDouble);
  pair.load_state_dict(other.state_dict(), {.assign = true});
  EXPECT_TRUE(pair.a->weight.is_same(pair.b->weight));
  StateDict apart = other.state_dict();
  apart.set("b.weight", at::zeros({2, 2}));
  pair.load_state_dict(apart, {.assign = true});
  EXPECT_FALSE(pair.a->weight.is_same(pair.b->weight)) << "what is loaded has two";
}

TEST(StateDict, ChangesNothingWhereLoadingFails) {
  Outer outer;
  const auto before = values_of(outer);
  const auto try_to_load = [&](const char* name, Value value, const std::string& message) {
    for (const bool assign : {false, true}) {
      StateDict state = Outer().state_dict();
      for (auto& [key, entry] : state) entry = entry.as<at::Tensor>() + 5;
      if (value.is_none()) {
        state.erase(name);
      } else {
        state.set(name, value);
      }
      const at::Tensor bias = outer.bias;
      expect_contains(error_of([&] { outer.load_state_dict(state, {.assign = assign}); }), message);
      EXPECT_TRUE(outer.bias.is_same(bias));
      expect_same(values_of(outer), before);
    }
  };
  try_to_load("again.steps", {}, "Missing key(s) in state_dict: \"again.steps\". ");
  try_to_load("zzz", at::ones({1}), "Unexpected key(s) in state_dict: \"zzz\". ");
  try_to_load("again.weight", at::ones({9}), "size mismatch for again.weight");
  try_to_load("again.weight", "text", "expected torch.Tensor or Tensor-like object from checkpoint but received str");
}

TEST(StateDict, SaysWhatCannotBeCopied) {
  Inner inner;
  StateDict state = inner.state_dict();
  state.set("weight", at::ones({2, 3}, at::kMeta));
  expect_contains(error_of([&] { inner.load_state_dict(state); }), "Cannot copy out of meta tensor; no data!");
  state.set("weight", at::ones({2, 3}).to_sparse());
  expect_contains(error_of([&] { inner.load_state_dict(state); }), "their layouts differ");
  state.set("weight", uninitialized(at::kFloat));
  expect_contains(error_of([&] { inner.load_state_dict(state); }), "the checkpoint holds an uninitialized parameter");
  state.set("weight", at::ones({2, 3}, at::kLong));
  expect_contains(error_of([&] { inner.load_state_dict(state, {.assign = true}); }),
                  "Only Tensors of floating point and complex dtype can require gradients");
  Inner expanded;
  expanded["weight"] = Parameter(at::ones({1}).expand({2, 3}));
  expect_contains(error_of([&] { expanded.load_state_dict(Inner().state_dict()); }),
                  "more than one element of the written-to tensor refers to a single memory location");
}

TEST(StateDict, HasExtraState) {
  Counter counter, other;
  other.count = 5;
  StateDict state = other.state_dict();
  EXPECT_EQ(keys(state), (Names{"weight", "_extra_state"}));
  counter.load_state_dict(state);
  EXPECT_EQ(counter.count, 5);
  state.erase("_extra_state");
  EXPECT_EQ(counter.load_state_dict(state, {.strict = false}).missing_keys, Names{"_extra_state"});
  expect_contains(error_of([&] { counter.load_state_dict(state); }),
                  "Missing key(s) in state_dict: \"_extra_state\". ");
}

TEST(StateDict, TakesBackWhatWasLoadedBeforeAnExtraStateWasRejected) {
  Counter counter, other;
  other.count = 5;
  other.weight.set_data(at::full({2}, 9.0));
  counter.rejects = true;
  EXPECT_THROW(counter.load_state_dict(other.state_dict()), std::runtime_error);
  EXPECT_EQ(counter.weight.max().item<float>(), 1);
  EXPECT_THROW(counter.load_state_dict(other.state_dict(), {.assign = true}), std::runtime_error);
  EXPECT_EQ(counter.weight.max().item<float>(), 1);
}

TEST(StateDict, OlderVersionsAreUpgraded) {
  Upgraded module;
  StateDict state{{"gamma", at::full({2}, 3.0)}};
  module.load_state_dict(state);
  EXPECT_EQ(module.scale.max().item<float>(), 3);
  EXPECT_EQ(module.batches.item<int64_t>(), -1) << "no version";
  state.metadata.set("", Dict{{"version", 1}});
  module.load_state_dict(state);
  EXPECT_EQ(module.batches.item<int64_t>(), 1);
  state.metadata.set("", Dict{{"version", 2}});
  expect_contains(error_of([&] { module.load_state_dict(state); }),
                  "Missing key(s) in state_dict: \"scale\", \"batches\". ");
  struct Above : ModuleOf<Above> {
    Child<Upgraded> below{*this, "below"};
  };
  Above above;
  StateDict deep{{"below.gamma", at::full({2}, 4.0)}};
  deep.metadata.set("below", Dict{{"version", 1}});
  above.load_state_dict(deep);
  EXPECT_EQ(above.below->scale.max().item<float>(), 4);
  EXPECT_EQ(above.below->batches.item<int64_t>(), 1);
}

TEST(StateDict, HooksRenameOnTheWay) {
  Outer outer;
  outer.register_load_state_dict_pre_hook([](Module&, LoadState& state) {
    EXPECT_EQ(state.prefix(), "");
    for (const auto& name : state.names()) {
      if (name.starts_with("module.")) state.rename(name, name.substr(7));
    }
    EXPECT_NE(state.find("first.weight"), nullptr);
    EXPECT_EQ(state.find("nothing"), nullptr);
    EXPECT_FALSE(state.erase("first.nothing"));
  });
  StateDict state;
  for (const auto& [name, value] : Outer().state_dict()) state.set("module." + name, value.as<at::Tensor>() + 2);
  outer.load_state_dict(state);
  EXPECT_EQ(outer.bias.max().item<float>(), 2);
  EXPECT_EQ(outer.first->weight.max().item<float>(), 3);
}

TEST(StateDict, PostHooksForgiveOrForbid) {
  Outer outer;
  StateDict state = Outer().state_dict();
  state.erase("bias");
  for (auto& [key, entry] : state) entry = entry.as<at::Tensor>() + 5;
  auto hook = outer.register_load_state_dict_post_hook([](Module&, IncompatibleKeys& keys) {
    EXPECT_EQ(keys.missing_keys, Names{"bias"});
    keys.missing_keys.clear();
  });
  outer.load_state_dict(state);
  EXPECT_EQ(outer.first->weight.max().item<float>(), 6);
  hook.remove();
  const auto before = values_of(outer);
  for (auto& [key, entry] : state) entry = entry.as<at::Tensor>() + 5;
  state.set("bias", at::ones({3}));
  hook = outer.register_load_state_dict_post_hook(
      [](Module&, IncompatibleKeys& keys) { keys.unexpected_keys.push_back("none of it"); });
  expect_contains(error_of([&] { outer.load_state_dict(state); }), "Unexpected key(s) in state_dict: \"none of it\". ");
  expect_same(values_of(outer), before);
  hook.remove();
  outer.first->register_load_state_dict_post_hook([](Module&, IncompatibleKeys&) { throw std::logic_error("no"); });
  for (const bool assign : {false, true}) {
    EXPECT_THROW(outer.load_state_dict(state, {.assign = assign}), std::logic_error);
    expect_same(values_of(outer), before);
  }
}

TEST(StateDict, GivesUninitializedParametersTheirSizes) {
  struct Lazy : ModuleOf<Lazy> {
    UninitializedParameter weight{*this, "weight"};
  };
  Lazy lazy, other;
  EXPECT_TRUE(is_lazy(lazy.state_dict().tensor("weight")));
  lazy.load_state_dict(other.state_dict());
  EXPECT_TRUE(is_lazy(lazy.weight));
  other.weight.materialize({2, 3});
  other.weight.detach().fill_(4);
  const at::Tensor held = lazy.weight;
  lazy.register_load_state_dict_post_hook([](Module& module, IncompatibleKeys& keys) {
    if (!module.is_training()) keys.unexpected_keys.push_back("x");
  });
  lazy.eval();
  EXPECT_NE(error_of([&] { lazy.load_state_dict(other.state_dict()); }), "");
  EXPECT_TRUE(is_lazy(lazy.weight)) << "taken back";
  lazy.train();
  lazy.load_state_dict(other.state_dict());
  EXPECT_TRUE(held.is_same(lazy.weight));
  EXPECT_EQ(held.max().item<float>(), 4);
}

double seconds_of(const std::function<void()>& action) {
  const auto start = std::chrono::steady_clock::now();
  action();
  return std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
}

/// A tree with `count` leaves, all below one Module, or a hundred below each.
std::shared_ptr<Module> wide_tree(int count, bool flat) {
  const auto root = std::make_shared<Empty>();
  std::shared_ptr<Module> parent = root;
  for (int i = 0; i < count; ++i) {
    if (!flat && i % 100 == 0) {
      parent = std::make_shared<Empty>();
      root->register_module("group" + std::to_string(i), parent);
    }
    parent->register_module("leaf" + std::to_string(i), std::make_shared<Link>());
  }
  return root;
}

TEST(Size, AHundredThousandModulesTakeTimeInProportion) {
  for (const bool flat : {true, false}) {
    const auto run = [&](int count) {
      return seconds_of([&] {
        const auto tree = wide_tree(count, flat);
        EXPECT_EQ(tree->named_parameters().size(), static_cast<size_t>(count));
        const StateDict state = tree->state_dict();
        EXPECT_EQ(state.size(), static_cast<size_t>(count));
        tree->load_state_dict(state);
      });
    };
    run(1000);
    const double small = run(10000), large = run(100000);
    EXPECT_LT(large, 40 * small + 1) << "10 times as many; quadratic would be 100";
  }
}

TEST(Size, AChainOfAnyDepthIsSavedLoadedAndPrinted) {
  const auto head = chain(5000);
  const StateDict state = head->state_dict();
  EXPECT_EQ(state.size(), 5000u);
  head->load_state_dict(state);
  const std::string text = head->repr();
  EXPECT_EQ(std::count(text.begin(), text.end(), '\n'), 10000);
}

}  // namespace
}  // namespace bisque
