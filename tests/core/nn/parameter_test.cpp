#include <optional>

#include <bisque/tests/core/nn/modules_testing.h>

namespace bisque {
namespace {

using namespace test;

struct Holder : ModuleOf<Holder> {};

TEST(Parameter, ACopyIsNoMemberAndAMovedOneIs) {
  Holder holder;
  Parameter first(holder, "weight", at::ones({2}));
  const Parameter copy = first;
  EXPECT_FALSE(copy.is_registered());
  EXPECT_TRUE(copy.is_same(first));
  Parameter second = std::move(first);
  EXPECT_TRUE(second.is_registered());
  holder["weight"] = Parameter(at::zeros({3}));
  EXPECT_EQ(second.size(0), 3);
  EXPECT_EQ(copy.size(0), 2);
  EXPECT_FALSE(first.defined());
}

TEST(Parameter, AMemberOutlivesItsModule) {
  std::optional<Holder> mortal(std::in_place);
  const Parameter weight(*mortal, "weight", at::ones({2}));
  mortal.reset();
  EXPECT_FALSE(weight.is_registered());
  EXPECT_EQ(weight.size(0), 2);
}

TEST(Parameter, TiesByBeingOneTensor) {
  Holder holder;
  Parameter weight(holder, "weight", at::ones({2}), {.requires_grad = false, .keep_dtype = true});
  Parameter tied(holder, "tied", weight);
  EXPECT_TRUE(tied.is_same(weight));
  EXPECT_FALSE(tied.requires_grad()) << "as the one that it is tied to";
  EXPECT_TRUE(tied.flags().keep_dtype);
  EXPECT_EQ(holder.parameters().size(), 1u);
}

TEST(Parameter, IsGivenItsSizesLater) {
  Holder holder;
  UninitializedParameter weight(holder, "weight", at::kDouble);
  UninitializedBuffer mean(holder, "mean");
  const at::Tensor held = holder.parameters()[0];
  EXPECT_TRUE(is_lazy(held));
  EXPECT_TRUE(is_lazy(mean));
  EXPECT_FALSE(is_lazy(at::empty({0})));
  EXPECT_FALSE(is_lazy(at::Tensor()));
  const auto clone = holder.clone();
  EXPECT_TRUE(is_lazy(clone->parameters()[0]));
  holder.float_();
  EXPECT_TRUE(is_lazy(weight)) << "a dtype does not initialize it";
  weight.materialize({2, 3});
  mean.materialize({3}, at::kCPU, at::kDouble);
  EXPECT_TRUE(held.is_same(weight));
  EXPECT_EQ(held.sizes(), (at::IntArrayRef{2, 3}));
  EXPECT_EQ(held.scalar_type(), at::kFloat);
  EXPECT_EQ(mean.scalar_type(), at::kDouble);
  EXPECT_TRUE(held.requires_grad());
  EXPECT_FALSE(is_lazy(held));
  EXPECT_TRUE(is_lazy(clone->parameters()[0]));
  EXPECT_EQ(error_of([&] { weight.materialize({1}); }),
            "materialize: expected an uninitialized parameter or buffer, but got one of sizes [2, 3].");
  EXPECT_EQ(error_of([&] { Parameter().materialize({1}); }),
            "materialize: expected an uninitialized parameter or buffer, but got None.");
}

TEST(ModuleEntry, AssignsMembersByName) {
  TinyLinear linear(2, 3);
  linear["weight"] = Parameter(at::zeros({3, 2}));
  EXPECT_TRUE(at::equal(linear.weight, at::zeros({3, 2})));
  linear["bias"] = nullptr;
  EXPECT_FALSE(linear.bias.defined());
  linear["bias"].erase();
  EXPECT_FALSE(linear.bias.is_registered());
  EXPECT_EQ(error_of([&] { linear["bias"].tensor(); }), "TinyLinear: has no parameter or buffer 'bias'.");
  EXPECT_EQ(error_of([&] { linear["weight"] = at::ones({1}); }),
            "TinyLinear: cannot assign a plain tensor as parameter 'weight' (Parameter or None expected).");
  EXPECT_EQ(error_of([&] { linear["weight"] = Buffer(at::ones({1})); }),
            "TinyLinear: cannot assign a Buffer to 'weight', which is a member that is a parameter.");
  EXPECT_EQ(
      error_of([&] { linear["new"] = at::ones({1}); }),
      "TinyLinear: cannot assign a plain tensor to 'new', which is not a buffer; assign a Parameter or a Buffer.");
  EXPECT_EQ(error_of([&] { linear["new"] = nullptr; }), "TinyLinear: has no attribute 'new' that could become None.");
  EXPECT_EQ(error_of([&] { linear["new"].erase(); }), "'TinyLinear' object has no attribute 'new'.");
}

TEST(ModuleEntry, ChangesTheKindOfWhatIsNoMember) {
  Holder holder;
  holder["x"] = Parameter(at::ones({1}));
  holder["x"] = Buffer(at::ones({2}), {.persistent = false, .keep_dtype = true});
  EXPECT_TRUE(holder.parameters().empty());
  holder["x"] = at::ones({3});
  EXPECT_EQ(holder["x"].tensor().size(0), 3);
  holder.half();
  EXPECT_EQ(holder["x"].tensor().scalar_type(), at::kFloat) << "a plain tensor keeps the buffer's options";
  holder["x"] = TinyLinear(2, 3);
  EXPECT_TRUE(holder.buffers().empty());
  EXPECT_EQ(holder["x"].module().type_name(), "TinyLinear");
  holder["x"] = nullptr;
  EXPECT_EQ(error_of([&] { holder["x"].module(); }), "Holder: has no child 'x', or it is None.");
  holder["x"] = std::make_shared<TinyLinear>(2, 3);
  EXPECT_EQ(names(holder.named_parameters()), (Names{"x.weight", "x.bias"}));
}

TEST(ModuleEntry, AValueBecomesAChildWithItsMembers) {
  Outer outer;
  TinyLinear linear(2, 3);
  const at::Tensor weight = linear.weight;
  outer["fc"] = std::move(linear);
  auto& fc = outer.get_submodule<TinyLinear>("fc");
  EXPECT_TRUE(fc.weight.is_same(weight));
  EXPECT_TRUE(fc.weight.is_registered());
  fc.to(at::kDouble);
  EXPECT_EQ(fc.weight.scalar_type(), at::kDouble);
}

TEST(ModuleEntry, AChildMemberKeepsItsType) {
  Outer outer;
  const auto inner = std::make_shared<Inner>();
  outer["first"] = inner;
  EXPECT_EQ(outer.first.ptr(), inner);
  EXPECT_EQ(error_of([&] { outer["first"] = Empty(); }),
            "Outer: cannot assign a Empty as child module 'first', which is a member of another type.");
  EXPECT_EQ(outer.first.ptr(), inner);
  outer["first"] = nullptr;
  EXPECT_FALSE(outer.first);
  outer.first = inner;
  EXPECT_EQ(&outer["first"].module(), inner.get());
}

}  // namespace
}  // namespace bisque
