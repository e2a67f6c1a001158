#include <bisque/renderer/animation/render_take.h>

#include <ATen/ATen.h>
#include <ATen/Parallel.h>
#include <c10/core/InferenceMode.h>

#include <algorithm>
#include <atomic>
#include <deque>
#include <future>
#include <utility>
#include <vector>

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

/// What render_take and render_frames know of a take.
struct Frames {
  Frames(const WhiteModelRenderer& renderer_, const Animation& animation_, const RenderTakeOptions& options_)
      : renderer(renderer_),
        animation(animation_),
        options(options_),
        rate(options_.rate.value_or(animation_.rate())),
        count(options_.num_frames.value_or(animation_.num_frames(rate))),
        at_once(frames_at_once(count, renderer_, options_.max_bytes)) {}

  Picture picture_at(int64_t frame) const {
    const at::Device device = renderer.model->neutral.device();
    const double seconds = static_cast<double>(frame) / rate.hz();
    const at::Tensor image =
        renderer(animation.coefficients(seconds).to(device), moved(animation.pose(seconds), device))[0];
    return to_picture(image, options.background, renderer.renderer->shader->encoding());
  }

  const WhiteModelRenderer& renderer;
  const Animation& animation;
  const RenderTakeOptions& options;
  const FrameRate rate;
  const int64_t count, at_once;
};

void check_one_model(const WhiteModelRenderer& renderer, const Animation& animation) {
  if (renderer.model->num_shapes() == animation.num_shapes()) return;
  fail("render_take: the renderer's model has ", renderer.model->num_shapes(), " shapes and the animation's has ",
       animation.num_shapes(), ", expected one model.");
}

}  // namespace

bool render_take(const WhiteModelRenderer& renderer, const Animation& animation, FrameSink& sink,
                 const RenderTakeOptions& options) {
  check_one_model(renderer, animation);
  const c10::InferenceMode no_gradients;
  const Frames frames(renderer, animation, options);
  int64_t done = 0;
  const auto write = [&](Picture picture) {
    if (options.stop.stop_requested()) return false;
    sink.write(std::move(picture));
    ++done;
    if (options.progress) options.progress(done, frames.count);
    return true;
  };
  if (options.stop.stop_requested()) return false;
  const auto picture_at = [&](int64_t frame) { return frames.picture_at(frame); };
  if (!in_order(frames.count, frames.at_once, picture_at, write)) return false;
  if (options.stop.stop_requested()) return false;
  sink.finish();
  return true;
}

void render_frames(const WhiteModelRenderer& renderer, const Animation& animation,
                   const std::function<std::optional<int64_t>()>& next,
                   const std::function<void(int64_t frame, Picture picture)>& use, const RenderTakeOptions& options) {
  check_one_model(renderer, animation);
  const Frames frames(renderer, animation, options);
  std::atomic<bool> has_failed = false;
  const auto work = [&] {
    const c10::InferenceMode no_gradients;
    try {
      while (!has_failed && !options.stop.stop_requested()) {
        const std::optional<int64_t> frame = next();
        if (!frame) return;
        use(*frame, frames.picture_at(*frame));
      }
    } catch (...) {
      has_failed = true;
      throw;
    }
  };
  if (frames.at_once <= 1) return work();
  const KeepNumThreads keep;
  std::vector<std::future<void>> threads;  // each waits for its thread when it is destroyed
  for (int64_t i = 0; i < frames.at_once; ++i) {
    threads.push_back(std::async(std::launch::async, [&] {
      at::set_num_threads(1);  // of this thread's own loops
      work();
    }));
  }
  for (auto& thread : threads) thread.get();
}

}  // namespace bisque
