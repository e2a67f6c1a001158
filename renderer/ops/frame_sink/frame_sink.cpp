// The output of rendered frames as ops: a sink is open under a number, until it is closed.
#include <bisque/renderer/pictures/frame_sink.h>

#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>

#include <bisque/core/error.h>
#include <bisque/renderer/ops/picture_files/picture_files.h>

namespace bisque {
namespace {

/// The open sinks. A sink is written by one thread at a time, its caller's.
class OpenSinks {
 public:
  int64_t add(std::unique_ptr<FrameSink> sink) {
    const std::lock_guard lock(mutex_);
    sinks_[++last_] = std::move(sink);
    return last_;
  }
  FrameSink& at(int64_t number) {
    const std::lock_guard lock(mutex_);
    const auto found = sinks_.find(number);
    if (found == sinks_.end()) fail("frame_sink: ", number, " is no open sink, expected a number of open_frames.");
    return *found->second;
  }
  void remove(int64_t number) {
    std::unique_ptr<FrameSink> sink;  // destroyed without the lock: it may wait for ffmpeg
    const std::lock_guard lock(mutex_);
    const auto found = sinks_.find(number);
    if (found == sinks_.end()) return;
    sink = std::move(found->second);
    sinks_.erase(found);
  }

 private:
  std::mutex mutex_;
  std::map<int64_t, std::unique_ptr<FrameSink>> sinks_;
  int64_t last_ = 0;
};

OpenSinks& open_sinks() {
  static OpenSinks sinks;
  return sinks;
}

int64_t open_frames(const std::string& path, int64_t width, int64_t height, int64_t rate_num, int64_t rate_den,
                    const std::optional<std::string>& audio, int64_t first_number) {
  return open_sinks().add(open_sink(path, width, height, {rate_num, rate_den}, {audio, first_number}));
}

void write_frame(int64_t sink, const op::Tensor& pixels) {
  open_sinks().at(sink).write(op::picture_of("write_frame", pixels));
}

void close_frames(int64_t sink, bool finish) {
  if (finish) open_sinks().at(sink).finish();
  open_sinks().remove(sink);
}

const op::Register open_frames_op({
    .schema = "bisque::_open_frames(str path, int width, int height, int rate_num, int rate_den, str? audio, int"
              " first_number) -> int sink",
    .any = BISQUE_KERNEL(open_frames),
});
const op::Register write_frame_op({
    .schema = "bisque::_write_frame(int sink, Tensor pixels) -> ()",
    .any = BISQUE_KERNEL(write_frame),
});
const op::Register close_frames_op({
    .schema = "bisque::_close_frames(int sink, bool finish) -> ()",
    .any = BISQUE_KERNEL(close_frames),
});

}  // namespace
}  // namespace bisque
