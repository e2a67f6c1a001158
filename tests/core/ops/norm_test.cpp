// The norms as C++ calls them, with gradients through the plugin interface's autograd kernel: everything else is tested
// in Python.
#include <ATen/ATen.h>
#include <gtest/gtest.h>
#include <torch/csrc/autograd/autograd.h>

#include <bisque/core/ops/batch_norm/batch_norm.h>
#include <bisque/core/ops/group_norm/group_norm.h>
#include <bisque/core/ops/row_norm/row_norm.h>

namespace bisque {
namespace {

struct Inputs {
  at::Tensor x, weight, bias, grad;

  Inputs(at::IntArrayRef sizes, int64_t channels)
      : x(at::randn(sizes).requires_grad_()),
        weight(at::randn({channels}).requires_grad_()),
        bias(at::randn({channels}).requires_grad_()),
        grad(at::randn(sizes)) {}

  /// That y and its gradients are those of the expected.
  void expect_same(const at::Tensor& y, const at::Tensor& expected) const {
    EXPECT_TRUE(at::allclose(y, expected, 1e-4, 1e-5));
    const auto found = torch::autograd::grad({y}, {x, weight, bias}, {grad});
    const auto wanted = torch::autograd::grad({expected}, {x, weight, bias}, {grad});
    for (size_t i = 0; i < 3; ++i) EXPECT_TRUE(at::allclose(found[i], wanted[i], 1e-3, 1e-4)) << i;
  }

