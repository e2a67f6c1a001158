#include "cli/render_options.h"

#include <algorithm>
#include <cmath>
#include <sstream>
#include <vector>

#include <bisque/core/error.h>
#include <bisque/renderer/mesh/white_model_renderer.h>
#include <bisque/renderer/pictures/picture_file.h>
#include <bisque/renderer/pictures/video.h>
#include <bisque/renderer/takes/frame_rate.h>

#include "cli/memory_limit.h"
#include "cli/values.h"

namespace bisque::cli {
namespace {

// Beyond this distance, float32 loses a model's form. Scaled by the unit for models larger than usual.
constexpr double kMaxLength = 1e9;

constexpr double kMaxTimeout = 1e6;  // eleven days

constexpr double kMinScale = 1e-6, kMaxScale = 1e6;

void check_is_given(CLI::Option& option) {
  option.check([](const std::string& text) { return text.empty() ? "is empty; expected a value." : ""; });
}

void add_text(CLI::App& command, const std::string& name, std::string& value, const std::string& description) {
  check_is_given(*command.add_option(name, value, description));
}

/// An option whose text `set` parses; `shown_default` is for --help.
template <class Set>
void add_parsed(CLI::App& command, const std::string& name, const char* shown_default, const std::string& description,
                const Set& set) {
  CLI::Option* option = command.add_option_function<std::string>(name, set, description);
  check_is_given(*option);
  if (*shown_default) option->default_str(shown_default);
}

CLI::Option* add_real(CLI::App& command, const std::string& name, double& value, const std::string& description) {
  const auto set = [name, &value](const std::string& text) { value = parse_real(name, text); };
  return command.add_option_function<std::string>(name, set, description)->type_name("NUMBER");
}

template <class Integer>
CLI::Option* add_integer(CLI::App& command, const std::string& name, Integer& value, const std::string& description) {
  const auto set = [name, &value](const std::string& text) { value = parse_integer(name, text); };
  return command.add_option_function<std::string>(name, set, description)->type_name("INTEGER");
}

/// The default as displayed: 25, 0.08.
std::string shown(double value) {
  std::ostringstream text;
  text << value;
  return text.str();
}

void add_framing(CLI::App& command, Framing& framing) {
  const auto add = [&](const char* name, double& value, const char* description) {
    add_real(command, name, value, description)->default_str(shown(value));
  };
  add("--fov", framing.fov, "Angle of view of the picture's shorter side, degrees");
  add("--azimuth", framing.azimuth, "Camera's turn about the model to its left, degrees");
  add("--elevation", framing.elevation, "Camera's height above the model, degrees");
  add("--margin", framing.margin, "Free part of the picture on each side of the model");
  add_real(command, "--distance", framing.distance, "Camera's distance, in the model's units; default: the model fits");
  const auto set_offset = [&framing](const std::vector<std::string>& parts) {
    for (size_t i = 0; i < 3; ++i) framing.offset[i] = parse_real("--offset", parts[i]);
  };
  command
      .add_option_function<std::vector<std::string>>("--offset", set_offset,
                                                     "Offset of the camera's target from the model's middle: X Y Z")
      ->expected(3)
      ->type_name("NUMBER");
}

/// Error unless low <= value <= high.
void check_range(const char* option, double value, double low, double high) {
  if (value < low || value > high) {
    fail(option, " is ", value, "; expected a number from ", low, " to ", high, ".");
  }
}

void check_framing(const Framing& framing) {
  check_range("--fov", framing.fov, 0.1, 179);
  check_range("--elevation", framing.elevation, -89.9, 89.9);
  check_range("--margin", framing.margin, 0, 0.49);
}

void check_background(const RenderOptions& options) {
  if (options.background) return;
  if (is_video_path(options.output)) {
    fail("--background is transparent, but a video has no alpha; expected a colour.");
  }
  if (picture_format(options.output) == PictureFormat::kJpeg) {
    fail("--background is transparent, but JPEG has no alpha; expected a colour, or a .png.");
  }
}

/// Options of a take require one.
void check_take_options(const RenderOptions& options) {
  check_range("--scale", options.scale, kMinScale, kMaxScale);
  if (!options.coefficients.empty()) return;
  const auto reject = [](const char* option) { fail(option, " needs a take; expected --coefficients with it."); };
  if (options.start != 0) reject("--start");
  if (options.end) reject("--end");
  if (options.take_fps) reject("--take-fps");
  if (!options.map.empty()) reject("--map");
  if (options.scale != 1) reject("--scale");
}

/// Reported before the work begins: a system that runs out of memory may end any program.
void check_memory(const PictureSize& size, int64_t samples) {
  constexpr double kGiB = 1 << 30;
  const double needed = picture_bytes({size.height, size.width, samples});
  const MemoryLimit limit = memory_limit();
  if (needed <= limit.bytes) return;
  fail("--size ", size.width, "x", size.height, " with ", samples, " samples per pixel takes ",
       std::ceil(needed / kGiB), " GiB of memory, and ",
       limit.is_of_group ? "this process may have " : "this machine has ", std::floor(limit.bytes / kGiB * 10) / 10,
       " GiB; expected a smaller picture or fewer samples.");
}

}  // namespace

void add_render_options(CLI::App& command, RenderOptions& options) {
  add_text(command, "model", options.model,
           "A folder of OBJ files, .glb, .gltf, .vrm, .safetensors, .obj, or `demo`, the built-in head");
  command.get_option("model")->required();
  add_text(command, "-c,--coefficients", options.coefficients,
           "A take: .csv, .txt, .json, .npy, .safetensors, Live Link .packets or .gesichter, or `demo`");
  command.add_option_function<std::string>(
      "--set", [&options](const std::string& text) { options.set = parse_assignments(text); },
      "Coefficients for every frame: jawOpen=0.7,eyeBlinkLeft=1");
  add_text(command, "-o,--output", options.output, "FILE.png or .jpg, frames/%05d.png, or FILE.mp4, .mov or .mkv");
  command.get_option("--output")->required();
  add_parsed(command, "--size", "512", "Side, or WIDTHxHEIGHT, in pixels",
             [&options](const std::string& text) { options.size = parse_size(text); });
  add_parsed(command, "--fps", "", "Frame rate of the output: 30, 29.97, 30000/1001; default: the take's",
             [&options](const std::string& text) { options.fps = parse_frame_rate(text, "--fps"); });
  add_parsed(command, "--take-fps", "", "Frame rate of the take; overrides its file",
             [&options](const std::string& text) { options.take_fps = parse_frame_rate(text, "--take-fps"); });
  add_text(command, "--map", options.map, "A file of two columns: names in the take, names in the model");
  add_real(command, "--scale", options.scale, "Multiplies the take's coefficients; 0.01 for percentages")
      ->default_str("1");
  add_integer(command, "--start", options.start, "First frame of the take, from 0")->default_str("0");
  add_integer(command, "--end", options.end, "End frame of the take, excluded; default: its end");
  add_integer(command, "--samples", options.samples, "Samples per pixel: 1, 4 or 16")->default_str("4");
  add_parsed(command, "--background", "#30343a", "#rrggbb, white, black, gray or transparent",
             [&options](const std::string& text) { options.background = parse_background(text); });
  add_parsed(
      command, "--shading", "white",
      "white, textured (the model's colours and textures), normals (x, y, z as red, green, blue) or depth (near is "
      "bright)",
      [&options](const std::string& text) { options.shading = parse_shading(text); });
  add_parsed(command, "--device", "auto", "cpu, cuda, or auto (cuda if a GPU can be used, else cpu)",
             [&options](const std::string& text) { options.device = parse_device(text); });
  add_text(command, "--audio", options.audio, "A WAV file for the video");
  add_framing(command, options.framing);
  add_parsed(command, "--frame", "auto",
             "What the camera frames: head, all, or auto (the head of a model with a body, else all)",
             [&options](const std::string& text) { options.frame = parse_framed_part(text); });
  add_parsed(command, "--hide", "auto", "Groups not drawn: NAME,NAME, none, or auto (shells over the eyes, lashes)",
             [&options](const std::string& text) { options.hide = parse_hidden_groups(text); });
  add_real(command, "--timeout", options.timeout, "Under torchrun: seconds that processes wait for each other")
      ->default_str("300");
  command.add_flag("--still", options.still, "Ignores the take's head and eye rotations");
  command.add_flag("-q,--quiet", options.quiet, "No report, no progress");
}

void check_render_options(const RenderOptions& options) {
  check_framing(options.framing);
  check_background(options);
  check_take_options(options);
  if (options.samples != 1 && options.samples != 4 && options.samples != 16) {
    fail("--samples is ", options.samples, "; expected 1, 4 or 16.");
  }
  check_range("--timeout", options.timeout, 1, kMaxTimeout);
  check_memory(options.size, options.samples);
}

void check_lengths(const Framing& framing, double unit) {
  const double most = kMaxLength * std::max(unit, 1.0);
  check_range("--distance", framing.distance, 0, most);
  for (const double part : framing.offset) check_range("--offset", part, -most, most);
}

}  // namespace bisque::cli
