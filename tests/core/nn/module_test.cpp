#include <c10/core/GradMode.h>

#include <bisque/tests/core/nn/modules_testing.h>

namespace bisque {
namespace {

using namespace test;

TEST(Module, NamesFollowTheTreeAndSharedTensorsAreListedOnce) {
  Outer outer;
  EXPECT_EQ(names(outer.named_parameters()), (Names{"bias", "first.weight"}));
  EXPECT_EQ(names(outer.named_parameters({.recurse = false})), Names{"bias"});
  EXPECT_EQ(names(outer.named_parameters({.prefix = "net", .remove_duplicate = false})),
            (Names{"net.bias", "net.first.weight", "net.again.weight"}));
  EXPECT_EQ(names(outer.named_buffers()), Names{"first.steps"});
  EXPECT_EQ(names(outer.named_children()), Names{"first"});
  EXPECT_EQ(names(outer.named_modules()), (Names{"", "first"}));
  EXPECT_EQ(names(outer.named_modules({.prefix = "net", .remove_duplicate = false})),
            (Names{"net", "net.first", "net.again"}));
  EXPECT_EQ(outer.modules()[1], outer.first.ptr().get());
}

TEST(Module, MembersAndRegistryAreOneTensor) {
  Outer outer;
  {
    c10::NoGradGuard guard;
    outer.parameters()[1].fill_(7);
  }
  EXPECT_EQ(outer.first->weight[0][0].item<float>(), 7);
  outer.first->weight = Parameter(at::zeros({1, 3}));
  EXPECT_EQ(outer.get_parameter("first.weight").size(0), 1);
  EXPECT_TRUE(outer.get_parameter("again.weight").is_same(outer.first->weight));
  outer.first->steps = at::ones({2}, at::kLong);
  EXPECT_EQ(outer.get_buffer("first.steps").size(0), 2);
}

TEST(Module, GradientsFlowAndAreCleared) {
  Outer outer;
  outer(at::ones({1, 2})).sum().backward();
  EXPECT_TRUE(at::equal(outer.bias.grad(), at::ones({3})));
  outer.zero_grad(false);
  EXPECT_TRUE(at::equal(outer.bias.grad(), at::zeros({3})));
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
  outer.train();
  EXPECT_TRUE(outer.first->is_training());
}

TEST(Module, ApplyVisitsWhatIsBelowFirst) {
  Outer outer;
  outer["other"] = Empty();
  outer["other"].module().register_module("inner", outer.first.ptr());
  std::string order;
  outer.apply([&](Module& module) { order += module.type_name() + " "; });
  EXPECT_EQ(order, "Inner Inner Empty Outer ") << "once a parent, by every way";
}

TEST(Module, PathsLeadToWhatIsThere) {
  Outer outer;
  EXPECT_EQ(&outer.get_submodule(""), &outer);
  EXPECT_EQ(&outer.get_submodule<Inner>("first"), outer.first.ptr().get());
  EXPECT_EQ(error_of([&] { outer.get_submodule<Outer>("first"); }),
            "get_submodule: first is a Inner, not of the requested type.");
}

TEST(Module, TypeNamesAreBare) {
  struct Local : ModuleOf<Local> {};
  EXPECT_EQ(Local().type_name(), "Local");
  EXPECT_EQ(Inner().type_name(), "Inner");
}

TEST(Module, RejectsBadValues) {
  Inner module;
  EXPECT_EQ(error_of([&] { module.register_parameter("p", at::ones({1}, at::kLong)); }),
            "Inner: parameter 'p': Only Tensors of floating point and complex dtype can require gradients, but got "
            "torch.int64; say requires_grad = false, or make it a Buffer.");
  EXPECT_EQ(error_of([&] { module.register_parameter("p", module.weight * 2); }),
            "Inner: parameter 'p': Cannot assign non-leaf Tensor to a parameter; create it explicitly, or detach() it. "
            "What is a function of other tensors is computed in forward().");
  EXPECT_EQ(error_of([&] { Parameter again(module, "weight", at::ones({1})); }),
            "Inner: attribute 'weight' already exists, as a parameter.");
  EXPECT_EQ(error_of([&] { Buffer again(module, "weight", at::ones({1})); }),
            "Inner: attribute 'weight' already exists, as a parameter.");
  EXPECT_EQ(error_of([&] { Child<Inner> again(module, "weight"); }),
            "Inner: attribute 'weight' already exists, as a parameter.");
  EXPECT_EQ(names(module.named_parameters()), Names{"weight"}) << "nothing was registered";
  EXPECT_TRUE(module.named_children().empty());
  const auto shared = std::make_shared<Inner>();
  EXPECT_EQ(error_of([&] { shared->register_module("me", shared); }), "Inner: cannot be its own child 'me'.");
}

TEST(Module, NoneIsInTheRegistryAndNotListed) {
  TinyLinear linear(2, 3, false);
  EXPECT_EQ(names(linear.named_parameters()), Names{"weight"});
  EXPECT_TRUE(at::equal(linear(at::ones({1, 2})), at::full({1, 3}, 2.0)));
  linear.register_buffer("none", at::Tensor());
  linear.register_module("gone", nullptr);
  EXPECT_TRUE(linear.named_buffers().empty());
  EXPECT_TRUE(linear.named_children().empty());
  linear.bias = Parameter(at::ones({3}));
  EXPECT_EQ(names(linear.named_parameters()), (Names{"weight", "bias"})) << "its place was kept";
}

TEST(Module, RejectsToUseAChildThatIsNone) {
  Link link;
  EXPECT_EQ(error_of([&] { link.next(at::ones({1})); }),
            "Link: expected the child 'next' to be a Module, but it is None.");
}

TEST(Module, ACircleIsFoundWhereItWouldNeverEnd) {
  const auto a = std::make_shared<Link>(), b = std::make_shared<Link>();
  a->next = b;
  b->next = a;
  EXPECT_EQ(names(a->named_modules()), (Names{"", "next"}));
  EXPECT_EQ(error_of([&] { a->named_modules({.remove_duplicate = false}); }),
            "Link: contains itself at \"next.next\"; expected a tree of Modules.");
  EXPECT_EQ(error_of([&] { a->clone(); }), "Link: cannot be cloned, since it contains itself through other Modules.");
  b->next = nullptr;
}

}  // namespace
}  // namespace bisque
