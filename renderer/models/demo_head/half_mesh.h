// Internal. One half of the demo head's mesh during construction.
#pragma once
#include <array>
#include <cstdint>
#include <vector>

#include <bisque/renderer/models/demo_head/shaping.h>

namespace bisque::demo {

// The skin's parts come first, then the mouth cavity, then the separate parts.
enum class Part : uint8_t {
  kSkin,
  kUpperLid,
  kLowerLid,
  kUpperLip,
  kLowerLip,
  kUpperMouth,
  kLowerMouth,
  kEar,
  kEyeball,
  kUpperTeeth,
  kLowerTeeth,
  kTongue
};

enum Group : uint8_t { kFace, kEars, kGumsTongue, kTeeth, kSclera, kIris };

/// The position of a vertex within its part, for the shapes.
struct Place {
  Part part = Part::kSkin;
  double along = 0;  // lids: 0 at the inner corner, 1 at the outer; lips and mouth: 0 on the midline, 1 at the corner
  // Lids: 0 at the margin, 1 at the crease, negative inside. Lips: 0 at the border, 1 where they meet, negative on the
  // skin. Mouth: 0 where the lips meet, 1 at the throat. Tongue: 0 at the root, 1 at the tip.
  double across = 0;
};

/// One half (x >= 0) of a mirror symmetric mesh; vertices on the midline have x = 0 exactly.
struct HalfMesh {
  std::vector<Vec3> verts;
  std::vector<Place> places;                  // [verts]
  std::vector<std::array<int32_t, 3>> faces;  // counter-clockwise from outside
  std::vector<Group> groups;                  // [faces]
  std::vector<std::array<int32_t, 2>> edges;  // the sides of the quads, repeated once per quad

  int32_t add_vert(const Vec3& position, const Place& place);
  void add_face(int32_t a, int32_t b, int32_t c, Group group);
  void add_quad(int32_t a, int32_t b, int32_t c, int32_t d, Group group);
  /// A quad next to the midline, in a grid's row: diagonals alternate there. Otherwise they would all run to the
  /// midline on both sides, and tilt the normals along it.
  void add_midline_quad(int row, int32_t a, int32_t b, int32_t c, int32_t d, Group group);
};

}  // namespace bisque::demo
