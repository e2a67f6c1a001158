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

/// Appends the n - 2 triangles of a counterclockwise polygon of n >= 3 corners, as numbers of corners; each triangle
/// lists its corners in the polygon's order. Corners may coincide, as where a slit leads to a hole. A polygon that
/// crosses itself has no triangulation; it still becomes n - 2 triangles.
/// `steps` is how many corners and grid cells may be visited; those that were are subtracted. Returns false where they
/// did not suffice: the rest of the polygon is then a fan.
bool clip_ears(std::span<const Point2> polygon, int64_t& steps, std::vector<std::array<int32_t, 3>>& triangles);

}  // namespace bisque
