#include <c10/core/GradMode.h>

#include <bisque/tests/core/nn/modules_testing.h>

namespace bisque {
namespace {

using namespace test;

struct Tied : ModuleOf<Tied> {
  Child<TinyLinear> encoder{*this, "encoder", 2, 2};
  Child<TinyLinear> decoder{*this, "decoder", 2, 2};
  Child<TinyLinear> again{*this, "again", encoder.ptr()};
  Buffer table{*this, "table", at::arange(3), {.persistent = false}};
  Buffer precise{*this, "precise", at::ones({1}, at::kDouble), {.keep_dtype = true}};
  int calls = 0;

  Tied() { decoder->weight = encoder->weight; }
};

TEST(Clone, HasTensorsOfItsOwnInItsMembers) {
  Outer outer;
  const auto clone = outer.clone();
  static_assert(std::is_same_v<decltype(outer.clone()), std::shared_ptr<Outer>>);
  {
    c10::NoGradGuard guard;
    clone->first->weight.fill_(5);
    clone->bias.fill_(5);
  }
  EXPECT_EQ(outer.first->weight.max().item<float>(), 1);
  EXPECT_EQ(outer.bias.max().item<float>(), 0);
  EXPECT_TRUE(at::equal((*clone)(at::ones({1, 2})), at::full({1, 3}, 15.0)));
  EXPECT_TRUE(clone->get_parameter("first.weight").is_same(clone->first->weight));
  EXPECT_TRUE(clone->bias.is_registered());
  EXPECT_TRUE(clone->bias.requires_grad());
}

TEST(Clone, KeepsTiesSharingFlagsAndPlainMembers) {
  Tied tied;
  tied.calls = 3;
  tied.eval();
  tied.encoder->bias.set_requires_grad(false);
  const auto clone = tied.clone();
  EXPECT_EQ(clone->calls, 3);
  EXPECT_FALSE(clone->is_training());
  EXPECT_TRUE(clone->decoder->weight.is_same(clone->encoder->weight));
  EXPECT_FALSE(clone->decoder->weight.is_same(tied.encoder->weight));
  EXPECT_EQ(clone->again.ptr(), clone->encoder.ptr());
  EXPECT_NE(clone->again.ptr(), tied.encoder.ptr());
  EXPECT_FALSE(clone->encoder->bias.requires_grad());
  EXPECT_FALSE(clone->table.flags().persistent);
  EXPECT_EQ(names(clone->named_parameters()), names(tied.named_parameters()));
}

TEST(Clone, FollowsWhatWasRegisteredAndAssignedLater) {
  Outer outer;
  outer["extra"] = Parameter(at::ones({1}));
  outer["fc"] = TinyLinear(2, 2);
  outer["bias"].erase();
  const auto clone = outer.clone();
  EXPECT_EQ(names(clone->named_parameters()), (Names{"extra", "first.weight", "fc.weight", "fc.bias"}));
  EXPECT_FALSE(clone->bias.is_registered());
  EXPECT_FALSE(clone->get_parameter("fc.weight").is_same(outer.get_parameter("fc.weight")));
}

struct Heir : Inner {};
struct OneOnly : ModuleOf<OneOnly> {
  std::unique_ptr<int> what;
};
struct Plain : Module {};

TEST(Clone, SaysWhyItCannotBe) {
  EXPECT_EQ(error_of([] { Heir().clone(); }),
            "Heir: cannot be cloned, since it does not derive from a ModuleOf of its own.");
  EXPECT_EQ(error_of([] { OneOnly().clone(); }), "OneOnly: cannot be cloned, since it has no copy constructor.");
  EXPECT_EQ(error_of([] {
              Outer outer;
              outer["plain"] = std::make_shared<Plain>();
              outer.clone();
            }),
            "Plain: cannot be cloned, since it does not derive from ModuleOf.");
  EXPECT_EQ(error_of([] {
              const Inner inner;
              const Inner copy = inner;
            }),
            "Inner: a Module cannot be copied as a value; use clone().");
}

TEST(To, KeepsIdentityTiesAndWhatHasNoSuchDtype) {
  Tied tied;
  const at::Tensor weight = tied.encoder->weight;
  weight.mutable_grad() = at::ones({2, 2});
  tied.to(at::kDouble);
  EXPECT_TRUE(tied.encoder->weight.is_same(weight));
  EXPECT_TRUE(tied.decoder->weight.is_same(weight));
  EXPECT_EQ(weight.scalar_type(), at::kDouble);
  EXPECT_EQ(weight.grad().scalar_type(), at::kDouble);
  EXPECT_TRUE(weight.requires_grad());
  EXPECT_EQ(tied.table.scalar_type(), at::kLong) << "integers keep their dtype";
  tied.half();
  EXPECT_EQ(weight.scalar_type(), at::kHalf);
  EXPECT_EQ(tied.precise.scalar_type(), at::kDouble) << "marked keep_dtype";
  tied.bfloat16();
  EXPECT_EQ(weight.scalar_type(), at::kBFloat16);
  tied.float_();
  tied.double_();
  EXPECT_EQ(weight.scalar_type(), at::kDouble);
}

TEST(To, GradientsAccumulateAfterIt) {
  TinyLinear linear(2, 3);
  linear(at::ones({1, 2})).sum().backward();
  linear.to(at::kDouble);
  linear(at::ones({1, 2}, at::kDouble)).sum().backward();
  EXPECT_TRUE(at::equal(linear.weight.grad(), at::full({3, 2}, 2.0, at::kDouble)));
}

TEST(To, LeavesAndEntersTheMetaDevice) {
  Tied tied;
  tied.to(at::kMeta);
  EXPECT_TRUE(tied.encoder->weight.is_meta());
  EXPECT_EQ(error_of([&] { tied.to(at::kCPU); }),
            "Tied: Cannot copy out of meta tensor; no data! Please use torch.nn.Module.to_empty() instead of "
            "torch.nn.Module.to() when moving module from meta to a different device.");
  tied.to_empty(at::kCPU);
  EXPECT_TRUE(tied.encoder->weight.is_cpu());
  EXPECT_TRUE(tied.decoder->weight.is_same(tied.encoder->weight)) << "still tied";
  EXPECT_TRUE(tied.encoder->weight.requires_grad());
  EXPECT_EQ(tied.table.scalar_type(), at::kLong);
}

TEST(To, RejectsIntegers) {
  EXPECT_EQ(error_of([] { Inner().to(at::kLong); }),
            "Inner: nn.Module.to only accepts floating point or complex dtypes, but got desired dtype=torch.int64.");
}

TEST(Size, AChainOfAnyDepthNeedsNoStack) {
  auto head = chain(5000);
  EXPECT_EQ(head->parameters().size(), 5000u);
  EXPECT_EQ(head->modules().size(), 5000u);
  head->eval();
  head->to(at::kDouble);
  auto clone = head->clone();
  EXPECT_EQ(clone->parameters().size(), 5000u);
  head.reset();
  EXPECT_EQ(clone->next->next->weight.item<double>(), 1);
  clone->next = nullptr;
  EXPECT_EQ(clone->parameters().size(), 1u);
  chain(200000).reset();
}

}  // namespace
}  // namespace bisque
