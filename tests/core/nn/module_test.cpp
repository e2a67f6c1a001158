#include <ATen/ATen.h>
#include <c10/core/GradMode.h>
#include <gtest/gtest.h>

#include <bisque/core/error.h>
#include <bisque/core/nn/module.h>
#include <bisque/tests/testing/errors.h>

namespace bisque {
namespace {

using namespace test;

struct Inner : Module {
  Parameter weight{*this, "weight", at::ones({2, 3})};
  Buffer steps{*this, "steps", at::zeros({1}, at::kLong)};
  at::Tensor forward(const at::Tensor& x) const { return at::matmul(x, weight); }
};

struct Outer : Module {
  Child<Inner> first{*this, "first"};
  Child<Inner> again{*this, "again", first.ptr()};
  Parameter bias{*this, "bias", at::zeros({3})};
  at::Tensor forward(const at::Tensor& x) const { return first(x) + bias; }
};

std::vector<std::string> names(const Named<at::Tensor>& entries) {
  std::vector<std::string> all;
  for (const auto& entry : entries) all.push_back(entry.first);
  return all;
}

TEST(Module, NamesFollowTheTreeAndSharedTensorsAreListedOnce) {
  Outer outer;
  EXPECT_EQ(names(outer.named_parameters()), (std::vector<std::string>{"bias", "first.weight"}));
  EXPECT_EQ(names(outer.named_parameters(false)), std::vector<std::string>{"bias"});
  EXPECT_EQ(names(outer.named_buffers()), std::vector<std::string>{"first.steps"});
  EXPECT_EQ(outer.named_children().size(), 2u);
}

TEST(Module, MembersAndRegistryAreOneTensor) {
  Outer outer;
  {
    c10::NoGradGuard guard;
    outer.parameters()[1].fill_(7);
  }
  EXPECT_EQ(outer.first->weight[0][0].item<float>(), 7);
  outer.to(at::kDouble);
  EXPECT_EQ(outer.first->weight.scalar_type(), at::kDouble);
  EXPECT_EQ(outer.first->steps.scalar_type(), at::kLong) << "integers keep their dtype";
  EXPECT_TRUE(outer.first->weight.requires_grad());
}

TEST(Module, GradientsFlowAndAreCleared) {
  Outer outer;
  outer.forward(at::ones({1, 2})).sum().backward();
  EXPECT_TRUE(at::equal(outer.bias.grad(), at::ones({3})));
  outer.zero_grad();
  EXPECT_FALSE(outer.bias.grad().defined());
  outer.requires_grad_(false);
  EXPECT_FALSE(outer.first->weight.requires_grad());
}

TEST(Module, TrainAndEvalReachAllBelow) {
  Outer outer;
  EXPECT_TRUE(outer.first->is_training());
  outer.eval();
  EXPECT_FALSE(outer.is_training());
  EXPECT_FALSE(outer.first->is_training());
}

TEST(Module, RefusesBadNamesAndValues) {
  Inner module;
  EXPECT_EQ(error_of([&] { module.register_buffer("", at::ones({1})); }),
            "Module: a buffer has an empty name; expected one that is not empty.");
  EXPECT_EQ(error_of([&] { module.register_buffer("a.b", at::ones({1})); }),
            "Module: buffer name \"a.b\" has a dot; dots separate a child's name from what is in it.");
  EXPECT_EQ(error_of([&] { module.register_parameter("steps", at::ones({1})); }),
            "Module: parameter \"steps\" cannot be registered, since a buffer has that name already.");
  EXPECT_EQ(error_of([&] { module.register_module("weight", std::make_shared<Inner>()); }),
            "Module: child \"weight\" cannot be registered, since a parameter has that name already.");
  EXPECT_EQ(error_of([&] { module.register_parameter("p", at::Tensor()); }),
            "Module: parameter \"p\" is undefined; expected a tensor.");
  EXPECT_EQ(error_of([&] { module.register_buffer("p", at::Tensor()); }),
            "Module: buffer \"p\" is undefined; expected a tensor.");
  EXPECT_EQ(error_of([&] { module.register_module("p", nullptr); }), "Module: child \"p\" is null; expected a Module.");
  EXPECT_EQ(
      error_of([&] { module.register_parameter("p", at::ones({1}, at::kLong)); }),
      "Module: parameter \"p\" is long int, which has no gradient; register it with requires_grad = false, or as a "
      "buffer.");
  EXPECT_EQ(names(module.named_parameters()), std::vector<std::string>{"weight"}) << "nothing was registered";
}

}  // namespace
}  // namespace bisque
