#include "cli/take_input.h"

#include <optional>
#include <set>

#include <bisque/core/error.h>
#include <bisque/renderer/takes/demo_take.h>
#include <bisque/renderer/takes/large_values.h>
#include <bisque/renderer/takes/name_map.h>
#include <bisque/renderer/takes/read_take.h>

namespace bisque::cli {

Take load_take(const RenderOptions& options) {
  if (options.coefficients != "demo") return read_take(options.coefficients, options.take_fps);
  Take take = make_demo_take();
  take.rate = options.take_fps.value_or(take.rate);
  return take;
}

Binding bind_take(const Take& take, const BlendshapeData& model, const RenderOptions& options) {
  const NameMap map = options.map.empty() ? NameMap() : read_name_map(options.map);
  Binding binding = bind_by_name(take.names, model.shape_names, corrective_shapes(model), map);
  if (binding.bound.empty() && !binding.model_lacks.empty()) {
    fail(options.coefficients, " and ", options.model,
         " have no shape name in common; expected ARKit's names or another known spelling in both, or --map FILE.");
  }
  for (BoundShape& bound : binding.bound) bound.weight *= static_cast<float>(options.scale);
  return binding;
}

std::string take_report(const Take& take, const Binding& binding, const RenderOptions& options) {
  std::string text = "take: " + std::to_string(take.num_frames) + " frames at " + frame_rate_text(take.rate) + " Hz";
  if (take.rate_is_guess) text += " (assumed, as the file does not give a rate; --take-fps changes it)";
  if (take.filled > 0) text += ", " + std::to_string(take.filled) + " of them filled in between rows";
  if (shared_rows(take) > 0)
    text += ", " + std::to_string(shared_rows(take)) + " rows replaced by a later one of their frame";
  text += "\n";
  for (const std::string& note : take.notes) text += "note: " + note + "\n";
  std::set<int64_t> columns;
  for (const BoundShape& bound : binding.bound) columns.insert(bound.column);
  const std::vector<int64_t> list(columns.begin(), columns.end());
  if (const std::string note = large_values_note(take, list, options.scale); !note.empty()) {
    text += "warning: " + note + "\n";
  }
  return text + binding_report(binding);
}

}  // namespace bisque::cli
