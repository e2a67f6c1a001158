#include <bisque/renderer/models/demo_head.h>

#include <cstring>
#include <optional>

#include <gtest/gtest.h>

#include <bisque/renderer/models/blendshape_data.h>
#include <bisque/renderer/models/eyeballs.h>
#include <bisque/tests/renderer/models/demo_head_probe.h>

namespace bisque {
namespace {

using namespace demo_head_probe;

TEST(DemoHead, IsAHeadOfCentimetresLookingAlongZ) {
  EXPECT_GE(head().num_verts(), 3000);
  std::set<int32_t> all;
  for (int32_t v = 0; v < head().num_verts(); ++v) all.insert(v);
  const Bounds box = bounds(all);
  EXPECT_NEAR(box.high[1] - box.low[1], 27.5, 1.5);  // with the neck
  EXPECT_NEAR(box.high[0] - box.low[0], 16.5, 1.5);
  const Landmarks marks = find_landmarks();
  EXPECT_GT(marks.left_eye[0], 2.5);
  EXPECT_GT(marks.nose_tip[2], marks.left_eye[2] + 2);
  EXPECT_LT(marks.mouth[1], marks.nose_tip[1] - 1);
  EXPECT_LT(marks.left_ear[2], 1);
}

TEST(DemoHead, ArraysFitTogether) {
  const MeshData& mesh = head();
  ASSERT_EQ(mesh.verts.size() % 3, 0u);
  ASSERT_EQ(mesh.face_groups.size(), static_cast<size_t>(mesh.num_faces()));
  ASSERT_EQ(mesh.uv_faces.size(), mesh.faces.size());
  for (const float value : mesh.verts) ASSERT_TRUE(std::isfinite(value));
  for (const float value : mesh.uvs) ASSERT_TRUE(value >= 0 && value <= 1);
  for (const int32_t v : mesh.faces) ASSERT_TRUE(v >= 0 && v < mesh.num_verts());
  for (const int32_t t : mesh.uv_faces) ASSERT_TRUE(t >= 0 && t < static_cast<int32_t>(mesh.uvs.size() / 2));
  for (const int32_t g : mesh.face_groups) ASSERT_TRUE(g >= 0 && g < static_cast<int32_t>(mesh.group_names.size()));
  for (const MorphTarget& morph : mesh.morphs) {
    ASSERT_EQ(morph.offsets.size(), 3 * morph.verts.size());
    for (size_t i = 1; i < morph.verts.size(); ++i) ASSERT_LT(morph.verts[i - 1], morph.verts[i]);
    ASSERT_LT(morph.verts.back(), mesh.num_verts());
  }
}

TEST(DemoHead, NoUvTriangleSpansTheCut) {
  for (int64_t f = 0; f < head().num_faces(); ++f) {
    float low = 1, high = 0;
    for (int k = 0; k < 3; ++k) {
      const float u = head().uvs[2 * head().uv_faces[3 * f + k]];
      low = std::min(low, u);
      high = std::max(high, u);
    }
    ASSERT_LE(high - low, 0.5f) << "face " << f;
  }
}

TEST(DemoHead, NeutralIsMirrorSymmetric) {
  const std::vector<int32_t> mirror = mirror_map();
  for (int32_t v = 0; v < head().num_verts(); ++v) {
    ASSERT_GE(mirror[v], 0) << "vertex " << v << " has no mirror image, or shares its place";
    ASSERT_EQ(vert(head().verts, mirror[v]), mirrored(vert(head().verts, v)));
    ASSERT_EQ(mirror[mirror[v]], v);
  }
}

TEST(DemoHead, ClosedLipsDoNotCross) {
  // Upwards through both lips, a line must leave one before it enters the other.
  const Landmarks marks = find_landmarks();
  const LineCaster caster(head().verts, 1);
  int crossings = 0;
  for (double x = 0.013; x < 2.2; x += 0.09) {
    for (double z = marks.mouth[2] - 0.2; z < marks.mouth[2] + 2; z += 0.07) {
      std::optional<bool> facing;
      for (const Hit& hit : caster.hits({x, 0, z})) {
        if (hit.along > marks.nose_tip[1] - 1.2 || hit.along < marks.mouth[1] - 3 || group_of(hit) != "M_Face")
          continue;
        if (facing) {
          ASSERT_NE(*facing, hit.facing) << "at x " << x << ", y " << hit.along << ", z " << z;
        }
        facing = hit.facing;
        ++crossings;
      }
    }
  }
  EXPECT_GT(crossings, 300);
}

TEST(DemoHead, ShowsNoTeethOrTongueWithItsMouthShut) {
  const LineCaster caster(head().verts, 2);
  for (double x = -3.003; x < 3; x += 0.11) {
    for (double y = -11.03; y < -4; y += 0.11) {
      const std::vector<Hit> hits = caster.hits({x, y, 0});
      ASSERT_FALSE(hits.empty());
      ASSERT_NE(group_of(hits[0]), "M_Teeth") << x << ", " << y;
      ASSERT_NE(group_of(hits[0]), "M_GumsTongue") << x << ", " << y;
    }
  }
}

TEST(DemoHead, ShowsNoHole) {
  // Whatever is met first, from six sides, neutral or with its mouth wide open, is met from its outside.
  for (const std::vector<float>& verts :
       {head().verts, posed({{"jawOpen", 1}}), posed({{"eyeBlinkLeft", 1}, {"tongueOut", 1}})}) {
    for (int axis = 0; axis < 3; ++axis) {
      const LineCaster caster(verts, axis);
      for (double u = -17.003; u < 13; u += 0.31) {
        for (double v = -17.007; v < 13; v += 0.31) {
          Point at{};
          at[(axis + 1) % 3] = u;
          at[(axis + 2) % 3] = v;
          const std::vector<Hit> hits = caster.hits(at);
          if (hits.empty()) continue;
          ASSERT_TRUE(hits.front().facing) << "axis " << axis << " at " << u << ", " << v;
          ASSERT_FALSE(hits.back().facing) << "axis " << axis << " at " << u << ", " << v;
        }
      }
    }
  }
}

TEST(DemoHead, HasNoDegenerateTriangle) {
  for (int64_t f = 0; f < head().num_faces(); ++f) {
    std::array<Point, 3> corner;
    for (int k = 0; k < 3; ++k) corner[k] = vert(head().verts, head().faces[3 * f + k]);
    const double area = length(cross(corner[1] - corner[0], corner[2] - corner[0])) / 2;
    ASSERT_GT(area, 1e-6) << "face " << f << " of group " << head().group_names[head().face_groups[f]] << " at "
                          << corner[0][0] << ", " << corner[0][1] << ", " << corner[0][2];
  }
}

TEST(DemoHead, EveryEdgeHasAtMostOneFaceOnEachSide) {
  std::set<std::pair<int32_t, int32_t>> directed;
  for (int64_t f = 0; f < head().num_faces(); ++f) {
    for (int k = 0; k < 3; ++k) {
      const bool fresh = directed.emplace(head().faces[3 * f + k], head().faces[3 * f + (k + 1) % 3]).second;
      ASSERT_TRUE(fresh) << "face " << f;
    }
  }
}

TEST(DemoHead, EyeballsAreClosedBallsOfTheirOwn) {
  for (const std::string side : {"Left", "Right"}) {
    const std::vector<std::string> groups{"M_Sclera" + side, "M_Iris" + side};
    const std::set<int32_t> verts = group_verts(groups);
    std::set<std::pair<int32_t, int32_t>> directed;
    for (int64_t f = 0; f < head().num_faces(); ++f) {
      const bool ours = head().face_groups[f] == group(groups[0]) || head().face_groups[f] == group(groups[1]);
      for (int k = 0; k < 3; ++k) {
        const int32_t a = head().faces[3 * f + k];
        if (ours) directed.emplace(a, head().faces[3 * f + (k + 1) % 3]);
        if (!ours) {
          ASSERT_FALSE(verts.contains(a));
        }
      }
    }
    for (const auto& [a, b] : directed) ASSERT_TRUE(directed.contains({b, a}));
    const Bounds box = bounds(verts);
    const Point centre = box.centre();
    const double radius = (box.high[1] - box.low[1]) / 2;
    for (const int32_t v : group_verts({groups[0]})) {
      const Point p = vert(head().verts, v) - centre;
      ASSERT_LT(length(p), 1.001 * radius);
      if (p[2] > 0) {
        ASSERT_GT(length(p), 0.9 * radius);  // the step down to the iris
      }
    }
    for (const int32_t v : group_verts({groups[1]})) ASSERT_LT(length(vert(head().verts, v) - centre), radius);
    EXPECT_GT(bounds(group_verts({groups[1]})).centre()[2], centre[2] + 0.5 * radius);
    EXPECT_EQ(centre[0] > 0, side == "Left");
  }
}

TEST(DemoHead, EyeballsTurnAboutTheirOwnCentre) {
  const BlendshapeData model = make_blendshapes(make_demo_head());
  for (const Side side : {Side::kLeft, Side::kRight}) {
    const std::optional<Eyeball> eyeball = find_eyeball(model, side);
    ASSERT_TRUE(eyeball);
    // The widest ring is in the plane of the centre.
    Point widest{};
    double most = 0;
    for (const int64_t v : eyeball->verts) {
      const Point p = vert(head().verts, static_cast<int32_t>(v));
      if (p[1] > most) {
        most = p[1];
        widest = p;
      }
    }
    EXPECT_NEAR(eyeball->center[0], widest[0], 1e-4);
    EXPECT_NEAR(eyeball->center[1], 0, 1e-4);
    EXPECT_NEAR(eyeball->center[2], widest[2], 1e-4);
  }
}

TEST(DemoHead, IsTheSameEveryTime) {
  const MeshData a = make_demo_head();
  const MeshData b = make_demo_head();
  const auto same = [](const std::vector<float>& x, const std::vector<float>& y) {
    return x.size() == y.size() && std::memcmp(x.data(), y.data(), x.size() * sizeof(float)) == 0;
  };
  EXPECT_TRUE(same(a.verts, b.verts));
  EXPECT_TRUE(same(a.uvs, b.uvs));
  EXPECT_EQ(a.faces, b.faces);
  ASSERT_EQ(a.morphs.size(), b.morphs.size());
  for (size_t s = 0; s < a.morphs.size(); ++s) {
    EXPECT_EQ(a.morphs[s].name, b.morphs[s].name);
    EXPECT_EQ(a.morphs[s].verts, b.morphs[s].verts);
    EXPECT_TRUE(same(a.morphs[s].offsets, b.morphs[s].offsets));
  }
}

TEST(DemoHead, IsTheSameOnEveryMachine) {
  // FNV-1a over all that a model is made of. Whoever changes the sculpt takes over the new value from the failure.
  uint64_t hash = 0xcbf29ce484222325;
  const auto add = [&hash](const auto& values) {
    const auto* bytes = reinterpret_cast<const unsigned char*>(values.data());
    for (size_t i = 0; i < values.size() * sizeof(values[0]); ++i) hash = (hash ^ bytes[i]) * 0x100000001b3;
  };
  add(head().verts);
  add(head().faces);
  add(head().uvs);
  for (const MorphTarget& morph : head().morphs) {
    add(morph.verts);
    add(morph.offsets);
  }
  EXPECT_EQ(hash, 0xc7159faba58d2707u) << std::hex << hash;
}

}  // namespace
}  // namespace bisque
