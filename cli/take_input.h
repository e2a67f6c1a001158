// The take of bisque render: reading, binding to the model, and the report.
#pragma once
#include <string>

#include <bisque/renderer/models/blendshape_data.h>
#include <bisque/renderer/takes/binding.h>
#include <bisque/renderer/takes/take.h>

#include "cli/render_options.h"

namespace bisque::cli {

/// The take of --coefficients, at the rate of --take-fps.
Take load_take(const RenderOptions& options);

/// Binds a take to the shapes of a model, by the names of --map first; --scale multiplies the shapes' weights. Error:
/// no name in common.
Binding bind_take(const Take& take, const BlendshapeData& model, const RenderOptions& options);

/// What was read, repaired and bound, one line each.
std::string take_report(const Take& take, const Binding& binding, const RenderOptions& options);

}  // namespace bisque::cli
