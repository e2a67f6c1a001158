#include <bisque/renderer/animation/overrides.h>

#include <cmath>
#include <cstdint>
#include <limits>
#include <set>

#include <bisque/core/error.h>
#include <bisque/core/serialization/text.h>
#include <bisque/renderer/takes/binding.h>

namespace bisque {
namespace {

[[noreturn]] void fail_unknown_shape(const std::string& name, const BlendshapeData& model, const std::string& where,
                                     const std::string& model_name) {
  if (resolve_shape_name(name).angle >= 0) {
    fail(where, " has \"", name, "\", which is an angle; expected a shape, because angles come only from a take.");
  }
  const auto nearest = nearest_names(name, model.shape_names);
  fail(where, " has \"", name, "\", which is not a shape of ", model_name,
       nearest.empty() ? "; it has no shapes." : "; the nearest are " + comma_list(nearest) + ".");
}

}  // namespace

std::vector<float> override_coefficients(const std::vector<std::pair<std::string, float>>& values,
                                         const BlendshapeData& model, const std::string& where,
                                         const std::string& model_name) {
  std::vector<float> overrides(model.shape_names.size(), std::numeric_limits<float>::quiet_NaN());
  const std::vector<int32_t> correctives = corrective_shapes(model);
  std::set<std::pair<int64_t, ShapeHalf>> driven;
  for (const auto& [name, value] : values) {
    const Binding binding = bind_by_name({name}, model.shape_names, correctives);
    if (!binding.corrective_columns.empty()) {
      fail(where, " has \"", name, "\", which other shapes of ", model_name, " drive; expected one of those.");
    }
    if (binding.bound.empty()) fail_unknown_shape(name, model, where, model_name);
    for (const auto& [column, shape, weight] : binding.bound) {
      // Two halves may share a whole shape; anything else may be set only once.
      const ShapeHalf half = weight < 1 ? resolve_shape_name(name).half : ShapeHalf::kWhole;
      const bool is_first = std::isnan(overrides[shape]);
      if (!driven.emplace(shape, half).second ||
          (!is_first && (weight == 1 || driven.contains({shape, ShapeHalf::kWhole})))) {
        fail(where, " sets the shape \"", model.shape_names[shape], "\" twice; expected one value.");
      }
      overrides[shape] = (is_first ? 0 : overrides[shape]) + weight * value;
    }
  }
  return overrides;
}

}  // namespace bisque
