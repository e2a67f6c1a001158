#include <bisque/renderer/pictures/picture_queue.h>

#include <utility>

#include <bisque/core/error.h>
#include <bisque/renderer/pictures/picture_file.h>

namespace bisque {

PictureQueue::PictureQueue(size_t num_threads) {
  for (size_t i = 0; i < num_threads; ++i) threads_.emplace_back([this] { run(); });
}

PictureQueue::~PictureQueue() { stop(/*drop=*/true); }

void PictureQueue::push(std::string path, Picture picture) {
  std::unique_lock lock(mutex_);
  if (threads_.empty() && !is_closed_) return write_picture(path, picture);
  has_room_.wait(lock, [this] { return jobs_.size() < threads_.size() || is_closed_ || error_; });
  if (error_) std::rethrow_exception(error_);
  if (is_closed_) fail(path, ": was added after the last picture was requested.");
  jobs_.push_back({std::move(path), std::move(picture)});
  has_job_.notify_all();
}

void PictureQueue::finish() {
  stop(/*drop=*/false);
  if (error_) std::rethrow_exception(error_);
}

void PictureQueue::stop(bool drop) {
  {
    const std::lock_guard lock(mutex_);
    is_closed_ = true;
    if (drop) jobs_.clear();
  }
  has_job_.notify_all();
  for (auto& thread : threads_) thread.join();
  threads_.clear();
}

void PictureQueue::run() {
  std::unique_lock lock(mutex_);
  for (;;) {
    has_job_.wait(lock, [this] { return !jobs_.empty() || is_closed_; });
    if (jobs_.empty()) return;
    const Job job = std::move(jobs_.front());
    jobs_.pop_front();
    has_room_.notify_all();
    lock.unlock();
    std::exception_ptr error;
    try {
      write_picture(job.path, job.picture);
    } catch (...) {
      error = std::current_exception();
    }
    lock.lock();
    if (!error) continue;
    if (!error_) error_ = error;
    jobs_.clear();  // the remaining pictures are no longer needed
    has_room_.notify_all();
  }
}

}  // namespace bisque
