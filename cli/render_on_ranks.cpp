#include "cli/render_on_ranks.h"

#include <ATen/ATen.h>

#include <algorithm>
#include <cstring>
#include <mutex>
#include <vector>

#include <bisque/core/error.h>
#include <bisque/core/progress.h>
#include <bisque/renderer/pictures/picture_file.h>
#include <bisque/renderer/pictures/video.h>

#include "cli/shared_frames.h"

namespace bisque::cli {
namespace {

at::Tensor as_bytes(const std::string& text) {
  at::Tensor bytes = at::empty({static_cast<int64_t>(text.size())}, at::kByte);
  std::memcpy(bytes.mutable_data_ptr(), text.data(), text.size());
  return bytes;
}

std::string as_text(const at::Tensor& bytes) {
  return {static_cast<const char*>(bytes.const_data_ptr()), static_cast<size_t>(bytes.numel())};
}

/// The frames of other ranks would be those of another take or model.
void check_same_key(const ProcessGroup& group, const std::string& key) {
  const auto keys = group.all_gather(as_bytes(key));
  for (size_t rank = 1; rank < keys.size(); ++rank) {
    if (keys[rank].equal(keys[0])) continue;
    fail("rank ", rank,
         " renders something else than rank 0; expected the same command, model, take and version of "
         "bisque on all machines.");
  }
}

/// Rank 0's mark of the open folder, which all ranks must see.
void open_on_all(const ProcessGroup& group, const SharedFrames& frames, const std::string& key) {
  const at::Tensor mark = as_bytes(group.rank() == 0 ? frames.open(key) : std::string(32, ' '));
  group.broadcast(mark);
  frames.check_shared(as_text(mark));
}

/// The frames to render, as rank 0 sees them.
std::vector<int64_t> remaining_frames(const ProcessGroup& group, const SharedFrames& frames, int64_t num_frames) {
  const at::Tensor finished = at::zeros({num_frames}, at::kByte);
  auto* flags = finished.mutable_data_ptr<uint8_t>();
  for (int64_t frame = 0; group.rank() == 0 && frame < num_frames; ++frame) flags[frame] = frames.is_finished(frame);
  group.broadcast(finished);
  std::vector<int64_t> remaining;
  for (int64_t frame = 0; frame < num_frames; ++frame) {
    if (!flags[frame]) remaining.push_back(frame);
  }
  return remaining;
}

ProgressStyle style_of(const RenderOptions& options) { return progress_style(options.quiet); }

void render_remaining(const ProcessGroup& group, const SharedFrames& frames, const WhiteModelRenderer& renderer,
                      const Animation& animation, const RenderTakeOptions& take_options, const RenderOptions& options) {
  const int64_t num_frames = *take_options.num_frames;
  const std::vector<int64_t> remaining = remaining_frames(group, frames, num_frames);
  const auto count = static_cast<int64_t>(remaining.size());
  const std::string kept = count == num_frames ? "" : " (" + std::to_string(num_frames - count) + " are finished)";
  group.barrier();  // the time of the report is that of the frames alone
  ProgressBar progress(count,
                       {.label = "rendering " + options.output + kept, .unit = "frames", .style = style_of(options)});
  std::mutex mutex;  // of the progress
  int64_t shown = 0;
  const auto show = [&](int64_t done) {
    const std::lock_guard lock(mutex);
    if (done > shown) progress.advance(done - shown);
    shown = std::max(shown, done);
  };
  const auto next = [&]() -> std::optional<int64_t> {
    const int64_t claimed = group.add("frames") - 1;
    if (claimed >= count) return std::nullopt;
    show(claimed);  // by all ranks
    return remaining[static_cast<size_t>(claimed)];
  };
  render_frames(
      renderer, animation, next, [&](int64_t frame, const Picture& picture) { frames.write(frame, picture); },
      take_options);
  group.barrier();
  show(count);
  progress.finish();
}

void encode_video(const SharedFrames& frames, FrameRate rate, int64_t num_frames, const RenderOptions& options) {
  SinkOptions sink_options;
  if (!options.audio.empty()) sink_options.audio = options.audio;
  const auto sink = open_sink(options.output, options.size.width, options.size.height, rate, sink_options);
  ProgressBar progress(num_frames,
                       {.label = "encoding " + options.output, .unit = "frames", .style = style_of(options)});
  for (int64_t frame = 0; frame < num_frames; ++frame) {
    sink->write(read_picture(frames.path(frame)));
    progress.advance();
  }
  sink->finish();
  progress.finish();
}

}  // namespace

void render_on_ranks(const ProcessGroup& group, const std::string& key, const WhiteModelRenderer& renderer,
                     const Animation& animation, const RenderTakeOptions& take_options, const RenderOptions& options) {
  const int64_t num_frames = *take_options.num_frames;
  const SharedFrames frames(options.output, num_frames, options.start);
  check_same_key(group, key);
  // Set if an earlier attempt of this run completed the output, and a rank was killed only then.
  const std::string complete = "complete/" + key;
  const at::Tensor is_complete = at::full({1}, group.add(complete, 0, CounterScope::kRun) > 0, at::kByte);
  group.broadcast(is_complete);
  if (!is_complete.item<bool>()) {
    open_on_all(group, frames, key);
    render_remaining(group, frames, renderer, animation, take_options, options);
  }
  if (group.rank() != 0) return;
  if (!is_complete.item<bool>()) {
    frames.check_complete();
    if (is_video_path(options.output)) encode_video(frames, *take_options.rate, num_frames, options);
    group.add(complete, 1, CounterScope::kRun);
  }
  frames.close();
}

}  // namespace bisque::cli
