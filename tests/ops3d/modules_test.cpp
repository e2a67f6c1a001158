// Ops as Modules: out of their schemas, by the names of the plugin ops3d and by those of the ops.
#include <ATen/ATen.h>
#include <bisque/core/nn/containers/sequential.h>
#include <bisque/core/registry/module_registry.h>
#include <bisque/core/registry/op_module.h>
#include <bisque/ops3d/knn_points/knn_points.h>
#include <bisque/tests/testing/errors.h>
#include <gtest/gtest.h>

#define EXPECT_ERROR(expression, part) test::expect_contains(test::error_of([&] { (void)(expression); }), part)

namespace bisque {
namespace {

at::Tensor points(std::initializer_list<double> values) { return at::tensor(values).view({1, -1, 3}); }

TEST(OpModule, FindsNeighboursWithGradients) {
  const auto knn = modules().make<OpModule>("ops3d.KNN", {{"K", 2}});
  const at::Tensor p1 = points({0, 0, 0}).set_requires_grad(true), p2 = points({3, 0, 0, 0, 1, 0, 0, 0, 2});
  const auto results = knn->forward(p1, p2);
  ASSERT_EQ(results.size(), 2u);
  EXPECT_TRUE(at::equal(results[1].flatten(), at::tensor({int64_t{1}, int64_t{2}})));
  EXPECT_TRUE(at::equal(results[0].detach().flatten(), at::tensor({1.0, 4.0})));
  results[0].sum().backward();
  EXPECT_TRUE(at::equal(p1.grad().flatten(), at::tensor({0.0, -2.0, -4.0})));
}

TEST(OpModule, OptionalInputsMayBeLeftOutOrUndefined) {
  const OpModule knn("knn", "bisque::knn_points");
  const at::Tensor p1 = at::rand({2, 4, 3}), p2 = at::rand({2, 5, 3}), lengths = at::tensor({int64_t{5}, int64_t{1}});
  const auto expected = knn_points(p1, p2, std::nullopt, lengths, {.K = 1});
  const auto got = knn(p1, p2, at::Tensor(), lengths);
  EXPECT_TRUE(at::equal(got[0], std::get<0>(expected)));
  EXPECT_TRUE(at::equal(got[1], std::get<1>(expected)));
}

TEST(OpModule, AnOptionalSettingMayBeLeftOut) {
  at::Tensor vol = at::zeros({1, 3, 3, 3});
  vol[0][1][1][1] = 1;
  const auto make = [](const Config& config) { return modules().make<OpModule>("ops3d.MarchingCubes", config); };
  const auto results = make({{"isolevel", 0.25}, {"return_local_coords", false}})->forward(vol);
  EXPECT_EQ(results[0].size(0), 6);
  EXPECT_EQ(results[1].size(0), 8);
  EXPECT_NEAR((results[0] - 1).abs().max().item<double>(), 0.75, 1e-6);
  EXPECT_NEAR(make({})->forward(vol)[0].abs().max().item<double>(), 0.5, 1e-6);
}

TEST(OpModule, IsMadeOfAnyOpByItsName) {
  const auto normals = modules().make("bisque::vertex_normals");
  const auto knn = modules().make("ops3d.KNN", {{"K", 3}});
  EXPECT_EQ(normals->repr(), "vertex_normals()");
  EXPECT_EQ(knn->repr(), "KNN(K=3, norm=2, return_sorted=True)");
  EXPECT_EQ(modules().make("ops3d.MarchingCubes", {{"isolevel", 1}})->repr(),
            "MarchingCubes(isolevel=1.0, return_local_coords=True)");
  EXPECT_EQ(modules().make("ops3d.MarchingCubes")->repr(), "MarchingCubes(isolevel=None, return_local_coords=True)");
}

TEST(OpModule, HasHooksAndCopies) {
  OpModule knn("knn", "bisque::knn_points", {{"K", 2}});
  int calls = 0;
  knn.register_forward_hook([&](Module&, const Tuple&, const Value&) { ++calls; });
  const at::Tensor p = at::rand({1, 6, 3});
  const auto copy = knn.clone();
  EXPECT_TRUE(at::equal(knn(p, p)[0], (*copy)(p, p)[0]));
  EXPECT_EQ(calls, 2);
}

TEST(OpModule, OfOneResultRunsInSequential) {
  Sequential sequence(share(OpModule("bits", "aten::relu")));
  EXPECT_TRUE(at::equal(sequence(at::tensor({-1.0, 2.0})), at::tensor({0.0, 2.0})));
  Sequential other(share(OpModule("cubes", "bisque::marching_cubes")));
  EXPECT_ERROR(other(at::rand({1, 2, 2, 2})), "cubes");
}

TEST(OpModule, OfAnyOtherOpHasLists) {
  EXPECT_EQ(OpModule("sum", "aten::sum.dim_IntList", {{"dim", std::vector<double>{0, 1}}}).extra_repr().substr(0, 10),
            "dim=[0, 1]");
}

TEST(OpModule, RejectsWhatItDoesNotKnow) {
  EXPECT_ERROR(modules().make("ops3d.KNN", {{"k", 2}}),
               "ops3d.KNN has no setting \"k\", expected one of: K, norm, return_sorted (nearest: K).");
  EXPECT_ERROR(modules().make("ops3d.KNN", {{"K", 2.5}}), "ops3d.KNN: expected K to be an integer, but got a number.");
  EXPECT_ERROR(modules().make("bisque::nothing"),
               "there is no op \"bisque::nothing\" in libtorch or a loaded plugin, ");
  EXPECT_ERROR(modules().make("bisque::rasterize_meshes", {{"height", 2}}),
               "bisque::rasterize_meshes: expected the setting width, which has no default.");
  const OpModule knn("knn", "bisque::knn_points");
  const at::Tensor p = at::rand({1, 2, 3});
  EXPECT_ERROR(knn(p), "knn: expected the inputs p1, p2, lengths1, lengths2, but got 1 inputs.");
  EXPECT_ERROR(knn(p, p, p, p, p), "knn: expected the inputs p1, p2, lengths1, lengths2, but got 5 inputs.");
  EXPECT_ERROR(knn(p, at::rand({1, 2, 2})), "knn_points: expected p2 to have shape");
  EXPECT_ERROR(
      OpModule("cat", "aten::cat"),
      "cat: its op has the argument tensors of the type List[Tensor], expected tensors, and settings that are");
}

}  // namespace
}  // namespace bisque
