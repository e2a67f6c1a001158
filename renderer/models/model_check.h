// Internal. The invariants of every blendshape model.
#pragma once
#include <string>

#include <bisque/renderer/models/blendshape_data.h>

namespace bisque {

/// Error, prefixed with `where`: a size that does not match, an index out of range, deltas out of order, a value that
/// is not finite, a texture of a material that is not there, normal_verts that do not refer to the first vertex of each
/// seam, head weights outside [0, 1], a name that appears twice, a corrective without factors or with itself as a
/// factor.
void check_model(const BlendshapeData& model, const std::string& where);

}  // namespace bisque
