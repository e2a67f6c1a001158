#include <ATen/ATen.h>
#include <gtest/gtest.h>
#include <torch/optim/adagrad.h>
#include <torch/optim/adam.h>
#include <torch/optim/adamw.h>
#include <torch/optim/lbfgs.h>
#include <torch/optim/rmsprop.h>
#include <torch/optim/sgd.h>

#include <functional>

#include <bisque/core/checkpoint/optimizer_state.h>
#include <bisque/tests/testing/errors.h>

namespace bisque {
namespace {

using namespace torch::optim;
using test::error_of;
using test::expect_contains;

/// Two parameters, and an optimizer with two groups of them.
struct Problem {
  std::vector<at::Tensor> parameters{at::full({3}, 2.0).requires_grad_(), at::full({2, 2}, -1.0).requires_grad_()};
  std::unique_ptr<Optimizer> optimizer;

  void step() {
    optimizer->step([&] {
      optimizer->zero_grad();
      at::Tensor loss = (parameters[0].cos() * at::arange(1, 4)).sum() + (parameters[1] - 0.5).pow(4).sum();
      loss.backward();
      return loss;
    });
  }
};

using Make = std::function<std::unique_ptr<Optimizer>(const std::vector<at::Tensor>&)>;

template <class T, class Options>
Make make(const Options& options) {
  return [options](const std::vector<at::Tensor>& parameters) -> std::unique_ptr<Optimizer> {
    if constexpr (std::is_same_v<T, LBFGS>) {
      return std::make_unique<LBFGS>(parameters, options);
    } else {
      std::vector<OptimizerParamGroup> groups;
      for (const auto& parameter : parameters) groups.emplace_back(std::vector<at::Tensor>{parameter});
      groups[1].set_options(std::make_unique<Options>(Options(options).weight_decay(0.01)));
      return std::make_unique<T>(std::move(groups), options);
    }
  };
}

struct Case {
  const char* name;
  Make make, plain;
};

std::ostream& operator<<(std::ostream& stream, const Case& c) { return stream << c.name; }

class OptimizerState : public testing::TestWithParam<Case> {};

TEST_P(OptimizerState, ContinuesBitForBit) {
  Problem first, second;
  first.optimizer = GetParam().make(first.parameters);
  for (int i = 0; i < 3; ++i) first.step();
  second.optimizer = GetParam().plain(second.parameters);
  load_optimizer_state(*second.optimizer, optimizer_state(*first.optimizer));
  const at::NoGradGuard no_grad;
  for (int i = 0; i < 2; ++i) second.parameters[i].copy_(first.parameters[i]);
  for (int i = 0; i < 3; ++i) {
    const at::AutoGradMode grad(true);
    first.step();
    second.step();
  }
  for (int i = 0; i < 2; ++i) EXPECT_TRUE(at::equal(first.parameters[i], second.parameters[i])) << i;
}

TEST_P(OptimizerState, IsACopy) {
  Problem first, second;
  first.optimizer = GetParam().make(first.parameters);
  first.step();
  second.optimizer = GetParam().plain(second.parameters);
  load_optimizer_state(*second.optimizer, optimizer_state(*first.optimizer));
  const auto before = first.parameters[0].detach().clone();
  second.step();
  EXPECT_TRUE(at::equal(before, first.parameters[0]));
}

INSTANTIATE_TEST_SUITE_P(
    All, OptimizerState,
    testing::Values(
        Case{"Adagrad", make<Adagrad>(AdagradOptions(0.1).lr_decay(0.1)), make<Adagrad>(AdagradOptions(0.5))},
        Case{"Adam", make<Adam>(AdamOptions(0.1).betas({0.8, 0.9}).amsgrad(true)), make<Adam>(AdamOptions(0.5))},
        Case{"AdamW", make<AdamW>(AdamWOptions(0.1).eps(1e-4)), make<AdamW>(AdamWOptions(0.5))},
        Case{"LBFGS", make<LBFGS>(LBFGSOptions(0.1).max_iter(2).history_size(3).line_search_fn("strong_wolfe")),
             make<LBFGS>(LBFGSOptions(0.5))},
        Case{"RMSprop", make<RMSprop>(RMSpropOptions(0.1).momentum(0.5).centered(true)),
             make<RMSprop>(RMSpropOptions(0.5))},
        Case{"SGD", make<SGD>(SGDOptions(0.1).momentum(0.9).nesterov(true)), make<SGD>(SGDOptions(0.5))}),
    [](const auto& info) { return info.param.name; });

TEST(OptimizerState, HasPythonsForm) {
  Problem problem;
  problem.optimizer = make<Adam>(AdamOptions(0.1))(problem.parameters);
  problem.step();
  const Value state = optimizer_state(*problem.optimizer);
  const Dict& first = state.as<Dict>().at("state").as<Items>().at(0).as<Dict>();
  EXPECT_EQ(first.at("step").as<at::Tensor>().item<float>(), 1);
  EXPECT_EQ(first.at("exp_avg").as<at::Tensor>().sizes(), at::IntArrayRef({3}));
  EXPECT_FALSE(first.contains("max_exp_avg_sq"));
  const List& groups = state.as<Dict>().at("param_groups").as<List>();
  ASSERT_EQ(groups.size(), 2u);
  EXPECT_EQ(groups[0].as<Dict>().at("betas").as<Tuple>()[1].as<double>(), 0.999);
  EXPECT_EQ(groups[1].as<Dict>().at("weight_decay").as<double>(), 0.01);
  EXPECT_EQ(groups[1].as<Dict>().at("params").as<List>().at(0).as<int64_t>(), 1);
}

TEST(OptimizerState, RejectsWhatDoesNotFit) {
  Problem problem;
  problem.optimizer = make<Adam>(AdamOptions(0.1))(problem.parameters);
  problem.step();
  const Value good = optimizer_state(*problem.optimizer);
  const auto rejected = [&](const std::function<void(Dict&)>& spoil, const char* message) {
    Value state = good;
    spoil(state.as<Dict>());
    expect_contains(error_of([&] { load_optimizer_state(*problem.optimizer, state); }), message);
  };
  const auto first = [](Dict& state) -> Dict& { return state.at("state").as<Items>()[0].second.as<Dict>(); };
  const auto group = [](Dict& state) -> Dict& { return state.at("param_groups").as<List>()[0].as<Dict>(); };
  rejected([](Dict& s) { s.erase("state"); }, "expected a dict with \"state\" and the list \"param_groups\".");
  rejected([](Dict& s) { s.at("param_groups").as<List>().pop_back(); }, "expected 2 parameter groups, but got 1.");
  rejected([&](Dict& s) { group(s).set("params", List{}); }, "of group 0: expected 1 parameters, but got 0.");
  rejected([&](Dict& s) { group(s).erase("params"); }, "of group 0: expected a dict with the list \"params\".");
  rejected([&](Dict& s) { group(s).set("lr", "fast"); }, "expected lr to be a number, but got a value of type str.");
  rejected([&](Dict& s) { group(s).set("amsgrad", 1); }, "expected amsgrad to be a bool, but got a value of type int.");
  rejected([&](Dict& s) { group(s).set("betas", Tuple{0.5}); }, "expected betas to be 2 numbers, but got 1.");
  rejected([](Dict& s) { s.set("state", Dict{{"a", 1}}); }, "expected \"state\" to be a dict by parameter numbers.");
  rejected([](Dict& s) { s.set("state", Items{{7, Dict{}}}); }, "to be the numbers of 2 parameters.");
  rejected([](Dict& s) { s.set("state", Items{{0, 1}}); }, "of parameter 0: expected a dict");
  rejected([&](Dict& s) { first(s).erase("exp_avg"); }, "of parameter 0: exp_avg is missing.");
  rejected([&](Dict& s) { first(s).set("exp_avg", 1); }, "expected exp_avg to be a tensor");
  rejected([&](Dict& s) { first(s).set("step", 1.5); }, "expected step to be an integer, but got 1.5.");
  rejected([&](Dict& s) { first(s).set("exp_avg", at::ones({4})); }, "exp_avg to have the sizes [3], but got [4].");

  const Value after = optimizer_state(*problem.optimizer);
  EXPECT_EQ(after.as<Dict>().at("state").as<Items>().size(), 2u) << "nothing has changed";
}

}  // namespace
}  // namespace bisque
