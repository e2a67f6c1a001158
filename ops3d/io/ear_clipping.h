// Internal. Triangulation of one polygon in the plane.
#pragma once
#include <array>
#include <cstdint>
#include <span>
#include <vector>

namespace bisque {

struct Point2 {
  double x = 0;
  double y = 0;
};

/// Appends the n - 2 triangles of a counterclockwise polygon of n >= 3 corners, as corner numbers; each triangle lists
/// its corners in the polygon's order. Corners may coincide, for example where a slit leads to a hole. A
/// self-intersecting polygon has no triangulation, but still becomes n - 2 triangles. `steps` is the number of corners
/// and grid cells that may be visited; the visited ones are subtracted. Returns false if they were not sufficient: the
/// rest of the polygon is then a fan.
bool clip_ears(std::span<const Point2> polygon, int64_t& steps, std::vector<std::array<int32_t, 3>>& triangles);

}  // namespace bisque
