// Renders a take: frame after frame into a FrameSink.
#pragma once
#include <cstdint>
#include <functional>
#include <limits>
#include <optional>
#include <stop_token>

#include <bisque/renderer/animation/animation.h>
#include <bisque/renderer/mesh/to_picture.h>
#include <bisque/renderer/mesh/white_model_renderer.h>
#include <bisque/renderer/pictures/frame_sink.h>

namespace bisque {

struct RenderTakeOptions {
  std::optional<FrameRate> rate = std::nullopt;      // of the output; nothing: the animation's
  std::optional<int64_t> num_frames = std::nullopt;  // from time 0; nothing: those of the animation at this rate
  std::optional<Color> background = Color{48 / 255.0f, 52 / 255.0f, 58 / 255.0f};  // nothing: transparent (RGBA)
  /// Called in the caller's thread after each frame that was written, with the number of written frames and of all.
  std::function<void(int64_t done, int64_t total)> progress = nullptr;
  std::stop_token stop = {};  // requests cancellation, from any thread
  /// Frames are rendered concurrently, one per thread of libtorch, but no more than fit into this memory.
  double max_bytes = std::numeric_limits<double>::infinity();
};

/// Renders the frames of an animation in order into `sink`, and finishes it. The pictures do not depend on the number
/// of threads. On CUDA, if the renderer is there, every step runs on the device and each frame is copied once. Returns
/// false if it was cancelled: the sink then is not finished, and removes an unfinished file when it is destroyed, as it
/// does after an error. Error: a renderer of another model than the animation's; the errors of the renderer and of the
/// sink.
bool render_take(const WhiteModelRenderer& renderer, const Animation& animation, FrameSink& sink,
                 const RenderTakeOptions& options = {});

/// Renders frames in any order: those that `next` names until it returns nothing, each of which is given to `use`. Both
/// are called by several threads at once. Ends early after a request to stop; `progress` is not called. Error: as
/// render_take, and those of `next` and `use`.
void render_frames(const WhiteModelRenderer& renderer, const Animation& animation,
                   const std::function<std::optional<int64_t>()>& next,
                   const std::function<void(int64_t frame, Picture picture)>& use,
                   const RenderTakeOptions& options = {});

}  // namespace bisque
