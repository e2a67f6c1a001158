// Internal. The lips of the demo head and the mouth cavity behind them, left half.
#pragma once
#include <vector>

#include <bisque/renderer/models/demo_head/half_mesh.h>

namespace bisque::demo {

// The curves run from the midline (along = 0) to the corner of the mouth (along = 1), seen from the front.

/// The border between lip and skin.
Vec2 lip_border(bool upper, double along);

/// The line where the closed lips meet.
Vec2 lip_seam(double along);

/// Adds the rings from `perimeter` over the lips and into the mouth. The perimeter is a half loop of vertices that
/// starts on the midline above the mouth and ends on the midline below.
void add_mouth_opening(HalfMesh& mesh, const std::vector<int32_t>& perimeter);

}  // namespace bisque::demo
