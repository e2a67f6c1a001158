// States and conversions of norms; layers_test.py compares their numbers with torch.nn's.
#include <bisque/core/nn/containers/sequential.h>
#include <bisque/core/nn/layers/norm.h>
#include <bisque/core/nn/layers/sync_batch_norm.h>
#include <bisque/core/ops/batch_norm/batch_norm.h>
#include <bisque/tests/core/nn/modules_testing.h>

namespace bisque {
namespace {

using namespace test;

/// The state as a version wrote it; none: as files without versions have it.
StateDict state_of_version(const Module& norm, std::optional<int64_t> version) {
  StateDict state = norm.state_dict();
  state.metadata.clear();
  if (version) state.metadata[""] = Dict{{"version", *version}};
  return state;
}

TEST(Norm, StateTellsItsVersion) {
  EXPECT_EQ(BatchNorm2d(3).state_dict().metadata.at("").at("version").as<int64_t>(), 2);
  EXPECT_EQ(LayerNorm(3).state_dict().metadata.at("").at("version").as<int64_t>(), 1);
}

TEST(Norm, LoadsStatesThatCountedNoBatches) {
  for (const std::optional<int64_t> version : {std::optional<int64_t>(), std::optional<int64_t>(1)}) {
    BatchNorm2d norm(3);
    norm(at::rand({2, 3, 4, 4}));
    StateDict state = state_of_version(BatchNorm2d(3), version);
    state.erase("num_batches_tracked");
    EXPECT_TRUE(norm.load_state_dict(state).missing_keys.empty());
    EXPECT_EQ(norm.num_batches_tracked.item<int64_t>(), 1) << "as torch: what it has counted stays";
  }
  BatchNorm2d norm(3);
  StateDict state = state_of_version(norm, 2);
  state.erase("num_batches_tracked");
  expect_contains(error_of([&] { norm.load_state_dict(state); }), "num_batches_tracked");
}

TEST(Norm, InstanceNormRejectsStatisticsThatItDoesNotTrack) {
  InstanceNorm2d norm(3);
  const StateDict state = state_of_version(InstanceNorm2d(3, {.track_running_stats = true}), std::nullopt);
  expect_contains(
      error_of([&] { norm.load_state_dict(state); }),
      "Unexpected running stats buffer running_mean for InstanceNorm2d with track_running_stats=False; leave "
      "it out of the state, or track them.");
}

TEST(Norm, ClonesHaveTensorsOfTheirOwn) {
  const BatchNorm2d norm(3, {.momentum = 0.5});
  const auto clone = norm.clone();
  (*clone)(at::rand({2, 3, 4, 4}) + 1);
  EXPECT_EQ(norm.running_mean.abs().max().item<float>(), 0);
  EXPECT_GT(clone->running_mean.min().item<float>(), 0.4);
  EXPECT_EQ(clone->options.momentum, 0.5);
}

TEST(Norm, StatisticsKeepFloatMomentsInHalfPrecision) {
  BatchNorm1d norm(2);
  norm.half();
  EXPECT_EQ(norm.running_var.scalar_type(), at::kHalf);
  EXPECT_EQ(norm.num_batches_tracked.scalar_type(), at::kLong);
  norm(at::rand({8, 2}).to(at::kHalf));
  EXPECT_EQ(norm.num_batches_tracked.item<int64_t>(), 1);
}

TEST(Norm, AnEmptyBatchIsCountedAndMovesNoStatistics) {
  for (const auto momentum : {std::optional<double>(0.1), std::optional<double>()}) {
    BatchNorm2d norm(3, {.momentum = momentum});
    norm(at::rand({2, 3, 4, 4}));
    const at::Tensor mean = norm.running_mean.clone();
    const at::Tensor x = at::empty({0, 3, 4, 4}).requires_grad_();
    norm(x).sum().backward();
    EXPECT_EQ(norm.num_batches_tracked.item<int64_t>(), 2);
    EXPECT_TRUE(at::equal(norm.running_mean, mean));
    EXPECT_TRUE(at::equal(norm.weight.grad(), at::zeros({3})));
    EXPECT_EQ(x.grad().sizes(), x.sizes());
    norm(at::empty({2, 3, 0, 4}));
    EXPECT_EQ(norm.num_batches_tracked.item<int64_t>(), 3);
    norm["running_mean"] = nullptr;
    norm["running_var"] = nullptr;
    norm(at::rand({2, 3, 4, 4}));
    EXPECT_EQ(norm.num_batches_tracked.item<int64_t>(), 4) << "as torch: what is not tracked is counted, too";
  }
}

struct Shared : ModuleOf<Shared> {
  Child<Module> first{*this, "first", share(BatchNorm2d(3))};
  Child<Module> again{*this, "again", first.ptr()};
  Child<Module> deep{*this, "deep", share(Sequential(InstanceNorm2d(3), BatchNorm1d(4)))};
};

TEST(SyncBatchNorm, ConvertTakesOverEveryBatchNorm) {
  const auto tree = std::make_shared<Shared>();
  tree->first->eval();
  const auto before = tree->named_parameters();
  ASSERT_EQ(SyncBatchNorm::convert(tree, {}), tree);
  const auto* synced = dynamic_cast<SyncBatchNorm*>(tree->first.ptr().get());
  ASSERT_TRUE(synced);
  EXPECT_FALSE(synced->is_training());
  EXPECT_EQ(tree->first.ptr(), tree->again.ptr()) << "one Module, still";
  EXPECT_EQ(tree->get_submodule("deep.0").type_name(), "InstanceNorm2d");
  EXPECT_EQ(tree->get_submodule("deep.1").type_name(), "SyncBatchNorm");
  const auto after = tree->named_parameters();
  ASSERT_EQ(names(after), names(before));
  for (size_t i = 0; i < after.size(); ++i) EXPECT_TRUE(after[i].second.is_same(before[i].second)) << after[i].first;
}

TEST(SyncBatchNorm, ConvertOfABatchNormIsASyncBatchNorm) {
  const auto norm = std::make_shared<BatchNorm3d>(3, BatchNormOptions{.affine = false});
  const auto converted = SyncBatchNorm::convert(norm, {});
  EXPECT_EQ(converted->repr(),
            "SyncBatchNorm(3, eps=1e-05, momentum=0.1, affine=False, bias=False, track_running_stats=True)");
  EXPECT_TRUE(at::equal(converted->call_tensor(at::ones({2, 3, 1, 1, 2})), at::zeros({2, 3, 1, 1, 2})));
}

/// Says that it counts the values of another process, which has the same.
struct TwiceTheValues : BatchNormSync {
  Stats gather(const at::Tensor& x) const override {
    const auto [mean, var] = batch_norm_stats(x);
    return {mean, var, 2.0 * static_cast<double>(x.numel() / x.size(1))};
  }
  at::Tensor normalize(const at::Tensor& x, const at::Tensor&, const at::Tensor&, const Stats& stats,
                       double) const override {
    return x * 0 + stats.count;
  }
};

TEST(SyncBatchNorm, ConvertKeepsWhatATypedMemberHolds) {
  struct Typed : ModuleOf<Typed> {
    Child<BatchNorm2d> norm{*this, "norm", 3};
    Child<Module> again{*this, "again", norm.ptr()};
    Child<Module> other{*this, "other", share(BatchNorm2d(3))};
    Child<SyncBatchNorm> synced{*this, "synced", 3};
  };
  const auto tree = std::make_shared<Typed>();
  const auto norm = tree->norm.ptr();
  SyncBatchNorm::convert(tree, {});
  EXPECT_EQ(tree->norm.ptr(), norm);
  EXPECT_EQ(tree->again.ptr(), norm) << "one Module, still";
  EXPECT_EQ(tree->other->type_name(), "SyncBatchNorm");
  EXPECT_EQ(norm->type_name(), "BatchNorm2d") << "there are no others without a group";
}

TEST(SyncBatchNorm, ABatchNormCountsTheValuesOfOthersInTrainingAlone) {
  BatchNorm2d norm(3);
  norm.set_sync(std::make_shared<TwiceTheValues>());
  EXPECT_EQ(norm.type_name(), "SyncBatchNorm");
  const at::Tensor x = at::rand({2, 3, 4, 4});
  EXPECT_TRUE(at::equal(norm(x), at::full_like(x, 64)));
  EXPECT_EQ(norm.num_batches_tracked.item<int64_t>(), 1);
  EXPECT_TRUE(at::equal((*norm.clone())(x), at::full_like(x, 64)));
  norm.eval();
  EXPECT_LT(norm(x).abs().max().item<float>(), 2);
  expect_contains(error_of([&] { norm(x[0]); }), "SyncBatchNorm: expected 4D input (got 3D input)");
}

TEST(SyncBatchNorm, WithoutAGroupItIsABatchNorm) {
  SyncBatchNorm synced(3);
  BatchNorm2d norm(3);
  const at::Tensor x = at::rand({2, 3, 4, 4});
  EXPECT_TRUE(at::equal(synced(x), norm(x)));
  EXPECT_TRUE(at::equal(synced.running_var, norm.running_var));
  expect_contains(error_of([&] { synced(at::ones({3})); }),
                  "SyncBatchNorm: expected at least 2D input (got 1D input).");
}

}  // namespace
}  // namespace bisque
