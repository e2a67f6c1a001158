// The Modules of the plugin ops3d, made by name.
#include <ATen/ATen.h>
#include <bisque/ops3d/modules/knn.h>
#include <bisque/ops3d/modules/marching_cubes.h>
#include <bisque/tests/testing/errors.h>
#include <gtest/gtest.h>

namespace bisque {
namespace {

TEST(Ops3dModules, KnnFindsNeighboursWithGradients) {
  const auto knn = modules().make<KNN>("ops3d.KNN", {{"K", int64_t{2}}});
  EXPECT_EQ(knn->options().K, 2);
  const at::Tensor p1 = at::tensor({0.0, 0.0, 0.0}).view({1, 1, 3}).set_requires_grad(true);
  const at::Tensor p2 = at::tensor({3.0, 0.0, 0.0, 0.0, 1.0, 0.0, 0.0, 0.0, 2.0}).view({1, 3, 3});
  const auto [dists, idx] = knn->forward(p1, p2);
  EXPECT_TRUE(at::equal(idx.flatten(), at::tensor({int64_t{1}, int64_t{2}})));
  EXPECT_TRUE(at::equal(dists.detach().flatten(), at::tensor({1.0, 4.0}, p1.options().requires_grad(false))));
  dists.sum().backward();
  EXPECT_TRUE(at::equal(p1.grad().flatten(), at::tensor({0.0, -2.0, -4.0}, p1.grad().options())));
}

TEST(Ops3dModules, MarchingCubesTakesItsIsolevel) {
  at::Tensor vol = at::zeros({1, 3, 3, 3});
  vol[0][1][1][1] = 1;
  const auto make = [](const Config& config) { return modules().make<MarchingCubes>("ops3d.MarchingCubes", config); };
  const auto [verts, faces, num_verts, num_faces] =
      make({{"isolevel", 0.25}, {"return_local_coords", false}})->forward(vol);
  EXPECT_EQ(verts.size(0), 6);
  EXPECT_EQ(faces.size(0), 8);
  EXPECT_NEAR((verts - 1).abs().max().item<double>(), 0.75, 1e-6);
  const at::Tensor halfway = std::get<0>(make({})->forward(vol));
  EXPECT_NEAR(halfway.abs().max().item<double>(), 0.5, 1e-6);
}

TEST(Ops3dModules, RefuseWhatTheyDoNotKnow) {
  test::expect_contains(test::error_of([] {
                          modules().make("ops3d.KNN", {{"k", int64_t{2}}});
                        }),
                        "ops3d.KNN has no setting \"k\", expected one of: K, norm, return_sorted.");
}

}  // namespace
}  // namespace bisque
