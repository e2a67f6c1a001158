// What DataLoader's template and its engine agree on: tasks, and who fetches a batch. Batches are of a type that the
// engine does not know.
#pragma once
#include <atomic>
#include <cstdint>
#include <exception>
#include <memory>
#include <optional>
#include <string>

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
  bool has_ended = false;  // the worker's part of an iterable dataset
  int64_t consumed = 0;    // samples that the worker has taken from it
  std::optional<Failure> failure;
};

/// Loads batches, for one worker and one epoch.
class Fetcher {
 public:
  virtual ~Fetcher() = default;
  /// Null where an iterable dataset has ended.
  virtual std::shared_ptr<void> fetch(const Task& task, Position& position) = 0;
  /// Samples taken from an iterable dataset so far.
  virtual int64_t consumed() const { return 0; }
  /// Takes so many without loading batches of them.
  virtual void skip(int64_t /*samples*/) {}
};

/// A dataset, its collate function and the type of its batches.
class BatchSource {
 public:
  virtual ~BatchSource() = default;
  virtual std::unique_ptr<Fetcher> make_fetcher() const = 0;
  virtual void pin(void* batch) const = 0;
  virtual void encode(const void* batch, Encoder& encoder) const = 0;
  virtual std::shared_ptr<void> decode(Decoder& decoder) const = 0;
};

/// The outcome of a task, an error included. Throws Dropped alone.
Outcome carry_out(Fetcher& fetcher, Task task, Position& position, int worker);
/// The failure that the current exception is.
Failure current_failure();

}  // namespace bisque::data
