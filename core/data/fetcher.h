// What DataLoader's template and its engine agree on: tasks, and who fetches a batch. Batches are of a type that the
// engine does not know.
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
  int64_t epoch = 0, ticket = 0;  // the how manieth of the epoch
  IndexBatch indices;             // of a map-style dataset
  int64_t count = 0;              // samples of a batch of an iterable one
};

/// What a worker is at. It may lie in memory that is shared with another process.
struct Position {
  std::atomic<int64_t> epoch{-1};   // that is wanted: tasks of others are dropped
  std::atomic<int64_t> ticket{-1};  // of the task that is worked on
  std::atomic<int64_t> index{-1};   // of the sample that is loaded; the how manieth of an iterable dataset
  std::atomic<int64_t> taken{0};    // records of an iterable dataset
};

/// Where a worker is in its part of an iterable dataset. Records are counted from 0.
struct StreamPlace {
  int64_t consumed = 0;         // all records before this one have been given out or reported
  std::vector<int64_t> failed;  // and these after it have been reported
  std::vector<int64_t> fatal;   // these, before or after it, ended the worker's process
};

/// Ends a task that nobody waits for any more.
struct Dropped {};

struct Failure {
  std::string message;
  int64_t index = -1;
  std::exception_ptr cause;
};

struct Outcome {
  int worker = -1;
  Task task;  // ticket -1: of no task
  std::shared_ptr<void> batch;
  bool has_ended = false;  // the worker's part of an iterable dataset; after the failure, if there is one
  StreamPlace place;       // after the task
  std::optional<Failure> failure;
};

/// Loads batches, for one worker and one epoch.
class Fetcher {
 public:
  virtual ~Fetcher() = default;
  /// Null where an iterable dataset has ended.
  virtual std::shared_ptr<void> fetch(const Task& task, Position& position) = 0;
  /// Where it is in an iterable dataset.
  virtual StreamPlace place() const { return {}; }
  /// Whether so many records have failed in a row that the rest is not read.
  virtual bool has_given_up() const { return false; }
};

/// A dataset, its collate function and the type of its batches.
class BatchSource {
 public:
  virtual ~BatchSource() = default;
  /// Of an iterable dataset or not.
  virtual bool is_stream() const = 0;
  virtual std::unique_ptr<Fetcher> make_fetcher(const StreamPlace& start) const = 0;
  virtual void pin(void* batch) const = 0;
  virtual void encode(const void* batch, Encoder& encoder) const = 0;
  virtual std::shared_ptr<void> decode(Decoder& decoder) const = 0;
};

/// Carries out the tasks of one worker in one epoch.
class TaskRunner {
 public:
  TaskRunner(std::shared_ptr<const BatchSource> source, StreamPlace start)
      : source_(std::move(source)), start_(std::move(start)) {}
  /// The outcome, an error included. Throws Dropped alone.
  Outcome run(Task task, Position& position, int worker);

 private:
  std::shared_ptr<const BatchSource> source_;
  StreamPlace start_;
  std::unique_ptr<Fetcher> fetcher_;  // made by the first task
};

/// The failure that the current exception is.
Failure current_failure();

}  // namespace bisque::data
