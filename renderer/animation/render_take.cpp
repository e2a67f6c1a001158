#include <bisque/renderer/animation/render_take.h>

#include <ATen/ATen.h>
#include <ATen/Parallel.h>
#include <c10/core/InferenceMode.h>

#include <algorithm>
#include <deque>
#include <future>
#include <utility>

#include <bisque/core/error.h>

namespace bisque {
namespace {

/// Restores the number of threads that at::set_num_threads changes for the whole process.
class KeepNumThreads {
 public:
  KeepNumThreads() = default;
  ~KeepNumThreads() { at::set_num_threads(num_threads_); }
  KeepNumThreads(const KeepNumThreads&) = delete;
  KeepNumThreads& operator=(const KeepNumThreads&) = delete;

 private:
  int num_threads_ = at::get_num_threads();
};

/// Frames that are rendered concurrently do not synchronize within a frame; a single or a very large frame uses all
/// threads instead. On CUDA one frame is rendered while another is copied and written.
int64_t frames_at_once(int64_t num_frames, const WhiteModelRenderer& renderer, double max_bytes) {
  constexpr int64_t kLargeFrame = int64_t{1} << 24;  // samples, which take about 30 bytes each
  const RenderSettings& settings = renderer.settings();
  if (settings.width * settings.height * settings.samples > kLargeFrame) return 1;
  const double fitting = std::min(max_bytes / picture_bytes(settings), 1e6);
  const int64_t threads = renderer.model->neutral.is_cuda() ? 2 : at::get_num_threads();
  return std::max<int64_t>(1, std::min<int64_t>({num_frames, threads, static_cast<int64_t>(fitting)}));
}

Pose moved(Pose pose, at::Device device) {
  for (at::Tensor* part : {&pose.head, &pose.left_eye, &pose.right_eye}) {
    if (part->defined()) *part = part->to(device);
  }
  return pose;
}

/// Calls make(0), make(1), ... with `at_once` concurrent calls, and take() on each result in order, until take()
/// returns false.
template <class Make, class Take>
bool in_order(int64_t count, int64_t at_once, const Make& make, const Take& take) {
  if (at_once <= 1) {
    for (int64_t i = 0; i < count; ++i) {
      if (!take(make(i))) return false;
    }
    return true;
  }
  const KeepNumThreads keep;
  std::deque<std::future<Picture>> under_way;  // waits for its calls when it is destroyed
  int64_t next = 0;
  const auto start = [&] {
    under_way.push_back(std::async(std::launch::async, [&make, i = next++] {
      const c10::InferenceMode no_gradients;
      at::set_num_threads(1);  // of this thread's own loops
      return make(i);
    }));
  };
  while (next < at_once) start();
  while (!under_way.empty()) {
    Picture picture = under_way.front().get();
    under_way.pop_front();
    if (next < count) start();  // first, because take() may wait for a disk or another process
    if (!take(std::move(picture))) return false;
  }
  return true;
}

}  // namespace

bool render_take(const WhiteModelRenderer& renderer, const Animation& animation, FrameSink& sink,
                 const RenderTakeOptions& options) {
  if (renderer.model->num_shapes() != animation.num_shapes()) {
    fail("render_take: the renderer's model has ", renderer.model->num_shapes(), " shapes and the animation's has ",
         animation.num_shapes(), ", expected one model.");
  }
  const c10::InferenceMode no_gradients;
  const at::Device device = renderer.model->neutral.device();
  const FrameRate rate = options.rate.value_or(animation.rate());
  const int64_t num_frames = options.num_frames.value_or(animation.num_frames(rate));
  const auto picture_at = [&](int64_t frame) {
    const double seconds = static_cast<double>(frame) / rate.hz();
    const at::Tensor image =
        renderer(animation.coefficients(seconds).to(device), moved(animation.pose(seconds), device))[0];
    return to_picture(image, options.background, renderer.renderer->shader->encoding());
  };
  int64_t done = 0;
  const auto write = [&](Picture picture) {
    if (options.stop.stop_requested()) return false;
    sink.write(std::move(picture));
    ++done;
    if (options.progress) options.progress(done, num_frames);
    return true;
  };
  if (options.stop.stop_requested()) return false;
  if (!in_order(num_frames, frames_at_once(num_frames, renderer, options.max_bytes), picture_at, write)) {
    return false;
  }
  if (options.stop.stop_requested()) return false;
  sink.finish();
  return true;
}

}  // namespace bisque
