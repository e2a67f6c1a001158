// The interface between DataLoader's template and its engine: tasks and fetchers of batches. The engine does not know
// the type of batches.
#pragma once
#include <atomic>
#include <cstdint>
#include <exception>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include <bisque/core/data/sampler.h>

namespace bisque::data {

class Encoder;
class Decoder;

struct Task {
  int64_t epoch = 0, ticket = 0;  // its number within the epoch
  IndexBatch indices;             // of a map-style dataset
  int64_t count = 0;              // samples of a batch of an iterable one
};

/// The current state of a worker. It may be in memory shared with another process.
struct Position {
  std::atomic<int64_t> epoch{-1};   // the current epoch: tasks of others are dropped
  std::atomic<int64_t> ticket{-1};  // of the current task
  std::atomic<int64_t> index{-1};   // of the current sample; its number in an iterable dataset
  std::atomic<int64_t> taken{0};    // records taken from an iterable dataset
};

/// The position of a worker in its shard of an iterable dataset. Records are counted from 0.
struct StreamPlace {
  int64_t consumed = 0;         // all records before this one were returned or reported
  std::vector<int64_t> failed;  // records after it that were reported
  std::vector<int64_t> fatal;   // records, before or after it, that ended the worker's process
};

/// Aborts a task that is no longer needed.
struct Dropped {};

struct Failure {
  std::string message;
  int64_t index = -1;
  std::exception_ptr cause;
};

struct Outcome {
  int worker = -1;
  Task task;  // ticket -1: no task
  std::shared_ptr<void> batch;
  bool has_ended = false;  // the worker's shard of an iterable dataset; after the failure, if any
  StreamPlace place;       // after the task
  std::optional<Failure> failure;
};

/// Loads batches, for one worker and one epoch.
class Fetcher {
 public:
  virtual ~Fetcher() = default;
  /// Null at the end of an iterable dataset.
  virtual std::shared_ptr<void> fetch(const Task& task, Position& position) = 0;
  /// The position in an iterable dataset.
  virtual StreamPlace place() const { return {}; }
  /// Whether so many consecutive records failed that the rest is not read.
  virtual bool has_given_up() const { return false; }
};

/// A dataset, its collate function and the type of its batches.
class BatchSource {
 public:
  virtual ~BatchSource() = default;
  /// Whether the dataset is iterable.
  virtual bool is_stream() const = 0;
  virtual std::unique_ptr<Fetcher> make_fetcher(const StreamPlace& start) const = 0;
  virtual void pin(void* batch) const = 0;
  virtual void encode(const void* batch, Encoder& encoder) const = 0;
  virtual std::shared_ptr<void> decode(Decoder& decoder) const = 0;
};

/// Runs the tasks of one worker in one epoch.
class TaskRunner {
 public:
  TaskRunner(std::shared_ptr<const BatchSource> source, StreamPlace start)
      : source_(std::move(source)), start_(std::move(start)) {}
  /// The outcome, including errors. Throws only Dropped.
  Outcome run(Task task, Position& position, int worker);

 private:
  std::shared_ptr<const BatchSource> source_;
  StreamPlace start_;
  std::unique_ptr<Fetcher> fetcher_;  // made by the first task
};

/// The current exception as a Failure.
Failure current_failure();

}  // namespace bisque::data
