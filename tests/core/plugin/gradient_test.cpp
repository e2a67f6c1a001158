// Gradients by declaration, on the ops of acme_ops: an optional argument, a number, three results of which one has no
// gradient.
#include <ATen/ATen.h>
#include <bisque/core/plugin/op.h>
#include <bisque/core/plugin/plugins.h>
#include <gtest/gtest.h>
#include <torch/csrc/autograd/autograd.h>

#include <bisque/tests/testing/errors.h>

#define EXPECT_ERROR(expression, part) test::expect_contains(test::error_of([&] { (void)(expression); }), part)

namespace bisque {
namespace {

using T = at::Tensor;
using Results = std::tuple<T, T, T>;

class DeclaredGradients : public testing::Test {
 protected:
  static void SetUpTestSuite() { plugins().load(std::string(BISQUE_TEST_LIBRARIES) + "/libacme_ops.so"); }
  static void TearDownTestSuite() { plugins().retire("acme_ops"); }

  static Results affine(const T& x, const std::optional<T>& shift, double factor) {
    return find_op<Results(const T&, const std::optional<T>&, double)>("acme::affine").call(x, shift, factor);
  }
  static T leaf(std::initializer_list<double> values) {
    return at::tensor(at::ArrayRef<double>(values), at::kDouble).requires_grad_();
  }
  static std::vector<T> grad(const std::vector<T>& outputs, const std::vector<T>& inputs, const std::vector<T>& weights,
                             bool create_graph = false) {
    return torch::autograd::grad(outputs, inputs, weights, std::nullopt, create_graph, /*allow_unused=*/true);
  }
  const T one = at::ones({2}, at::kDouble);
};

TEST_F(DeclaredGradients, OfSeveralResults) {
  const T x = leaf({1, -2}), shift = leaf({5, 6});
  const auto [y, square, sign] = affine(x, shift, 3);
  EXPECT_FALSE(sign.requires_grad());
  const auto g = grad({y, square}, {x, shift}, {one, 10 * one});
  EXPECT_TRUE(at::equal(g[0], at::tensor({23.0, -37.0})));  // 3 + 10 * 2 x
  EXPECT_TRUE(at::equal(g[1], one));
}

TEST_F(DeclaredGradients, WhereOneResultIsNotUsed) {
  const T x = leaf({1, -2});
  const auto [y, square, sign] = affine(x, std::nullopt, 3);
  EXPECT_TRUE(at::equal(grad({square}, {x}, {one})[0], at::tensor({2.0, -4.0})));
}

TEST_F(DeclaredGradients, OfTheOptionalArgumentAlone) {
  const T x = leaf({1, -2}).detach(), shift = leaf({5, 6});
  const auto [y, square, sign] = affine(x, shift, 3);
  EXPECT_TRUE(at::equal(grad({y}, {shift}, {2 * one})[0], 2 * one));
}

TEST_F(DeclaredGradients, NoneWithoutGradModeOrGradientInputs) {
  const T x = leaf({1, -2});
  {
    const at::NoGradGuard off;
    EXPECT_FALSE(std::get<0>(affine(x, std::nullopt, 3)).requires_grad());
  }
  EXPECT_FALSE(std::get<0>(affine(x.detach(), std::nullopt, 3)).requires_grad());
  EXPECT_TRUE(std::get<0>(affine(x, std::nullopt, 3)).requires_grad());
}

TEST_F(DeclaredGradients, ASecondDerivativeIsRejected) {
  const T x = leaf({1, -2});
  const auto first = grad({std::get<1>(affine(x, std::nullopt, 3))}, {x}, {one}, /*create_graph=*/true)[0];
  EXPECT_TRUE(at::equal(first, at::tensor({2.0, -4.0})));
  EXPECT_ERROR(grad({first.sum()}, {x}, {at::ones({}, at::kDouble)}),
               "acme::_affine_backward has no gradient: double backward is not supported.");
}

TEST_F(DeclaredGradients, AnInputThatWasChangedIsNoticed) {
  const T x = leaf({1, -2});
  const T values = x * 1;
  const auto [y, square, sign] = affine(values, std::nullopt, 3);
  values.mul_(2);
  EXPECT_ANY_THROW(grad({square}, {x}, {one}));
}

TEST_F(DeclaredGradients, ErrorsOfTheOpArriveThroughAutograd) {
  EXPECT_ANY_THROW(affine(at::ones({2, 2}, at::kDouble).requires_grad_(), std::nullopt, 3));
}

}  // namespace
}  // namespace bisque
