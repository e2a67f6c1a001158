// Selects the groups of a model that are drawn. Free of libtorch.
#pragma once
#include <string>
#include <vector>

#include <bisque/renderer/models/blendshape_data.h>

namespace bisque {

/// Groups that are transparent on a real face and would hide what is below them on a white model, found by name: the
/// shells over the eyes (ICT: M_EyeOcclusion, M_LacrimalFluid, M_EyeBlend) and hair cards (M_EyeLashes).
std::vector<std::string> transparent_groups(const BlendshapeData& model);

/// The model without the faces of these groups; its verts and shapes remain. Error: a name that is not a group of the
/// model.
BlendshapeData without_groups(const BlendshapeData& model, const std::vector<std::string>& names);

}  // namespace bisque
