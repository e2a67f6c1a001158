// Internal. Encodes and writes pictures on a few threads. Free of libtorch.
#pragma once
#include <condition_variable>
#include <cstddef>
#include <deque>
#include <exception>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

#include <bisque/renderer/pictures/picture.h>

namespace bisque {

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
  std::condition_variable has_job_;
  std::condition_variable has_room_;
  std::deque<Job> jobs_;
  bool is_closed_ = false;
  std::exception_ptr error_;
  std::vector<std::thread> threads_;
};

}  // namespace bisque