  /// The same of second derivatives: y(inputs) and expected(inputs) in float64.
  template <class Ours, class Theirs>
  void expect_same_second(const Ours& y, const Theirs& expected) const {
    const auto second = [&](const auto& function) {
      std::vector<at::Tensor> leaves;
      for (const at::Tensor& leaf : {x, weight, bias}) leaves.push_back(leaf.detach().to(at::kDouble).requires_grad_());
      const at::Tensor result = function(leaves[0], leaves[1], leaves[2]);
      const auto first = torch::autograd::grad({result.sin()}, leaves, {grad.to(at::kDouble)}, std::nullopt, true);
      const at::Tensor penalty = first[0].square().sum() + first[1].sin().sum() + first[2].square().sum();
      auto all = torch::autograd::grad({penalty}, leaves, {}, std::nullopt, /*create_graph=*/true);
      all.insert(all.end(), first.begin(), first.end());
      return all;
    };
    const auto found = second(y), wanted = second(expected);
    for (size_t i = 0; i < found.size(); ++i) EXPECT_TRUE(at::allclose(found[i], wanted[i], 1e-8, 1e-10)) << i;
  }
};

TEST(Norm, RowNormIsLayerNorm) {
  const Inputs in({6, 40}, 40);
  const auto [y, mean, var] = row_norm(in.x, in.weight, in.bias, 40, 1e-5);
  in.expect_same(y, at::layer_norm(in.x, {40}, in.weight, in.bias, 1e-5));
  EXPECT_FALSE(mean.requires_grad());
  EXPECT_EQ(var.scalar_type(), at::kDouble);
}

TEST(Norm, GroupNorm) {
  const Inputs in({3, 6, 5, 7}, 6);
  in.expect_same(std::get<0>(group_norm(in.x, in.weight, in.bias, 2, 1e-5)),
                 at::group_norm(in.x, 2, in.weight, in.bias, 1e-5));
}

TEST(Norm, BatchNormAndItsRunningStatistics) {
  const Inputs in({5, 3, 4, 6}, 3);
  auto running_mean = at::zeros({3}), running_var = at::ones({3});
  const auto expected_mean = at::zeros({3}), expected_var = at::ones({3});
  const auto [y, mean, var] = batch_norm(in.x, in.weight, in.bias, std::nullopt, std::nullopt, true, 1e-5);
  update_running_stats(running_mean, running_var, mean, var, 0.1, 120);
  in.expect_same(y, at::batch_norm(in.x, in.weight, in.bias, expected_mean, expected_var, true, 0.1, 1e-5, false));
  EXPECT_TRUE(at::allclose(running_mean, expected_mean));
  EXPECT_TRUE(at::allclose(running_var, expected_var));
  in.expect_same(std::get<0>(batch_norm(in.x, in.weight, in.bias, running_mean, running_var, false, 1e-5)),
                 at::batch_norm(in.x, in.weight, in.bias, running_mean, running_var, false, 0.1, 1e-5, false));
}

TEST(Norm, SecondDerivatives) {
  using T = const at::Tensor&;
  const at::Tensor mean = at::randn({6}, at::kDouble), var = at::rand({6}, at::kDouble) + 0.5;
  const Inputs in({4, 6, 3, 2}, 6), rows({4, 5, 6}, 6);
  rows.expect_same_second([](T x, T w, T b) { return std::get<0>(row_norm(x, w, b, 6, 1e-5)); },
                          [](T x, T w, T b) { return at::layer_norm(x, {6}, w, b, 1e-5); });
  rows.expect_same_second([](T x, T w, T b) { return std::get<0>(row_norm(x, w, {}, 6, 1e-5, false)) + b; },
                          [](T x, T w, T b) { return at::rms_norm(x, {6}, w, 1e-5) + b; });
  in.expect_same_second([](T x, T w, T b) { return std::get<0>(group_norm(x, w, b, 3, 1e-5)); },
                        [](T x, T w, T b) { return at::group_norm(x, 3, w, b, 1e-5); });
  for (const bool training : {true, false}) {
    in.expect_same_second(
        [&](T x, T w, T b) { return std::get<0>(batch_norm(x, w, b, mean, var, training, 1e-5)); },
        [&](T x, T w, T b) { return at::batch_norm(x, w, b, mean.clone(), var.clone(), training, 0.1, 1e-5, false); });
  }
}

TEST(Norm, ThirdDerivative) {
  const at::Tensor x = at::randn({2, 5}, at::kDouble).requires_grad_();
  const auto third = [&](const at::Tensor& y) {
    at::Tensor result = y.sin().sum();
    for (int order = 0; order < 3; ++order) {
      result = torch::autograd::grad({result}, {x}, {}, std::nullopt, true)[0].pow(3).sum();
    }
    return result;
  };
  const at::Tensor expected = x / (x.square().mean(-1, true) + 1e-5).sqrt();
  EXPECT_TRUE(at::allclose(third(std::get<0>(row_norm(x, {}, {}, 5, 1e-5, false))), third(expected), 1e-8, 1e-8));
}

TEST(Norm, PartsOfBatchNorm) {
  const Inputs in({8, 3, 5}, 3);
  const at::Tensor x = in.x.detach();
  const auto [mean, var] = batch_norm_stats(x);
  EXPECT_TRUE(at::allclose(mean, x.to(at::kDouble).mean(at::IntArrayRef({0, 2}))));
  const auto [y, own_mean, own_var] = batch_norm(in.x, in.weight, in.bias, std::nullopt, std::nullopt, true, 1e-5);
  const auto sums = batch_norm_grad_sums(in.grad, x, mean, var, 1e-5);
  const auto by_x = batch_norm_grad_input(in.grad, x, in.weight.detach(), mean, var, sums, 40, 1e-5);
  const auto whole = torch::autograd::grad({y}, {in.x, in.weight, in.bias}, {in.grad});
  EXPECT_TRUE(at::allclose(by_x, whole[0], 1e-4, 1e-5));
  EXPECT_TRUE(at::allclose(sums[1].to(at::kFloat), whole[1], 1e-4, 1e-5));
  EXPECT_TRUE(at::allclose(sums[0].to(at::kFloat), whole[2], 1e-4, 1e-5));
}

}  // namespace
}  // namespace bisque
