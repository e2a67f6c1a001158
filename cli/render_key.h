// What determines the pictures of a render.
#pragma once
#include <cstdint>
#include <string>

#include <bisque/renderer/animation/animation.h>
#include <bisque/renderer/mesh/white_model_renderer.h>

#include "cli/render_options.h"

namespace bisque::cli {

/// A sum over everything that determines the pictures and their files: the renderer on the CPU, all coefficients and
/// angles, and the options. Two renders with equal keys write the same bytes, wherever their input comes from.
std::string render_key(const WhiteModelRenderer& renderer, const BlendshapeData& data, const Animation& animation,
                       FrameRate rate, int64_t num_frames, at::Device device, const RenderOptions& options);

}  // namespace bisque::cli
