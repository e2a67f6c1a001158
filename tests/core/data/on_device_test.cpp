#include <bisque/core/data/on_device.h>

#include <sstream>

#include <bisque/core/data/data_loader.h>
#include <bisque/core/data/progress.h>
#include <bisque/tests/core/data/data_testing.h>

// On CUDA it runs in data_test.py.
namespace bisque::data {
namespace {

using namespace test;
using Ints = std::vector<int64_t>;

struct Failing {
  int64_t size() const { return 6; }
  int64_t operator[](int64_t i) const {
    if (i == 2) throw std::runtime_error("no sample 2");
    return i;
  }
};

TEST(OnDevice, GivesEachBatchOnce) {
  DataLoader loader(Squares{5}, {.batch_size = 2, .num_workers = 2});
  auto batches = on_device(loader, at::kCPU);
  EXPECT_EQ(batches.size(), 3);
  for (int epoch = 0; epoch < 2; ++epoch) {
    Ints sums;
    for (at::Tensor& batch : batches) sums.push_back(batch.sum().item<int64_t>());
    EXPECT_EQ(sums, (Ints{1, 13, 16}));
  }
  DataLoader empty(Squares{0}, {});
  for ([[maybe_unused]] auto& batch : on_device(empty, at::kCPU)) FAIL();
}

TEST(OnDevice, TellsErrorsInTheirTurn) {
  DataLoader loader(Failing(), {});
  Ints seen;
  const auto loop = [&] {
    for (at::Tensor& batch : on_device(loader, at::kCPU)) seen.push_back(batch.item<int64_t>());
  };
  EXPECT_EQ(error_of(loop), "DataLoader: sample 2: no sample 2");
  EXPECT_EQ(seen, (Ints{0, 1})) << "what came before is given";
}

TEST(OnDevice, GoesOnAfterAnError) {
  DataLoader loader(Failing(), {});
  auto batches = on_device(loader, at::kCPU);
  Ints seen;
  auto at = batches.begin();
  int errors = 0;
  while (at != batches.end()) {
    seen.push_back(at->item<int64_t>());
    try {
      ++at;
    } catch (const LoaderError&) {
      ++errors;
      ++at;
    }
  }
  EXPECT_EQ(errors, 1);
  EXPECT_EQ(seen, (Ints{0, 1, 3, 4, 5}));
}

TEST(OnDevice, ResumesAtTheBatchAfterTheOneThatTheLoopHas) {
  const DataLoaderOptions options{.shuffle = true, .num_workers = 2};
  DataLoader loader(Squares{6}, options);
  auto batches = on_device(loader, at::kCPU);
  std::vector<Dict> states;
  Ints whole;
  for (at::Tensor& batch : batches) {
    whole.push_back(batch.item<int64_t>());
    states.push_back(batches.state_dict());
  }
  for (size_t given = 1; given <= 6; ++given) {
    DataLoader other(Squares{6}, options);
    other.load_state_dict(states[given - 1]);
    Ints left;
    for (at::Tensor& batch : on_device(other, at::kCPU)) left.push_back(batch.item<int64_t>());
    EXPECT_EQ(left, Ints(whole.begin() + static_cast<int64_t>(given), whole.end()));
  }
  EXPECT_TRUE(batches.state_dict().at("is_whole").as<bool>());
}

TEST(OnDevice, GoesAlongWithProgress) {
  std::ostringstream out;
  DataLoader loader(Squares{5}, {.batch_size = 2});
  auto batches = on_device(loader, at::kCPU);
  int64_t count = 0;
  for ([[maybe_unused]] auto& batch : progress(batches, {.out = &out})) ++count;
  EXPECT_EQ(count, 3);
  EXPECT_NE(out.str().find("3 batches in "), std::string::npos);
}

}  // namespace
}  // namespace bisque::data
