// GraphConv against dense matrices, by itself and by its name.
#include <ATen/ATen.h>
#include <ATen/core/grad_mode.h>
#include <bisque/core/registry/module_registry.h>
#include <bisque/ops3d/functions/graph_conv.h>
#include <bisque/tests/testing/errors.h>
#include <gtest/gtest.h>

namespace bisque {
namespace {

using Init = GraphConvOptions::Init;

at::Tensor edges() { return at::tensor({0, 1, 1, 2, 3, 1}, at::kLong).view({3, 2}); }

// w0(x) + A w1(x), where A has the edges as rows and columns.
at::Tensor dense(const GraphConv& conv, const at::Tensor& verts, bool directed) {
  const auto adjacency = at::zeros({verts.size(0), verts.size(0)}, verts.options());
  for (int64_t i = 0; i < 3; ++i) {
    const auto a = edges()[i][0].item<int64_t>(), b = edges()[i][1].item<int64_t>();
    adjacency[a][b] += 1;
    if (!directed) adjacency[b][a] += 1;
  }
  const auto linear = [&](const Linear& w) { return verts.mm(w.weight.t()) + w.bias; };
  return linear(*conv.w0) + adjacency.mm(linear(*conv.w1));
}

TEST(GraphConv, AddsNeighbours) {
  at::manual_seed(0);
  for (const bool directed : {false, true}) {
    GraphConv conv(3, 5, {.directed = directed}, at::kDouble);
    const at::Tensor verts = at::randn({5, 3}, at::kDouble).set_requires_grad(true);
    const at::Tensor got = conv(verts, edges());
    EXPECT_TRUE(at::allclose(got, dense(conv, verts, directed)));
    got.sum().backward();
    const at::Tensor gradient = verts.grad().clone();
    verts.mutable_grad().zero_();
    dense(conv, verts, directed).sum().backward();
    EXPECT_TRUE(at::allclose(gradient, verts.grad()));
    EXPECT_TRUE(conv.w1->weight.grad().defined());
  }
}

TEST(GraphConv, StartsAsPyTorch3DDoes) {
  at::manual_seed(0);
  const GraphConv normal(40, 50), zero(4, 5, {.init = Init::kZero});
  for (const Linear* linear : {&*normal.w0, &*normal.w1}) {
    EXPECT_NEAR(linear->weight.std().item<double>(), 0.01, 0.001);
    EXPECT_TRUE(linear->bias.eq(0).all().item<bool>());
  }
  EXPECT_TRUE(zero.w0->weight.eq(0).all().item<bool>());
  EXPECT_TRUE(zero.w1->bias.ne(0).all().item<bool>());  // of Linear
}

TEST(GraphConv, ResetsItsParameters) {
  GraphConv conv(4, 5);
  {
    const at::NoGradGuard no_grad;
    conv.w0->weight.fill_(7);
    conv.w1->bias.fill_(7);
  }
  conv.reset_parameters();
  EXPECT_LT(conv.w0->weight.abs().max().item<double>(), 1);
  EXPECT_TRUE(conv.w1->bias.eq(0).all().item<bool>());
}

TEST(GraphConv, OfNoVerticesOrNoEdges) {
  const GraphConv conv(3, 5);
  const at::Tensor no_edges = at::empty({0, 2}, at::kLong), verts = at::randn({4, 3});
  EXPECT_EQ(conv(at::empty({0, 3}), no_edges).sizes(), (std::vector<int64_t>{0, 5}));
  EXPECT_TRUE(at::equal(conv(verts, no_edges), (*conv.w0)(verts)));
}

TEST(GraphConv, IsMadeByName) {
  const auto conv = modules().make<GraphConv>(
      "ops3d.GraphConv", {{"input_dim", 3}, {"output_dim", 5}, {"init", std::string("zero")}, {"directed", true}});
  EXPECT_EQ(conv->extra_repr(), "3 -> 5, directed=True");
  EXPECT_EQ(conv->state_dict().size(), 4u);
  EXPECT_TRUE(conv->w0->weight.eq(0).all().item<bool>());
  const auto error_of = [](const Config& config) {
    return test::error_of([&] { modules().make("ops3d.GraphConv", config); });
  };
  test::expect_contains(error_of({{"input_dim", 3}}),
                        "ops3d.GraphConv: expected the setting output_dim, which has no default.");
  test::expect_contains(error_of({{"input_dim", 3}, {"output_dim", 0}}),
                        "ops3d.GraphConv: expected input_dim and output_dim of at least 1, but got 3 and 0.");
  test::expect_contains(error_of({{"input_dim", 3}, {"output_dim", 5}, {"init", std::string("one")}}),
                        "ops3d.GraphConv: expected init to be normal or zero, but got \"one\".");
}

TEST(GraphConv, RefusesBadEdges) {
  const GraphConv conv(3, 5);
  test::expect_contains(test::error_of([&] {
                          conv(at::randn({2, 3}), edges());
                        }),
                        "gather_scatter: expected edges to lie in [0, 2)");
}

}  // namespace
}  // namespace bisque
