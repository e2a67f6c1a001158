// Workers of a DataLoader, threads or processes.
#pragma once
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include <bisque/core/data/fetcher.h>
#include <bisque/core/data/loader_options.h>

namespace bisque::data {

struct EpochStart {
  int64_t number = -1;
  int64_t base_seed = 0;
  std::vector<StreamPlace> places;  // the start of each worker in an iterable dataset
};

/// Used by one thread at a time. A worker's outcomes arrive in the order of its tasks.
class WorkerPool {
 public:
  virtual ~WorkerPool() = default;
  virtual void start_epoch(const EpochStart& epoch) = 0;
  virtual void submit(int worker, Task task) = 0;
  /// The next outcome of this epoch, nullopt after `seconds`; 0 waits indefinitely.
  virtual std::optional<Outcome> wait(double seconds) = 0;
  /// Drops all tasks.
  virtual void end_epoch() = 0;
  virtual const Position& position(int worker) const = 0;
};

std::unique_ptr<WorkerPool> make_thread_workers(std::shared_ptr<const BatchSource> source,
                                                const DataLoaderOptions& options);
std::unique_ptr<WorkerPool> make_process_workers(std::shared_ptr<const BatchSource> source,
                                                 const DataLoaderOptions& options);

}  // namespace bisque::data
