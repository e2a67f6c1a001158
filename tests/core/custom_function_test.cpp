#include <bisque/core/custom_function.h>

#include <ATen/ATen.h>
#include <c10/core/GradMode.h>
#include <gtest/gtest.h>

#include <string>
#include <utility>
#include <vector>

namespace bisque {
namespace {

using Tensors = std::vector<at::Tensor>;

/// scale * a * b, and the sum of a, which has no gradient. Counts the requested gradients.
class ScaledProduct : public CustomFunction {
 public:
  struct Asked {
    std::vector<std::pair<bool, bool>> needs;
    bool had_gradient = false;
  };
  ScaledProduct(double scale, Asked& asked, bool materialize = true)
      : scale_(scale), asked_(asked), materialize_(materialize) {}

  Tensors forward(FunctionContext& context, at::TensorList inputs) override {
    context.save({inputs[0], inputs[1], at::Tensor()});
    context.set_materialize_grads(materialize_);
    Tensors results{scale_ * inputs[0] * inputs[1], inputs[0].sum(), inputs[0] + 1};
    EXPECT_FALSE(results[0].requires_grad());
    context.mark_non_differentiable({results[1]});
    return results;
  }

  Tensors backward(FunctionContext& context, const Tensors& gradients) override {
    asked_.needs.emplace_back(context.needs_grad(0), context.needs_grad(1));
    asked_.had_gradient = gradients[2].defined();
    const Tensors saved = context.saved();
    EXPECT_FALSE(saved[2].defined());
    return {scale_ * gradients[0] * saved[1], scale_ * gradients[0] * saved[0]};
  }

 private:
  double scale_;
  Asked& asked_;
  bool materialize_;
};

struct CustomFunctions : testing::Test {
  Tensors apply(bool materialize = true) {
    return CustomFunction::apply(c10::make_intrusive<ScaledProduct>(2.0, asked, materialize), {a, b});
  }

  at::Tensor a = at::rand({3}, at::kDouble).requires_grad_(), b = at::rand({3}, at::kDouble);
  ScaledProduct::Asked asked;
};

TEST_F(CustomFunctions, HaveTheGradientsThatBackwardGives) {
  b.requires_grad_();
  const Tensors results = apply();
  results[0].sum().backward();
  EXPECT_TRUE(at::allclose(a.grad(), 2 * b));
  EXPECT_TRUE(at::allclose(b.grad(), 2 * a));
  EXPECT_TRUE(results[2].requires_grad());
}

TEST_F(CustomFunctions, SayWhichGradientsAreAskedFor) {
  apply()[0].sum().backward();
  EXPECT_EQ(asked.needs, (std::vector<std::pair<bool, bool>>{{true, false}}));
  EXPECT_FALSE(b.grad().defined());
}

TEST_F(CustomFunctions, HaveResultsWithoutAGradient) { EXPECT_FALSE(apply()[1].requires_grad()); }

TEST_F(CustomFunctions, GetZerosOrNothingForResultsThatNobodyUsed) {
  apply()[0].sum().backward();
  EXPECT_TRUE(asked.had_gradient);
  apply(false)[0].sum().backward();
  EXPECT_FALSE(asked.had_gradient);
}

TEST_F(CustomFunctions, AreNotRecordedWhereNoGradientIsWanted) {
  const c10::AutoGradMode off(false);
  EXPECT_FALSE(apply()[0].requires_grad());
}

TEST_F(CustomFunctions, RefuseWhatWasChangedOrFreed) {
  b.requires_grad_();
  const auto error_of = [](const at::Tensor& result) {
    try {
      result.sum().backward();
    } catch (const std::exception& error) {
      return std::string(error.what());
    }
    return std::string("none");
  };
  at::Tensor result = apply()[0];
  a.detach().add_(1);
  EXPECT_NE(error_of(result).find("modified by an inplace operation"), std::string::npos);
  result = apply()[0];
  EXPECT_EQ(error_of(result), "none");
  EXPECT_NE(error_of(result).find("second time"), std::string::npos) << error_of(result);
}

}  // namespace
}  // namespace bisque
