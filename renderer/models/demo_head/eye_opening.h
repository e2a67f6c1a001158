// Internal. The lids of the demo head's left eye.
#pragma once
#include <vector>

#include <bisque/renderer/models/demo_head/half_mesh.h>

namespace bisque::demo {

// The curves run from the inner corner (along = 0) to the outer one (along = 1), seen from the front.

/// The edge of a lid.
Vec2 lid_margin(bool upper, double along);

/// The fold that limits the sliding of a lid: the crease above, the rim of the socket below.
Vec2 lid_crease(bool upper, double along);

/// Adds the rings from `perimeter` to the lids' edge and behind them. The perimeter is a closed loop of vertices that
/// starts in the middle of its inner side and runs up and over to the outer side.
void add_eye_opening(HalfMesh& mesh, const std::vector<int32_t>& perimeter);

}  // namespace bisque::demo
