#include <numeric>

#include <bisque/core/data/combined.h>
#include <bisque/core/data/random_split.h>
#include <bisque/core/data/tensor_dataset.h>
#include <bisque/tests/core/data/data_testing.h>

namespace bisque::data {
namespace {

using namespace test;

static_assert(MapDataset<Squares> && !IterableDataset<Squares>);
static_assert(IterableDataset<Count> && !MapDataset<Count>);
static_assert(MapDataset<std::vector<std::string>> && !Dataset<int>);
static_assert(std::same_as<SampleOf<std::vector<std::string>>, std::string> && std::same_as<SampleOf<Count>, int64_t>);

template <class D>
auto all(const D& dataset) {
  std::vector<SampleOf<D>> samples;
  if constexpr (MapDataset<D>) {
    for (int64_t i = 0; i < static_cast<int64_t>(dataset.size()); ++i) samples.push_back(dataset[i]);
  } else {
    auto stream = dataset.iter();
    while (auto sample = stream()) samples.push_back(std::move(*sample));
  }
  return samples;
}

using Ints = std::vector<int64_t>;

TEST(ConcatDataset, JoinsDatasetsInOrder) {
  const ConcatDataset joined{Ints{1, 2}, Ints{}, Ints{3}};
  EXPECT_EQ(all(joined), (Ints{1, 2, 3}));
  EXPECT_EQ(joined.cumulative_sizes(), (Ints{2, 2, 3}));
  EXPECT_EQ(error_of([&] { joined[3]; }), "ConcatDataset: expected an index in [0, 3), but got 3.");
  EXPECT_EQ(error_of([&] { joined[-1]; }), "ConcatDataset: expected an index in [0, 3), but got -1.");
  EXPECT_EQ(error_of([] { ConcatDataset(std::vector<Ints>{}); }),
            "ConcatDataset: expected one dataset or more, but got none.");
}

TEST(ConcatDataset, JoinsDatasetsOfOtherTypesThroughAnyDataset) {
  const ConcatDataset joined{AnyDataset<int64_t>(Squares{3}), AnyDataset<int64_t>(Ints{7})};
  EXPECT_EQ(all(joined), (Ints{0, 1, 4, 7}));
}

TEST(ChainDataset, JoinsStreamsAndStartsAnew) {
  const ChainDataset chain{Count{0, 2}, Count{5, 5}, Count{7, 8}};
  EXPECT_EQ(all(chain), (Ints{0, 1, 7}));
  EXPECT_EQ(all(chain), (Ints{0, 1, 7}));
  auto stream = chain.iter();
  for (int i = 0; i < 3; ++i) stream();
  EXPECT_FALSE(stream());
  EXPECT_FALSE(stream()) << "the end stays the end";
}

TEST(Subset, GivesTheSamplesAtItsIndices) {
  const Subset part(Squares(), {3, 1, 3});
  EXPECT_EQ(all(part), (Ints{9, 1, 9}));
  EXPECT_EQ(error_of([&] { part[3]; }), "Subset: expected an index in [0, 3), but got 3.");
  EXPECT_EQ(error_of([] { Subset(Squares(), {10}); }), "Subset: expected an index in [0, 10), but got 10.");
}

TEST(StackDataset, GivesATupleOfSamples) {
  const StackDataset stack(Squares{2}, std::vector<std::string>{"a", "b"});
  EXPECT_EQ(stack[1], std::tuple(int64_t{1}, std::string("b")));
  EXPECT_EQ(error_of([&] { stack[2]; }), "StackDataset: expected an index in [0, 2), but got 2.");
  EXPECT_EQ(error_of([] { StackDataset(Squares{2}, Squares{3}); }),
            "StackDataset: expected datasets of one size, but dataset 1 has 3 samples and dataset 0 2.");
}

TEST(MappedDataset, MapsIndexedAndStreamedSamples) {
  const auto text = [](int64_t value) { return std::to_string(value); };
  EXPECT_EQ(all(MappedDataset(Squares{3}, text)), (std::vector<std::string>{"0", "1", "4"}));
  EXPECT_EQ(all(MappedDataset(Count{3, 5}, text)), (std::vector<std::string>{"3", "4"}));
}

TEST(TensorDataset, GivesRowsAndBatchesOfRows) {
  const at::Tensor x = at::arange(12).view({4, 3}), y = at::arange(4, at::kDouble);
  const TensorDataset dataset(x, y);
  ASSERT_EQ(dataset.size(), 4);
  EXPECT_TRUE(std::get<0>(dataset[2]).equal(x[2]) && std::get<0>(dataset[2]).is_alias_of(x));
  EXPECT_EQ(std::get<1>(dataset[3]).item<double>(), 3);
  const Ints indices{2, 0, 2};
  EXPECT_TRUE(std::get<0>(dataset.batch(indices)).equal(at::stack({x[2], x[0], x[2]})));
  const TensorDataset strided(x.t());  // not contiguous
  EXPECT_TRUE(std::get<0>(strided.batch(indices)).equal(x.t().index_select(0, at::tensor(indices))));
  const Subset part(dataset, {3, 2});
  EXPECT_TRUE(std::get<1>(part.batch(Ints{0})).equal(y.slice(0, 3, 4)));
}

TEST(TensorDataset, KeepsGradientsAndTakesEmptyRows) {
  const at::Tensor x = at::ones({3, 2}).requires_grad_();
  EXPECT_TRUE(std::get<0>(TensorDataset(x).batch(Ints{1})).requires_grad());
  EXPECT_EQ(std::get<0>(TensorDataset(at::ones({3, 0})).batch(Ints{1, 2})).sizes(), (Ints{2, 0}));
}

TEST(TensorDataset, SaysWhatIsWrong) {
  const at::Tensor x = at::ones({3, 2});
  const TensorDataset dataset(x);
  EXPECT_EQ(error_of([&] { TensorDataset(x, at::ones({2})); }),
            "TensorDataset: expected tensors of as many rows, but tensor 1 has 2 and tensor 0 3.");
  EXPECT_EQ(error_of([&] { TensorDataset(x, at::ones({})); }),
            "TensorDataset: expected tensors of one dimension or more, but tensor 1 has none.");
  EXPECT_EQ(error_of([&] { TensorDataset<at::Tensor>{at::Tensor()}; }),
            "TensorDataset: expected tensors of one dimension or more, but tensor 0 has none.");
  EXPECT_EQ(error_of([&] { dataset[3]; }), "TensorDataset: expected an index in [0, 3), but got 3.");
  EXPECT_EQ(error_of([&] { dataset.batch(Ints{-1}); }), "TensorDataset: expected an index in [0, 3), but got -1.");
}

TEST(RandomSplit, PartsAreDisjointAndWhole) {
  Ints seen;
  for (const auto& part : random_split(Squares{20}, {0.33, 0.33, 0.34})) {
    seen.insert(seen.end(), part.indices().begin(), part.indices().end());
  }
  std::sort(seen.begin(), seen.end());
  Ints expected(20);
  std::iota(expected.begin(), expected.end(), 0);
  EXPECT_EQ(seen, expected);
  EXPECT_EQ(random_split(Squares{20}, {18, 2})[1].size(), 2);
}

TEST(RandomSplit, SaysWhatIsWrong) {
  EXPECT_EQ(error_of([] {
              random_split(Squares{5}, {3, 3});
            }),
            "random_split: expected lengths that add up to the 5 samples, but got 6.");
  EXPECT_EQ(error_of([] {
              random_split(Squares{5}, {6, -1});
            }),
            "random_split: expected lengths of 0 or more, but got -1.");
  EXPECT_EQ(error_of([] {
              random_split(Squares{5}, {0.5, 0.4});
            }),
            "random_split: expected fractions that add up to 1, but got 0.9.");
  EXPECT_EQ(error_of([] {
              random_split(Squares{5}, {1.5, -0.5});
            }),
            "random_split: expected fractions in [0, 1], but got 1.5.");
}

}  // namespace
}  // namespace bisque::data
