// The options of bisque render and their valid values.
#pragma once
#include <CLI/CLI.hpp>

#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include <bisque/renderer/cameras/fit_camera.h>
#include <bisque/renderer/mesh/blendshape_model.h>
#include <bisque/renderer/takes/take.h>

#include "cli/values.h"

namespace bisque::cli {

struct RenderOptions {
  std::string model, coefficients, output, audio, map;
  std::vector<std::pair<std::string, float>> set;
  std::optional<FrameRate> fps, take_fps;
  PictureSize size;
  std::optional<Color> background = Color{48 / 255.0f, 52 / 255.0f, 58 / 255.0f};  // nothing: transparent
  std::optional<std::vector<std::string>> hide;                                    // nothing: what is transparent
  FramedPart frame = FramedPart::kAuto;
  DeviceChoice device = DeviceChoice::kAuto;
  Shading shading = Shading::kWhite;
  int64_t start = 0;
  std::optional<int64_t> end;
  int64_t samples = 4;
  double scale = 1;      // factor of the take's coefficients
  double timeout = 300;  // seconds that the ranks of torchrun wait for each other
  Framing framing;
  bool still = false, quiet = false;
};

/// Adds the options to the command, which fills `options` when it is parsed. Error: an invalid value of an
/// option.
void add_render_options(CLI::App& command, RenderOptions& options);

/// Error: a value out of range, an option that requires another one. Does not access files.
void check_render_options(const RenderOptions& options);

/// Error: a length so much larger than the model, whose size is near `unit`, that float32 loses the model.
void check_lengths(const Framing& framing, double unit);

}  // namespace bisque::cli
