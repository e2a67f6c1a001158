// 2,000 samples (3 x 64 x 64 floats) in batches of 32, and a slow dataset.
#include <ATen/ATen.h>

#include <chrono>
#include <memory>
#include <thread>

#include <bisque/core/data/data_loader.h>

#include "harness/bench.h"

namespace bisque::bench {
namespace {

using namespace data;

struct Pictures {
  at::Tensor all;
  int64_t size() const { return all.size(0); }
  at::Tensor operator[](int64_t i) const { return all.select(0, i); }
};

struct Slow {
  int64_t size() const { return 200; }
  int64_t operator[](int64_t i) const {
    std::this_thread::sleep_for(std::chrono::milliseconds(5));
    return i;
  }
};

template <class D>
std::function<void()> epoch_of(D dataset, const DataLoaderOptions& options) {
  const auto loader = std::make_shared<DataLoader<D>>(std::move(dataset), options);
  return [loader] {
    for ([[maybe_unused]] auto& batch : *loader) {
    }
  };
}

Pictures pictures(int64_t count, int64_t side) { return {at::rand({count, 3, side, side})}; }

const Bench in_process({.name = "loader_inprocess", .work = "2,000 samples of 48 KiB in batches of 32, no workers"},
                       [] { return epoch_of(pictures(2000, 64), {.batch_size = 32}); });
const Bench threads({.name = "loader_2_workers", .work = "2,000 samples of 48 KiB in batches of 32, 2 threads"},
                    [] { return epoch_of(pictures(2000, 64), {.batch_size = 32, .num_workers = 2}); });
const Bench processes({.name = "loader_2_processes", .work = "2,000 samples of 48 KiB in batches of 32, 2 processes"},
                      [] {
                        return epoch_of(pictures(2000, 64),
                                        {.batch_size = 32, .num_workers = 2, .worker_kind = WorkerKind::kProcess});
                      });
const Bench large_threads({.name = "loader_large_2_workers", .work = "100 samples of 3 MiB in batches of 4, 2 threads"},
                          [] { return epoch_of(pictures(100, 512), {.batch_size = 4, .num_workers = 2}); });
const Bench large_processes(
    {.name = "loader_large_2_processes", .work = "100 samples of 3 MiB in batches of 4, 2 processes"}, [] {
      return epoch_of(pictures(100, 512), {.batch_size = 4, .num_workers = 2, .worker_kind = WorkerKind::kProcess});
    });
const Bench slow({.name = "loader_slow_dataset",
                  .work = "200 samples that take 5 ms each, batches of 4, 2 threads",
                  .note = "ideal: 500 ms"},
                 [] { return epoch_of(Slow(), {.batch_size = 4, .num_workers = 2}); });

}  // namespace
}  // namespace bisque::bench
