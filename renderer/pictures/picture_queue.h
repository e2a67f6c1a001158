// Internal. Encodes and writes pictures on a few threads. Free of libtorch.
#pragma once
#include <atomic>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <exception>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

#include <bisque/renderer/pictures/picture.h>

namespace bisque {

/// A condition variable: std::condition_variable::wait needs the libstdc++ of GCC 12, which manylinux_2_34 does not
/// have.
class Signal {
 public:
  template <class Condition>
  void wait(std::unique_lock<std::mutex>& lock, const Condition& holds) {
    while (!holds()) {
      const uint32_t seen = count_.load();
      lock.unlock();
      count_.wait(seen);
      lock.lock();
    }
  }
  void notify_all() {
    ++count_;
    count_.notify_all();
  }

 private:
  std::atomic<uint32_t> count_ = 0;
};

/// Threads take pictures from a short queue, so memory is bounded if the disk is slow. Without threads, push() writes.
class PictureQueue {
 public:
  explicit PictureQueue(size_t num_threads);
  /// Drops pictures that no thread has begun.
  ~PictureQueue();
  PictureQueue(const PictureQueue&) = delete;
  PictureQueue& operator=(const PictureQueue&) = delete;

  /// Waits while the queue is full. Error: that of an earlier picture.
  void push(std::string path, Picture picture);
  /// Waits until all are written; nothing may be pushed afterwards. Error: the first of any picture.
  void finish();

 private:
  struct Job {
    std::string path;
    Picture picture;
  };
  void run();
  void stop(bool drop);

  std::mutex mutex_;
  Signal has_job_;
  Signal has_room_;
  std::deque<Job> jobs_;
  bool is_closed_ = false;
  std::exception_ptr error_;
  std::vector<std::thread> threads_;
};

}  // namespace bisque
