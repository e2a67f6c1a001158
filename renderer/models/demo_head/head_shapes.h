// Internal. The 52 ARKit shapes of the demo head.
#pragma once
#include <span>
#include <vector>

#include <bisque/renderer/models/demo_head/half_mesh.h>

namespace bisque::demo {

/// A vertex as input of the shapes, on either half.
struct Spot {
  Vec3 p;
  Place place;
  double jaw;    // weight for the jaw, 0 to 1
  double lip;    // closeness to the lips, 0 to 1
  double upper;  // 1 above the mouth, 0 below, in between around its corners
};

Spot make_spot(const Vec3& p, const Place& place);

/// A shape: the displacement of a vertex at weight 1. A mirrored one is the shape of the other side.
struct Shape {
  const char* name;
  Vec3 (*offset)(const Spot&);
  bool mirrored;
};

/// The 52 shapes in ARKit's order.
std::span<const Shape> arkit_shapes();

}  // namespace bisque::demo
