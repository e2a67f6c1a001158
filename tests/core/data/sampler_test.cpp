#include <numeric>

#include <bisque/core/data/bucket_batch_sampler.h>
#include <bisque/core/data/distributed_sampler.h>
#include <bisque/core/data/random.h>
#include <bisque/core/data/random_sampler.h>
#include <bisque/tests/core/data/data_testing.h>

// The orders of random samplers are compared with Python's in data_test.py.
namespace bisque::data {
namespace {

using namespace test;
using Ints = std::vector<int64_t>;

std::shared_ptr<Sampler<>> sequential(int64_t size) { return std::make_shared<SequentialSampler>(size); }

TEST(Samplers, CutBatches) {
  BatchSampler batches(sequential(7), 3, false), dropping(sequential(7), 3, true), none(sequential(0), 3, false);
  EXPECT_EQ(batches.epoch(), (std::vector<Ints>{{0, 1, 2}, {3, 4, 5}, {6}}));
  EXPECT_EQ(batches.epoch().size(), 3) << "a second epoch";
  EXPECT_EQ(dropping.epoch(), (std::vector<Ints>{{0, 1, 2}, {3, 4, 5}}));
  EXPECT_TRUE(none.epoch().empty());
  EXPECT_EQ(batches.size(), 3);
  EXPECT_EQ(dropping.size(), 2);
  EXPECT_EQ(ListSampler<>({4, 2}).epoch(), (Ints{4, 2}));
}

TEST(Samplers, SayWhatIsWrong) {
  EXPECT_EQ(error_of([] { BatchSampler(sequential(3), 0, false); }),
            "BatchSampler: expected batch_size to be 1 or more, but got 0.");
  EXPECT_EQ(error_of([] { BatchSampler(nullptr, 1, false); }), "BatchSampler: expected a sampler, but got none.");
  EXPECT_EQ(error_of([] { RandomSampler(0); }), "RandomSampler: expected num_samples to be 1 or more, but got 0.");
  EXPECT_EQ(error_of([] { RandomSampler(0, {.num_samples = 3}); }),
            "RandomSampler: expected a dataset of 1 sample or more, but got 0.");
  EXPECT_EQ(error_of([] { WeightedRandomSampler({1.0}, 0); }),
            "WeightedRandomSampler: expected num_samples to be 1 or more, but got 0.");
  EXPECT_EQ(error_of([] {
              WeightedRandomSampler({1.0, -2.0}, 1);
            }),
            "WeightedRandomSampler: expected weights that are finite and not negative, but weight 1 is -2.");
  EXPECT_EQ(error_of([] {
              WeightedRandomSampler({1.0, NAN}, 1);
            }),
            "WeightedRandomSampler: expected weights that are finite and not negative, but weight 1 is nan.");
  EXPECT_EQ(error_of([] {
              WeightedRandomSampler({1.0, 2.0}, 3, false);
            }),
            "WeightedRandomSampler: expected num_samples of at most 2 without replacement, but got 3.");
  EXPECT_EQ(error_of([] { DistributedSampler(5, {.num_replicas = 2, .rank = 2}); }),
            "DistributedSampler: expected a rank in [0, 2), but got 2.");
  EXPECT_EQ(error_of([] { DistributedSampler(5, {.num_replicas = 0}); }),
            "DistributedSampler: expected num_replicas to be 1 or more, but got 0.");
  EXPECT_EQ(error_of([] { DistributedSampler(-1, {}); }),
            "DistributedSampler: expected a size of 0 or more, but got -1.");
  EXPECT_EQ(error_of([] { BucketBatchSampler({1}, {.batch_size = 0}); }),
            "BucketBatchSampler: expected batch_size to be 1 or more, but got 0.");
  EXPECT_EQ(error_of([] { BucketBatchSampler({1}, {.bucket_batches = 0}); }),
            "BucketBatchSampler: expected bucket_batches to be 1 or more, but got 0.");
}

/// An epoch, then another; then the first from its state, and what follows it.
template <class S>
void expect_replay(S& sampler, S& other) {
  const auto first = sampler.epoch();
  const Dict state = sampler.state_dict();
  const auto second = sampler.epoch();
  EXPECT_NE(first, second);
  other.load_state_dict(state);
  EXPECT_EQ(other.epoch(), first);
}

TEST(Samplers, ReplayAnEpochFromTheirState) {
  RandomSampler random(50), random2(50);
  expect_replay(random, random2);
  const auto generator = make_generator(4);
  RandomSampler own(50, {.replacement = true, .num_samples = 70, .generator = generator}),
      own2(50, {.replacement = true, .num_samples = 70, .generator = make_generator(9)});
  expect_replay(own, own2);
  EXPECT_EQ(own.epoch(), (own2.epoch(), own2.epoch())) << "the generator goes on from there";
  Ints chosen(30);
  std::iota(chosen.begin(), chosen.end(), 5);
  SubsetRandomSampler subset(chosen), subset2(chosen);
  expect_replay(subset, subset2);
  WeightedRandomSampler weighted({1, 2, 3, 4}, 40), weighted2({1, 2, 3, 4}, 40);
  expect_replay(weighted, weighted2);
  BucketBatchSampler bucket(Ints(40, 1), {.batch_size = 4}), bucket2(Ints(40, 1), {.batch_size = 4});
  expect_replay(bucket, bucket2);
  DistributedSampler part(40, {.num_replicas = 2}), part2(40, {.num_replicas = 2});
  part.set_epoch(3);
  const Ints third = part.epoch();
  part2.load_state_dict(part.state_dict());
  EXPECT_EQ(part2.epoch(), third);
}

TEST(BucketBatchSampler, BatchesSamplesOfAboutOneLength) {
  Ints lengths;
  for (int64_t i = 0; i < 103; ++i) lengths.push_back((i * 37) % 101);
  BucketBatchSampler sampler(lengths, {.batch_size = 5, .bucket_batches = 10});
  const auto batches = sampler.epoch();
  EXPECT_EQ(sampler.size(), static_cast<int64_t>(batches.size()));
  Ints seen;
  int64_t spread = 0;
  for (const Ints& batch : batches) {
    seen.insert(seen.end(), batch.begin(), batch.end());
    const auto [least, most] =
        std::minmax_element(batch.begin(), batch.end(), [&](int64_t a, int64_t b) { return lengths[a] < lengths[b]; });
    if (batch.size() == 5) spread = std::max(spread, lengths[*most] - lengths[*least]);  // not the last, small bucket
  }
  std::sort(seen.begin(), seen.end());
  Ints expected(103);
  std::iota(expected.begin(), expected.end(), 0);
  EXPECT_EQ(seen, expected) << "each sample once";
  EXPECT_LT(spread, 50);
  EXPECT_NE(batches, sampler.epoch()) << "shuffled";
}

TEST(BucketBatchSampler, SortsInOrderWithoutShuffle) {
  BucketBatchSampler sampler({5, 1, 4, 2, 3}, {.batch_size = 2, .shuffle = false, .drop_last = true});
  EXPECT_EQ(sampler.epoch(), (std::vector<Ints>{{1, 3}, {4, 2}}));
  EXPECT_EQ(sampler.size(), 2);
  BucketBatchSampler buckets({5, 1, 4, 2, 3}, {.batch_size = 2, .bucket_batches = 1, .shuffle = false});
  EXPECT_EQ(buckets.epoch(), (std::vector<Ints>{{1, 0}, {3, 2}, {4}}));
}

}  // namespace
}  // namespace bisque::data
