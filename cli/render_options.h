// The options of bisque render and their valid values.
#pragma once
#include <CLI/CLI.hpp>

#include <cstdint>
#include <optional>
#include <string>

#include <bisque/renderer/cameras/cameras.h>
#include <bisque/renderer/mesh/blendshape_model.h>

#include "cli/values.h"

namespace bisque::cli {

struct RenderOptions {
  std::string model, coefficients, set, output, audio, fps, take_fps, map;
  std::string size = "512", background = "#30343a", hide = "auto", frame = "auto";
  int64_t start = 0;
  std::optional<int64_t> end;
  int64_t samples = 4;
  double scale = 1;  // factor of the take's coefficients
  Framing framing;
  bool still = false, quiet = false;
};

/// Adds the options to the command, which fills `options` when it is parsed. Invalid numbers are an Error.
void add_render_options(CLI::App& command, RenderOptions& options);

/// The memory that rendering a frame takes.
double frame_bytes(const Size& size, int64_t samples);

/// Error: a value out of range, an option that requires another one. Does not access files.
void check_render_options(const RenderOptions& options);

/// The value of --frame. Error: another word.
FramedPart framed_part(const RenderOptions& options);

/// Error: a length so much larger than the model, whose size is near `unit`, that float32 loses the model.
void check_lengths(const Framing& framing, double unit);

}  // namespace bisque::cli
