// Options and errors of a DataLoader.
#pragma once
#include <ATen/core/Generator.h>

#include <exception>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include <bisque/core/data/sampler.h>
#include <bisque/core/data/worker_info.h>
#include <bisque/core/error.h>

namespace bisque::data {

struct DataLoaderOptions {
  int64_t batch_size = 1;
  bool shuffle = false;
  std::shared_ptr<Sampler<>> sampler = nullptr;                  // instead of shuffle
  std::shared_ptr<Sampler<IndexBatch>> batch_sampler = nullptr;  // instead of batch_size, shuffle, sampler, drop_last
  bool drop_last = false;
  int num_workers = 0;  // 0: the calling thread loads batches when they are requested
  WorkerKind worker_kind = WorkerKind::kThread;
  std::optional<int> prefetch_factor = std::nullopt;      // batches that each worker loads ahead; default 2
  bool persistent_workers = false;                        // workers are kept between epochs
  bool in_order = true;                                   // false: batches are returned as they complete
  double timeout = 0;                                     // seconds to wait for a batch; 0: no limit
  bool pin_memory = false;                                // put batches in pinned memory, if CUDA is available
  std::function<void(int)> worker_init_fn = nullptr;      // called in each worker, with its id, before it loads
  std::optional<at::Generator> generator = std::nullopt;  // for shuffle and the workers' seeds; default: torch's
};

/// An error while a batch was loaded. The loader stays usable: the next batch is the following one.
class LoaderError : public Error {
 public:
  LoaderError(const std::string& message, int worker, std::optional<int64_t> index, std::vector<int64_t> indices,
              std::exception_ptr cause)
      : Error(message), worker_(worker), index_(index), indices_(std::move(indices)), cause_(std::move(cause)) {}

  /// The worker, or -1 without workers.
  int worker() const { return worker_; }
  /// The sample that was being loaded; none if the error was in collating.
  std::optional<int64_t> index() const { return index_; }
  /// The samples of the batch; none for an iterable dataset.
  const std::vector<int64_t>& indices() const { return indices_; }
  /// The exception of the dataset or the collate function; null if it was in another process, or was lost.
  const std::exception_ptr& cause() const { return cause_; }

 private:
  int worker_;
  std::optional<int64_t> index_;
  std::vector<int64_t> indices_;
  std::exception_ptr cause_;
};

}  // namespace bisque::data
