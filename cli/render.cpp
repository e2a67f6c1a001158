// bisque render: renders a model with coefficients to a picture, pictures or a video.
#include <ATen/Parallel.h>
#include <c10/util/Exception.h>

#include <chrono>
#include <cmath>
#include <cstdio>
#include <memory>
#include <sstream>
#include <string>
#include <utility>
#include <vector>

#include <bisque/core/distributed/process_group.h>
#include <bisque/core/error.h>
#include <bisque/core/keep_freed_memory.h>
#include <bisque/core/progress.h>
#include <bisque/renderer/animation/cuda_device.h>
#include <bisque/renderer/animation/overrides.h>
#include <bisque/renderer/animation/render_take.h>
#include <bisque/renderer/models/groups.h>
#include <bisque/renderer/models/model_textures.h>
#include <bisque/renderer/models/read_model.h>
#include <bisque/renderer/pictures/video.h>
#include <bisque/renderer/pictures/wav.h>
#include <bisque/renderer/shaders/depth_gray_shader.h>
#include <bisque/renderer/shaders/material_shader.h>
#include <bisque/renderer/shaders/normal_color_shader.h>

#include "cli/commands.h"
#include "cli/memory_limit.h"
#include "cli/render_key.h"
#include "cli/render_on_ranks.h"
#include "cli/render_options.h"
#include "cli/take_input.h"
#include "cli/values.h"

namespace bisque::cli {
namespace {

void say(const RenderOptions& options, const std::string& text) {
  if (options.quiet) return;
  std::istringstream lines(text);
  for (std::string line; std::getline(lines, line);) std::fprintf(stderr, "%s\n", one_line(line).c_str());
}

struct ChosenDevice {
  at::Device device;
  std::string report;
};

ChosenDevice choose_device(const RenderOptions& options) {
  if (options.device == DeviceChoice::kCpu) return {at::kCPU, "cpu"};
  const CudaDevice cuda = find_cuda_device();
  if (cuda.fault.empty()) return {at::kCUDA, "cuda (" + cuda.name + ")"};
  if (options.device == DeviceChoice::kCuda) {
    fail("--device is cuda, but ", cuda.fault, "; expected a GPU that can be used, or --device cpu.");
  }
  return {at::kCPU, "cpu (" + cuda.fault + ")"};
}

Animation make_animation(const RenderOptions& options, const BlendshapeData& model) {
  std::vector<float> overrides = override_coefficients(options.set, model, "--set", options.model);
  if (options.coefficients.empty()) return Animation(model, std::move(overrides));
  Take take = load_take(options);
  Binding binding = bind_take(take, model, options);
  say(options, take_report(take, binding, options));
  const TakePart part{options.start, options.end};
  check_take_part(part, take.num_frames, "--");
  return Animation(model, std::move(take), {std::move(binding), std::move(overrides), part, !options.still});
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

void report_audio(const RenderOptions& options, double video) {
  if (options.audio.empty()) return;
  const double audio = read_wav_info(options.audio).seconds();
  char text[200];
  std::snprintf(text, sizeof text, "audio: %.3f s, video: %.3f s%s\n", audio, video,
                audio > video + 0.02   ? "; the audio is cut at the video's end"
                : audio < video - 0.02 ? "; the audio ends before the video"
                                       : "");
  say(options, text);
}

/// Frames are rendered and encoded by as many threads as libtorch has.
void render_alone(const WhiteModelRenderer& renderer, const Animation& animation, RenderTakeOptions take_options,
                  const RenderOptions& options) {
  SinkOptions sink_options;
  if (at::get_num_threads() == 1) sink_options.num_threads = 0;
  if (!options.audio.empty()) sink_options.audio = options.audio;
  sink_options.first_number = options.start;
  const auto sink =
      open_sink(options.output, options.size.width, options.size.height, *take_options.rate, sink_options);
  ProgressBar progress(
      *take_options.num_frames,
      {.label = "rendering " + options.output, .unit = "frames", .style = progress_style(options.quiet)});
  take_options.progress = [&](int64_t, int64_t) { progress.advance(); };
  render_take(renderer, animation, *sink, take_options);
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

BlendshapeData load_model(const RenderOptions& options) {
  BlendshapeData data = read_blendshapes(options.model);
  if (options.shading == Shading::kTextured) {
    read_textures(data);
    if (data.materials.empty()) data.warnings.push_back("the model has no materials, so it is shown in white.");
  }
  for (const auto& warning : data.warnings) say(options, "note: " + warning + "\n");
  return data;
}

std::shared_ptr<Shader> make_shader(const RenderOptions& options, const BlendshapeData& data,
                                    const std::vector<std::string>& hidden, const BlendshapeModel& model,
                                    const FoVPerspectiveCameras& camera) {
  switch (options.shading) {
    case Shading::kNormals:
      return std::make_shared<NormalColorShader>();
    case Shading::kDepth:
      return std::make_shared<DepthGrayShader>(depth_range(model.framed_verts(options.frame), camera));
    case Shading::kTextured:
      return std::make_shared<MaterialShader>(data, hidden, studio_lighting(camera.R[0]));
    default:
      return std::make_shared<StudioShader>(studio_lighting(camera.R[0]));
  }
}

/// The ranks that torchrun started. Ranks other than 0 report nothing but errors.
ProcessGroup join_ranks(RenderOptions& options) {
  ProcessGroupOptions group_options{.timeout = std::chrono::milliseconds(std::llround(1000 * options.timeout))};
  if (options.quiet) group_options.log = [](const std::string&) {};
  ProcessGroup group = init_process_group(group_options);
  options.quiet |= group.rank() != 0;
  return group;
}

void run_render(RenderOptions options) {
  keep_freed_memory();  // each frame needs as much memory as the previous one
  check_render_options(options);
  const ProcessGroup group = join_ranks(options);
  const ChosenDevice chosen = choose_device(options);  // first, see Plugins::load_cuda
  const PictureSize size = options.size;
  const BlendshapeData data = load_model(options);
  const Animation animation = make_animation(options, data);
  const FrameRate rate = options.fps.value_or(animation.rate());
  const bool one_picture = !is_video_path(options.output) && !parse_sequence_pattern(options.output);
  const int64_t num_frames = one_picture ? 1 : animation.num_frames(rate);
  report_audio(options, static_cast<double>(num_frames) / rate.hz());

  const std::vector<std::string> hidden = hidden_groups(options, data);
  const auto model = std::make_shared<BlendshapeModel>(data, hidden);
  const auto camera = make_camera(*model, static_cast<double>(size.width) / size.height, options);
  const auto shader = make_shader(options, data, hidden, *model, *camera);
  WhiteModelRenderer renderer(model, camera, {size.height, size.width, options.samples}, shader);
  const bool on_ranks = group.size() > 1 && !one_picture;
  const std::string key =
      on_ranks ? render_key(renderer, data, animation, rate, num_frames, chosen.device, options) : "";
  renderer.to(chosen.device);
  say(options, "shading: " + name_of(options.shading) + ", device: " + chosen.report + "\n");
  const RenderTakeOptions take_options{
      .rate = rate, .num_frames = num_frames, .background = options.background, .max_bytes = memory_limit().bytes / 2};
  if (on_ranks) {
    render_on_ranks(group, key, renderer, animation, take_options, options);
  } else if (group.rank() == 0) {
    render_alone(renderer, animation, take_options, options);
  }
}

}  // namespace

void add_render(CLI::App& app) {
  auto options = std::make_shared<RenderOptions>();
  CLI::App* command = app.add_subcommand("render", "Renders a model from coefficients or a take.");
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
