// Internal. The left half of the demo head's skin: a grid around the head with rings of edges about the eye and the
// mouth.
#pragma once
#include <bisque/renderer/models/demo_head/half_mesh.h>

namespace bisque::demo {

/// Adds the skin with its lids, lips, mouth cavity and closed neck.
void add_skin(HalfMesh& mesh);

}  // namespace bisque::demo
