// A training that stops, and continues from its checkpoint as if it had not.
#include <ATen/ATen.h>
#include <gtest/gtest.h>
#include <torch/optim/adamw.h>

#include <string>
#include <vector>

#include <bisque/core/checkpoint/load.h>
#include <bisque/core/checkpoint/optimizer_state.h>
#include <bisque/core/checkpoint/rng_state.h>
#include <bisque/core/checkpoint/save.h>
#include <bisque/core/nn/containers/sequential.h>
#include <bisque/core/nn/layers/activation.h>
#include <bisque/core/nn/layers/dropout.h>
#include <bisque/core/nn/layers/linear.h>
#include <bisque/core/nn/layers/norm.h>
#include <bisque/tests/testing/errors.h>
#include <bisque/tests/testing/temp_folder.h>

namespace bisque {
namespace {

using namespace test;

/// A net with dropout and running statistics, trained with random data.
struct Training {
  Sequential net{Linear(4, 16), BatchNorm1d(16), Tanh(), Dropout(0.3), Linear(16, 2)};
  torch::optim::AdamW optimizer{net.parameters(), torch::optim::AdamWOptions(0.05).amsgrad(true)};
  int64_t epoch = 0;

  void run(int64_t until) {
    for (; epoch < until; ++epoch) {
      optimizer.zero_grad();
      const at::Tensor x = at::randn({8, 4});
      (net.call_tensor(x) - x.slice(1, 0, 2)).square().mean().backward();
      optimizer.step();
    }
  }

  void save_to(const std::string& path) const {
    save(Dict{{"model", net.state_dict()},
              {"optimizer", optimizer_state(optimizer)},
              {"epoch", epoch},
              {"rng", rng_state()}},
         path);
  }

  void load_from(const std::string& path, const ReadOptions& options) {
    const Value checkpoint = load(path, options);
    const Dict& parts = checkpoint.as<Dict>();
    net.load_state_dict(StateDict(parts.at("model")));
    load_optimizer_state(optimizer, parts.at("optimizer"));
    epoch = parts.at("epoch").as<int64_t>();
    load_rng_state(parts.at("rng").as<at::Tensor>());
  }
};

void expect_same(const StateDict& a, const StateDict& b) {
  ASSERT_EQ(a.size(), b.size());
  for (const auto& [name, value] : a) {
    EXPECT_TRUE(at::equal(value.as<at::Tensor>(), b.at(name).as<at::Tensor>())) << name;
  }
}

TEST(Resume, ATrainingGoesOnBitForBit) {
  const TempFolder folder;
  Training whole;
  whole.run(3);
  whole.save_to(folder / "net.pt");
  whole.run(8);
  const at::Tensor next = at::rand({3});
  for (const bool mmap : {false, true}) {
    Training resumed;
    ReadOptions options;
    options.mmap = mmap;
    resumed.load_from(folder / "net.pt", options);
    EXPECT_EQ(resumed.epoch, 3);
    resumed.run(8);
    expect_same(whole.net.state_dict(), resumed.net.state_dict());
    EXPECT_TRUE(at::equal(next, at::rand({3}))) << "and what is random after it";
  }
}

TEST(RngState, IsACopyOfBytes) {
  const at::Tensor state = rng_state();
  EXPECT_EQ(state.scalar_type(), at::kByte);
  const at::Tensor kept = state.clone(), first = at::rand({3});
  EXPECT_TRUE(at::equal(state, kept));
  load_rng_state(state);
  EXPECT_TRUE(at::equal(first, at::rand({3})));
}

TEST(RngState, RejectsWhatIsNone) {
  const at::Tensor before = rng_state();
  const auto spoiled = [&](int64_t at, int64_t byte) {
    at::Tensor state = before.clone();
    state[at] = byte;
    return state;
  };
  const std::vector<at::Tensor> bad{before.to(at::kFloat), before.slice(0, 1), at::zeros_like(before), spoiled(11, 255),
                                    spoiled(18, 255)};
  for (const at::Tensor& state : bad) {
    expect_contains(error_of([&] { load_rng_state(state); }),
                    "load_rng_state: expected the state of a generator of cpu, as rng_state() gives it (");
  }
  EXPECT_EQ(error_of([] { load_rng_state({}); }),
            "load_rng_state: expected a tensor of uint8, as rng_state() gives, but got none.");
  expect_contains(error_of([] { rng_state(c10::kMeta); }), "rng_state: meta has no generator here (");
  EXPECT_TRUE(at::equal(before, rng_state()));
}

}  // namespace
}  // namespace bisque
