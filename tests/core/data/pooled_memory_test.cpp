#include <bisque/core/data/pooled_memory.h>

#include <algorithm>
#include <memory>
#include <set>
#include <thread>
#include <vector>

#include <bisque/core/data/collate.h>
#include <bisque/core/data/data_loader.h>
#include <bisque/core/data/tensor_dataset.h>
#include <bisque/tests/core/data/data_testing.h>

namespace bisque::data {
namespace {

using namespace test;
using at::Tensor;

constexpr int64_t kMiB = 1 << 20;

Tensor bytes(PooledMemory& memory, int64_t count) { return memory.empty({count}, at::kByte); }

TEST(PooledMemory, GivesTheMemoryOfDeadTensorsAgain) {
  PooledMemory memory;
  const void* first = bytes(memory, kMiB).const_data_ptr();
  const Tensor second = bytes(memory, kMiB - 1000), third = bytes(memory, kMiB);
  EXPECT_EQ(second.const_data_ptr(), first) << "of about that size";
  EXPECT_NE(third.const_data_ptr(), first);
  EXPECT_EQ(memory.free_bytes(), 0);
  EXPECT_EQ(bytes(memory, 100).sizes(), (std::vector<int64_t>{100}));
  EXPECT_EQ(memory.free_bytes(), 0) << "small ones are not kept";
}

TEST(PooledMemory, KeepsNoMoreThanWasInUseAtOnce) {
  PooledMemory memory;
  for (int64_t size = kMiB; size <= 16 * kMiB; size *= 4) bytes(memory, size);
  EXPECT_EQ(memory.free_bytes(), 16 * kMiB) << "the largest alone";
  for (int i = 0; i < 3; ++i) {
    const Tensor a = bytes(memory, 3 * kMiB), b = bytes(memory, 5 * kMiB);
  }
  EXPECT_LE(memory.free_bytes(), 16 * kMiB);
}

TEST(PooledMemory, OutlivesItselfInItsTensors) {
  Tensor kept, moved;
  {
    PooledMemory memory;
    kept = bytes(memory, kMiB).fill_(7);
    moved = bytes(memory, kMiB);
  }
  std::thread([gone = std::move(moved)]() mutable { gone.reset(); }).join();
  EXPECT_TRUE(kept.eq(7).all().item<bool>());
}

TEST(PooledMemory, GivesTensorsThatCanBeResized) {
  PooledMemory memory;
  Tensor tensor = bytes(memory, kMiB).fill_(3);
  tensor.resize_({10});
  EXPECT_EQ(tensor.sum().item<int64_t>(), 30);
}

TEST(CopyPieces, CopiesAllWithAndWithoutHelp) {
  for (const size_t size : {size_t{0}, size_t{1}, size_t{1000}, size_t{100000}, size_t{600000}}) {
    for (const size_t count : {size_t{0}, size_t{1}, size_t{7}, size_t{33}}) {
      std::vector<std::vector<char>> pieces;
      std::vector<const void*> places;
      for (size_t i = 0; i < count; ++i) {
        places.push_back(pieces.emplace_back(size, static_cast<char>(i + 1)).data());
      }
      for (const bool in_worker : {false, true}) {
        const WorkerInfo info;
        const auto scope = in_worker ? std::make_unique<WorkerInfoScope>(info) : nullptr;
        std::vector<char> all(size * count + 1, 'e');
        copy_pieces(places, size, all.data());
        for (size_t i = 0; i < count; ++i) {
          EXPECT_TRUE(std::equal(pieces[i].begin(), pieces[i].end(), &all[i * size])) << size << " " << i;
        }
        EXPECT_EQ(all.back(), 'e');
      }
    }
  }
}

/// The batches of all epochs use a few blocks, however they are loaded.
TEST(PooledMemory, MakesBatchesOfAllEpochsShareAFewBlocks) {
  for (const int workers : {0, 2}) {
    const TensorDataset dataset(at::rand({64, 3, 64, 64}));
    DataLoader loader(dataset, {.batch_size = 8, .num_workers = workers, .persistent_workers = workers > 0});
    std::set<const void*> blocks;
    for (int epoch = 0; epoch < 20; ++epoch) {
      for (auto& [batch] : loader) blocks.insert(batch.const_data_ptr());
    }
    EXPECT_LE(blocks.size(), workers == 0 ? 1 : 6) << "those that are loaded ahead, and those at work";
  }
}

}  // namespace
}  // namespace bisque::data
