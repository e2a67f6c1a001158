// The norms as C++ calls them, with gradients through the door's autograd kernel: everything else is tested in Python.
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
