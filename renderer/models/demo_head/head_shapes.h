// Internal. The 52 ARKit shapes of the demo head.
#pragma once
#include <span>
#include <vector>

#include <bisque/renderer/models/demo_head/half_mesh.h>

namespace bisque::demo {

/// A vertex as the shapes see it, on either half.
struct Spot {
  Vec3 p;
  Place place;
  double jaw;    // how far it goes with the jaw, 0 to 1
  double lip;    // how close to the lips it is, 0 to 1
  double upper;  // 1 above the mouth, 0 below, in between around its corners
};

Spot make_spot(const Vec3& p, const Place& place);

/// A shape: what a vertex moves by at weight 1. A mirrored one is the shape of the other side.
struct Shape {
  const char* name;
  Vec3 (*offset)(const Spot&);
  bool mirrored;
};

/// The 52 shapes in ARKit's order.
std::span<const Shape> arkit_shapes();

}  // namespace bisque::demo
