#include <ATen/ATen.h>
#include <gtest/gtest.h>

#include <bisque/ops3d/knn_points/knn_points.h>

namespace bisque {
namespace {

TEST(KnnPoints, OptionsReachTheOp) {
  const auto p1 = at::tensor({0.0, 0.0}).view({1, 1, 2});
  const auto p2 = at::tensor({3.0, 4.0, 0.0, 6.0, 1.0, 1.0}).view({1, 3, 2});
  const auto [dists, idx] = knn_points(p1, p2);
  EXPECT_TRUE(at::equal(dists, at::full({1, 1, 1}, 2.0, at::kDouble)));
  EXPECT_TRUE(at::equal(idx, at::full({1, 1, 1}, 2, at::kLong)));
  const auto [two_dists, two_idx] = knn_points(p1, p2, std::nullopt, at::tensor({2}, at::kLong), {.K = 2, .norm = 1});
  EXPECT_TRUE(at::equal(two_dists, at::tensor({6.0, 7.0}).view({1, 1, 2})));
  EXPECT_TRUE(at::equal(two_idx, at::tensor({1, 0}, at::kLong).view({1, 1, 2})));
}

}  // namespace
}  // namespace bisque
