// Coefficients by name that replace those of a take.
#pragma once
#include <string>
#include <utility>
#include <vector>

#include <bisque/renderer/models/blendshape_data.h>

namespace bisque {

/// Coefficients [S] of the shapes that `values` names, in any spelling that bind_by_name resolves, and NaN for the
/// other shapes. A whole name sets both halves of a model that splits it; a half sets its half of a whole shape. Error:
/// a name that is not a shape of the model, is an angle or a corrective shape; a shape that is set twice. In messages
/// `where` is the list and `model_name` the model.
std::vector<float> override_coefficients(const std::vector<std::pair<std::string, float>>& values,
                                         const BlendshapeData& model,
                                         const std::string& where = "The list of overrides",
                                         const std::string& model_name = "the model");

}  // namespace bisque
