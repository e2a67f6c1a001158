// Internal. The separate parts of the demo head, left half.
#pragma once
#include <bisque/renderer/models/demo_head/half_mesh.h>

namespace bisque::demo {

/// A closed ball that looks along +Z, with a dished iris and a pupil cut into it.
void add_eyeball(HalfMesh& mesh);

/// The ear, which is open only inside the head.
void add_ear(HalfMesh& mesh);

/// Both rows of teeth, the gums and the tongue.
void add_mouth_parts(HalfMesh& mesh);

}  // namespace bisque::demo
