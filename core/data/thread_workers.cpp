// Worker threads. All data shared with the consumer is passed under one mutex.
#include <chrono>
#include <condition_variable>
#include <deque>
#include <mutex>
#include <thread>

#include <bisque/core/data/pin_memory.h>
#include <bisque/core/data/pooled_memory.h>
#include <bisque/core/data/random.h>
#include <bisque/core/data/worker_pool.h>

namespace bisque::data {
namespace {

class ThreadWorkers : public WorkerPool {
 public:
  ThreadWorkers(std::shared_ptr<const BatchSource> source, const DataLoaderOptions& options)
      : source_(std::move(source)),
        init_(options.worker_init_fn),
        is_persistent_(options.persistent_workers),
        pins_(options.pin_memory && can_pin_memory()),
        workers_(static_cast<size_t>(options.num_workers)) {}
  ThreadWorkers(const ThreadWorkers&) = delete;
  ThreadWorkers& operator=(const ThreadWorkers&) = delete;
  ~ThreadWorkers() override { stop(); }

  void start_epoch(const EpochStart& epoch) override {
    {
      const std::scoped_lock lock(mutex_);
      epoch_ = epoch;
    }
    for (Worker& worker : workers_) worker.position.epoch.store(epoch.number);
    if (workers_.front().thread.joinable()) return;
    for (size_t i = 0; i < workers_.size(); ++i) {
      workers_[i].thread = std::thread([this, i, seed = epoch.base_seed] { run(static_cast<int>(i), seed); });
    }
  }

  void submit(int worker, Task task) override {
    Worker& to = workers_[static_cast<size_t>(worker)];
    {
      const std::scoped_lock lock(mutex_);
      to.tasks.push_back(std::move(task));
    }
    to.wake.notify_one();
  }

  std::optional<Outcome> wait(double seconds) override {
    std::unique_lock lock(mutex_);
    const auto is_done = [&] { return !outcomes_.empty(); };
    if (seconds > 0) {
      // ThreadSanitizer does not support GCC's wait for a steady clock.
      const auto until = std::chrono::system_clock::now() + std::chrono::duration<double>(seconds);
      if (!done_.wait_until(lock, std::chrono::time_point_cast<std::chrono::system_clock::duration>(until), is_done)) {
        return std::nullopt;
      }
    } else {
      done_.wait(lock, is_done);
    }
    Outcome outcome = std::move(outcomes_.front());
    outcomes_.pop_front();
    return outcome;
  }

  void end_epoch() override {
    if (!is_persistent_) return stop();
    drop();
  }

  const Position& position(int worker) const override { return workers_[static_cast<size_t>(worker)].position; }

 private:
  struct Worker {
    std::deque<Task> tasks;
    std::condition_variable wake;
    Position position;
    std::thread thread;
  };

  void drop() {
    for (Worker& worker : workers_) worker.position.epoch.store(-1);
    std::deque<Outcome> dropped;  // batches are destroyed outside the lock
    const std::scoped_lock lock(mutex_);
    epoch_.number = -1;
    for (Worker& worker : workers_) worker.tasks.clear();
    dropped.swap(outcomes_);
  }

  void stop() {
    drop();
    {
      const std::scoped_lock lock(mutex_);
      is_stopping_ = true;
    }
    for (Worker& worker : workers_) worker.wake.notify_one();
    for (Worker& worker : workers_) {
      if (worker.thread.joinable()) worker.thread.join();
    }
    is_stopping_ = false;
  }

  void run(int id, int64_t base_seed) {
    const int64_t seed = base_seed + id;
    const WorkerInfo info{id, static_cast<int>(workers_.size()), seed, make_generator(seed), WorkerKind::kThread};
    const WorkerInfoScope scope(info);
    PinnedMemory pinned;
    const BatchMemoryScope memory(pins_ ? static_cast<BatchMemory*>(&pinned) : &memory_);
    const std::optional<Failure> broken = initialize(id);
    std::optional<TaskRunner> runner;
    int64_t running = -1;  // the epoch
    while (auto task = next_task(id)) {
      if (broken) {
        StreamPlace start = start_of(id);
        hand_over({id, std::move(*task), nullptr, /*has_ended=*/true, std::move(start), broken});
        continue;
      }
      if (running != task->epoch) runner.emplace(source_, start_of(id));
      running = task->epoch;
      work(id, *runner, std::move(*task));
    }
  }

  std::optional<Failure> initialize(int id) {
    try {
      if (init_) init_(id);
      return std::nullopt;
    } catch (...) {
      return current_failure();
    }
  }

  void work(int id, TaskRunner& runner, Task task) {
    try {
      hand_over(runner.run(std::move(task), workers_[static_cast<size_t>(id)].position, id));
    } catch (const Dropped&) {
      return;  // it is no longer needed
    }
  }

  StreamPlace start_of(int id) {
    const std::scoped_lock lock(mutex_);
    return epoch_.places.empty() ? StreamPlace() : epoch_.places[static_cast<size_t>(id)];
  }

  std::optional<Task> next_task(int id) {
    Worker& worker = workers_[static_cast<size_t>(id)];
    std::unique_lock lock(mutex_);
    worker.wake.wait(lock, [&] { return is_stopping_ || !worker.tasks.empty(); });
    if (is_stopping_) return std::nullopt;
    Task task = std::move(worker.tasks.front());
    worker.tasks.pop_front();
    return task;
  }

  void hand_over(Outcome outcome) {
    {
      const std::scoped_lock lock(mutex_);
      if (outcome.task.epoch != epoch_.number) return;
      outcomes_.push_back(std::move(outcome));
    }
    done_.notify_one();
  }

  const std::shared_ptr<const BatchSource> source_;
  const std::function<void(int)> init_;
  const bool is_persistent_, pins_;
  PooledMemory memory_;
  std::mutex mutex_;
  std::condition_variable done_;
  EpochStart epoch_;
  std::deque<Outcome> outcomes_;
  bool is_stopping_ = false;
  std::vector<Worker> workers_;
};

}  // namespace

std::unique_ptr<WorkerPool> make_thread_workers(std::shared_ptr<const BatchSource> source,
                                                const DataLoaderOptions& options) {
  return std::make_unique<ThreadWorkers>(std::move(source), options);
}

}  // namespace bisque::data
