// The engine of a DataLoader: assigns batches to workers, and tracks the position in an epoch.
#pragma once
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <vector>

#include <bisque/core/data/pooled_memory.h>
#include <bisque/core/data/worker_pool.h>
#include <bisque/core/value.h>

namespace bisque::data {

/// The source of an epoch's tasks.
struct TaskSource {
  bool is_iterable = false;
  int64_t count = 0;  // samples of a batch of an iterable dataset
  bool is_batched = true;
  std::optional<int64_t> dataset_size;
};

class LoaderCore {
 public:
  /// Errors: invalid options, or options that exclude each other.
  LoaderCore(std::shared_ptr<const BatchSource> source, DataLoaderOptions options, const TaskSource& tasks);
  LoaderCore(const LoaderCore&) = delete;
  LoaderCore& operator=(const LoaderCore&) = delete;
  ~LoaderCore() = default;

  /// Begins an epoch, which ends the previous one. Returns its number.
  int64_t begin();
  /// The next batch, null at the end of the epoch. Errors: LoaderError; another epoch has begun.
  std::shared_ptr<void> next(int64_t epoch);
  /// Ends an epoch early, if it is the current one.
  void end(int64_t epoch);

  std::optional<int64_t> size() const;
  Dict state_dict() const;
  void load_state_dict(const Dict& state);

 private:
  struct Pending {
    int worker = -1;
    std::optional<Outcome> outcome;
  };
  struct WorkerState {
    bool is_active = true;
    int64_t tasks = 0;
    StreamPlace place;  // in an iterable dataset, after the last returned batch
  };

  void make_samplers();
  Value batch_size() const;
  void check_state(const Dict& state) const;
  void start_sampler();
  void resume_from(const Dict& state);
  std::optional<Task> next_task();
  std::optional<IndexBatch> next_indices();
  int choose_worker();
  void submit_tasks();

  std::shared_ptr<void> load_here();
  std::shared_ptr<void> take_loaded();
  std::map<int64_t, Pending>::iterator wait_for_one();
  void receive(Outcome outcome);
  std::shared_ptr<void> give_out(Outcome outcome);
  [[noreturn]] void fail_timeout() const;
  void mark_done(int64_t ticket);

  const std::shared_ptr<const BatchSource> source_;
  DataLoaderOptions options_;
  const TaskSource tasks_;
  int prefetch_ = 2;
  std::shared_ptr<Sampler<>> sampler_;            // of single samples, or
  std::shared_ptr<Sampler<IndexBatch>> batches_;  // of batches
  std::unique_ptr<WorkerPool> pool_;              // null without workers
  std::optional<TaskRunner> runner_;              // loads if there are no workers
  Position position_;
  PooledMemory memory_;  // of batches loaded without workers

  // The epoch.
  int64_t number_ = -1;
  bool is_loading_ = false;
  bool is_whole_ = true;  // nothing is left of it, or it has not begun
  bool has_indices_ = false;
  int64_t next_ticket_ = 0;
  std::map<int64_t, Pending> pending_;
  std::vector<WorkerState> workers_;
  int next_worker_ = 0;

  // The content of state_dict.
  std::optional<int64_t> base_seed_;
  Dict sampler_state_;
  int64_t done_ = 0;              // all tickets before it were returned
  std::set<int64_t> done_later_;  // later tickets that were returned, if not in_order
  int first_worker_ = 0;          // the worker of the first remaining batch
  std::optional<Dict> loaded_;
};

}  // namespace bisque::data
