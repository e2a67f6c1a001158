// bisque render: renders a model with coefficients to a picture, pictures or a video.
#include <ATen/ATen.h>
#include <ATen/Parallel.h>
#include <c10/core/InferenceMode.h>
#include <c10/util/Exception.h>

#include <cmath>
#include <cstdio>
#include <deque>
#include <future>
#include <limits>
#include <memory>
#include <optional>
#include <set>
#include <sstream>
#include <string>
#include <utility>

#include <bisque/core/error.h>
#include <bisque/core/keep_freed_memory.h>
#include <bisque/core/progress.h>
#include <bisque/renderer/mesh/white_model_renderer.h>
#include <bisque/renderer/models/groups.h>
#include <bisque/renderer/models/read_model.h>
#include <bisque/renderer/pictures/frame_sink.h>
#include <bisque/renderer/pictures/video.h>
#include <bisque/renderer/pictures/wav.h>
#include <bisque/renderer/takes/binding.h>
#include <bisque/renderer/takes/frame_rate.h>

#include "cli/commands.h"
#include "cli/memory_limit.h"
#include "cli/render_options.h"
#include "cli/take_input.h"
#include "cli/values.h"

namespace bisque::cli {
namespace {

/// The content of each frame of the output.
struct Animation {
  std::optional<Take> take;
  Binding binding;
  std::vector<float> overrides;  // [S] coefficients of --set, for every frame; NaN if not set
  int64_t first = 0, count = 1;
  FrameRate rate;
};

void say(const RenderOptions& options, const std::string& text) {
  if (options.quiet) return;
  std::istringstream lines(text);
  for (std::string line; std::getline(lines, line);) std::fprintf(stderr, "%s\n", one_line(line).c_str());
}

[[noreturn]] void fail_unknown_shape(const std::string& name, const RenderOptions& options,
                                     const BlendshapeData& model) {
  const int angle = resolve_shape_name(name).angle;
  if (angle >= 0) {
    fail("--set has \"", name, "\", which is an angle; expected a shape, because angles come only from a take.");
  }
  std::string nearest;
  for (const auto& other : nearest_names(name, model.shape_names)) nearest += (nearest.empty() ? "" : ", ") + other;
  fail("--set has \"", name, "\", which is not a shape of ", options.model,
       nearest.empty() ? "; it has no shapes." : "; the nearest are " + nearest + ".");
}

std::vector<float> overridden_coefficients(const RenderOptions& options, const BlendshapeData& model) {
  std::vector<float> overrides(model.shape_names.size(), std::numeric_limits<float>::quiet_NaN());
  std::set<std::pair<int64_t, Half>> driven;
  for (const auto& [name, value] : options.set) {
    const Binding binding = bind_by_name({name}, model.shape_names, corrective_shapes(model));
    if (!binding.corrective_columns.empty()) {
      fail("--set has \"", name, "\", which other shapes of ", options.model, " drive; expected one of those.");
    }
    if (binding.bound.empty()) fail_unknown_shape(name, options, model);
    for (const auto& [column, shape, weight] : binding.bound) {
      // Two halves may share a whole shape; anything else may be set only once.
      const Half half = weight < 1 ? resolve_shape_name(name).half : Half::kWhole;
      const bool is_first = std::isnan(overrides[shape]);
      if (!driven.emplace(shape, half).second ||
          (!is_first && (weight == 1 || driven.contains({shape, Half::kWhole})))) {
        fail("--set sets the shape \"", model.shape_names[shape], "\" twice; expected one value.");
      }
      overrides[shape] = (is_first ? 0 : overrides[shape]) + weight * value;
    }
  }
  return overrides;
}

Animation prepare_animation(const RenderOptions& options, const BlendshapeData& model) {
  Animation animation;
  animation.overrides = overridden_coefficients(options, model);
  if (options.fps) animation.rate = *options.fps;
  if (options.coefficients.empty()) return animation;
  animation.take = load_take(options);
  const Take& take = *animation.take;
  animation.binding = bind_take(take, model, options);
  say(options, take_report(take, animation.binding, options));
  if (!options.fps) animation.rate = take.rate;
  const int64_t end = options.end.value_or(take.num_frames);
  if (options.start < 0 || options.start >= take.num_frames) {
    fail("--start is ", options.start, "; the take has frames 0 to ", take.num_frames - 1, ".");
  }
  if (end <= options.start || end > take.num_frames) {
    fail("--end is ", end, "; expected one after --start (", options.start, ") and at most ", take.num_frames, ".");
  }
  animation.first = options.start;
  // Frames of the output that begin before the take's part ends.
  const double seconds = static_cast<double>(end - options.start) / take.rate.hz();
  animation.count = std::max<int64_t>(1, std::llround(seconds * animation.rate.hz()));
  return animation;
}

/// What a frame of the output shows.
BoundFrame frame_at(const Animation& animation, int64_t output_frame, size_t num_shapes) {
  BoundFrame frame{std::vector<float>(num_shapes, 0.0f), {}};
  if (animation.take) {
    const Take& take = *animation.take;
    const double position =
        static_cast<double>(animation.first) + static_cast<double>(output_frame) * take.rate.hz() / animation.rate.hz();
    frame = bound_frame(take, animation.binding, position);
  }
  for (size_t i = 0; i < num_shapes; ++i) {
    if (!std::isnan(animation.overrides[i])) frame.coefficients[i] = animation.overrides[i];
  }
  return frame;
}

Pose pose_of(const BoundFrame& frame, const Binding& binding, bool still) {
  Pose pose;
  if (still) return pose;
  const auto part = [&](size_t first) {
    bool has_angles = false;
    for (size_t i = first; i < first + 3; ++i) has_angles |= binding.angle_columns[i] >= 0;
    return has_angles ? at::tensor(at::ArrayRef<float>(frame.angles.data() + first, 3)).unsqueeze(0) : at::Tensor();
  };
  pose.head = part(0);
  pose.left_eye = part(3);
  pose.right_eye = part(6);
  return pose;
}

/// The groups that are not drawn; reports those that were hidden by default.
std::vector<std::string> hidden_groups(const RenderOptions& options, const BlendshapeData& model) {
  if (options.hide) return *options.hide;
  const auto names = transparent_groups(model);
  std::string list;
  for (const auto& name : names) list += (list.empty() ? "" : ", ") + name;
  if (!list.empty())
    say(options, "not drawn, because transparent on a real face: " + list + " (--hide none draws all)\n");
  return names;
}

void check_audio(const RenderOptions& options, const Animation& animation) {
  if (options.audio.empty()) return;
  const double audio = read_wav_info(options.audio).seconds();
  const double video = static_cast<double>(animation.count) / animation.rate.hz();
  char text[200];
  std::snprintf(text, sizeof text, "audio: %.3f s, video: %.3f s%s\n", audio, video,
                audio > video + 0.02   ? "; the audio is cut at the video's end"
                : audio < video - 0.02 ? "; the audio ends before the video"
                                       : "");
  say(options, text);
}

/// Frames that are rendered concurrently do not synchronize within a frame; a single or a very large frame uses all
/// threads instead.
int64_t frames_at_once(int64_t count, const PictureSize& size, int64_t samples) {
  constexpr int64_t kLargeFrame = int64_t{1} << 24;  // samples, which take about 30 bytes each
  if (size.width * size.height * samples > kLargeFrame) return 1;
  const auto fitting = static_cast<int64_t>(memory_limit().bytes / 2 / frame_bytes(size, samples));
  return std::max<int64_t>(1, std::min<int64_t>({count, at::get_num_threads(), fitting}));
}

/// Calls make(0), make(1), ... with `at_once` concurrent calls, and take() on each result in order.
template <class Make, class Take>
void in_order(int64_t count, int64_t at_once, const Make& make, const Take& take) {
  if (at_once <= 1) {
    for (int64_t i = 0; i < count; ++i) take(make(i));
    return;
  }
  std::deque<std::future<Picture>> under_way;
  for (int64_t i = 0; i < count || !under_way.empty();) {
    while (i < count && static_cast<int64_t>(under_way.size()) < at_once) {
      under_way.push_back(std::async(std::launch::async, [&make, i] {
        const c10::InferenceMode no_gradients;
        at::set_num_threads(1);  // of this thread's own loops
        return make(i);
      }));
      ++i;
    }
    take(under_way.front().get());
    under_way.pop_front();
  }
}

void render_frames(const WhiteModelRenderer& renderer, const Animation& animation, const RenderOptions& options,
                   FrameSink& sink) {
  ProgressBar progress(
      animation.count,
      {.label = "rendering " + options.output, .unit = "frames", .style = progress_style(options.quiet)});
  const auto picture_of = [&](int64_t i) {
    const BoundFrame frame = frame_at(animation, i, static_cast<size_t>(renderer.model->num_shapes()));
    const auto coefficients = at::tensor(at::ArrayRef<float>(frame.coefficients)).view({1, -1});
    const auto pose = animation.take ? pose_of(frame, animation.binding, options.still) : Pose{};
    return to_picture(renderer(coefficients, pose)[0], options.background);
  };
  in_order(animation.count, frames_at_once(animation.count, options.size, options.samples), picture_of,
           [&](Picture picture) {
             sink.write(std::move(picture));
             progress.advance();
           });
  sink.finish();
  progress.finish();
}

std::shared_ptr<FoVPerspectiveCameras> make_camera(const BlendshapeModel& model, double aspect,
                                                   const RenderOptions& options) {
  const at::Tensor all = model.framed_verts(FramedPart::kAll);
  check_lengths(options.framing, model_unit(all));
  if (options.frame == FramedPart::kHead && !model.head().is_known) {
    fail("--frame is head, but no shape of ", options.model, " moves a vertex, so its head is unknown; expected all.");
  }
  if (options.frame == FramedPart::kAuto && model.head().is_small) {
    say(options, "framed on the head, which is what the shapes move (--frame all shows the whole model)\n");
  }
  return fit_camera(model.framed_verts(options.frame), aspect, options.framing, all);
}

void run_render(const RenderOptions& options) {
  keep_freed_memory();  // each frame needs as much memory as the previous one
  const c10::InferenceMode no_gradients;
  check_render_options(options);
  const PictureSize size = options.size;
  const BlendshapeData data = read_blendshapes(options.model);
  for (const auto& warning : data.warnings) say(options, "note: " + warning + "\n");
  Animation animation = prepare_animation(options, data);
  const bool one_picture = !is_video_path(options.output) && !parse_sequence_pattern(options.output);
  if (one_picture) animation.count = 1;
  check_audio(options, animation);

  const auto model = std::make_shared<BlendshapeModel>(data, hidden_groups(options, data));
  const auto camera = make_camera(*model, static_cast<double>(size.width) / size.height, options);
  const auto shader = std::make_shared<PhongShader>(studio_lighting(camera->R[0]));
  const WhiteModelRenderer renderer(model, camera, {size.height, size.width, options.samples}, shader);

  SinkOptions sink_options;
  if (!options.audio.empty()) sink_options.audio = options.audio;
  sink_options.first_number = animation.first;
  const auto sink = open_sink(options.output, size.width, size.height, animation.rate, sink_options);
  render_frames(renderer, animation, options, *sink);
}

}  // namespace

void add_render(CLI::App& app) {
  auto options = std::make_shared<RenderOptions>();
  CLI::App* command = app.add_subcommand("render", "Renders a model as a white model, from coefficients or a take.");
  add_render_options(*command, *options);
  command->callback([options] {
    try {
      run_render(*options);
    } catch (const c10::Error& error) {
      fail(error.what_without_backtrace());
    }
  });
}

}  // namespace bisque::cli
