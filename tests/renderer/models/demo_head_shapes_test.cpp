#include <bisque/renderer/models/demo_head.h>

#include <functional>

#include <gtest/gtest.h>

#include <bisque/tests/renderer/models/demo_head_probe.h>

namespace bisque {
namespace {

using namespace demo_head_probe;

TEST(DemoHeadShapes, HasExactlyThe52ArkitShapes) {
  const std::set<std::string> expected{"eyeBlinkLeft",      "eyeLookDownLeft",    "eyeLookInLeft",
                                       "eyeLookOutLeft",    "eyeLookUpLeft",      "eyeSquintLeft",
                                       "eyeWideLeft",       "eyeBlinkRight",      "eyeLookDownRight",
                                       "eyeLookInRight",    "eyeLookOutRight",    "eyeLookUpRight",
                                       "eyeSquintRight",    "eyeWideRight",       "jawForward",
                                       "jawLeft",           "jawRight",           "jawOpen",
                                       "mouthClose",        "mouthFunnel",        "mouthPucker",
                                       "mouthLeft",         "mouthRight",         "mouthSmileLeft",
                                       "mouthSmileRight",   "mouthFrownLeft",     "mouthFrownRight",
                                       "mouthDimpleLeft",   "mouthDimpleRight",   "mouthStretchLeft",
                                       "mouthStretchRight", "mouthRollLower",     "mouthRollUpper",
                                       "mouthShrugLower",   "mouthShrugUpper",    "mouthPressLeft",
                                       "mouthPressRight",   "mouthLowerDownLeft", "mouthLowerDownRight",
                                       "mouthUpperUpLeft",  "mouthUpperUpRight",  "browDownLeft",
                                       "browDownRight",     "browInnerUp",        "browOuterUpLeft",
                                       "browOuterUpRight",  "cheekPuff",          "cheekSquintLeft",
                                       "cheekSquintRight",  "noseSneerLeft",      "noseSneerRight",
                                       "tongueOut"};
  ASSERT_EQ(expected.size(), 52u);
  std::set<std::string> names;
  for (const MorphTarget& morph : head().morphs) names.insert(morph.name);
  EXPECT_EQ(names, expected);
  EXPECT_EQ(head().morphs.size(), 52u);
}

TEST(DemoHeadShapes, EveryShapeMovesSomethingAndNothingTooFar) {
  for (const MorphTarget& morph : head().morphs) {
    double furthest = 0;
    for (size_t i = 0; i < morph.verts.size(); ++i) {
      const double move = length(vert(morph.offsets, static_cast<int32_t>(i)));
      ASSERT_TRUE(std::isfinite(move)) << morph.name;
      furthest = std::max(furthest, move);
    }
    EXPECT_GT(furthest, 0.1) << morph.name;
    EXPECT_LT(furthest, 5.0) << morph.name;
  }
}

std::string other_side(std::string name) {
  if (name.ends_with("Left")) return name.replace(name.size() - 4, 4, "Right");
  if (name.ends_with("Right")) return name.replace(name.size() - 5, 5, "Left");
  return name;
}

TEST(DemoHeadShapes, LeftAndRightShapesMirrorEachOther) {
  const std::vector<int32_t> mirror = mirror_map();
  for (const MorphTarget& morph : head().morphs) {
    const std::vector<float> here = posed({{morph.name, 1}});
    const std::vector<float> there = posed({{other_side(morph.name), 1}});
    for (int32_t v = 0; v < head().num_verts(); ++v) {
      const Point gap = vert(there, mirror[v]) - mirrored(vert(here, v));
      ASSERT_LT(length(gap), 1e-5) << morph.name << ", vertex " << v;
    }
  }
}

/// Where a shape may move vertices, from the landmarks of the neutral face.
struct Region {
  std::function<bool(const Point&)> allowed;
  Point core;  // its largest motion is within core_radius of this
  double core_radius;
};

std::map<std::string, Region> left_regions() {
  const Landmarks marks = find_landmarks();
  const Point eye = marks.left_eye;
  const Point tip = marks.nose_tip;
  const Point mouth = marks.mouth;
  const Point corner = mouth + Point{2.4, 0, -0.6};
  const Point brow = eye + Point{0, 2.4, 1.2};
  const auto ball = [](const Point& centre, double radius) {
    return [=](const Point& p) { return length(p - centre) < radius; };
  };
  const auto left_of = [](double x, std::function<bool(const Point&)> inner) {
    return [=](const Point& p) { return p[0] > x && inner(p); };
  };
  const auto two_balls = [=](const Point& centre, double radius) {
    return [=](const Point& p) { return length(Point{std::abs(p[0]), p[1], p[2]} - centre) < radius; };
  };
  const auto about_mouth = [=](const Point& p) { return length(p - mouth) < 5.5 && p[1] < tip[1] + 0.5; };
  const auto lower_face = [=](const Point& p) { return p[1] < tip[1] + 1.5 && p[2] > marks.left_ear[2]; };

  std::map<std::string, Region> regions;
  for (const char* name :
       {"eyeBlinkLeft", "eyeLookDownLeft", "eyeLookInLeft", "eyeLookOutLeft", "eyeLookUpLeft", "eyeWideLeft"}) {
    regions[name] = {left_of(0.8, ball(eye, 3.2)), eye + Point{0, 0, marks.eye_radius}, 1.6};
  }
  regions["eyeSquintLeft"] = {left_of(0.5, ball(eye + Point{0, -1, 0}, 3.8)), eye + Point{0, -0.6, marks.eye_radius},
                              1.8};
  regions["browDownLeft"] = {left_of(-1.2, ball(brow, 4.5)), brow, 3.0};
  regions["browOuterUpLeft"] = {left_of(0.8, ball(brow + Point{1, 0, 0}, 4.0)), brow + Point{1, 0, 0}, 2.5};
  regions["browInnerUp"] = {two_balls(brow + Point{-1, 0, 0}, 4.2), brow + Point{-1.5, 0, 0}, 3.5};
  regions["cheekSquintLeft"] = {left_of(0.5, ball(eye + Point{0.5, -2, 0}, 4.2)), eye + Point{0.5, -2.5, 0.5}, 2.0};
  regions["cheekPuff"] = {two_balls(corner + Point{1.6, 1, -2}, 4.5), corner + Point{1.6, 1, -2}, 3.0};
  regions["noseSneerLeft"] = {left_of(-0.5, ball(tip + Point{1, 0.5, -1.5}, 4.8)), tip + Point{1, 0, -1.5}, 2.0};
  for (const char* name : {"mouthSmileLeft", "mouthFrownLeft", "mouthDimpleLeft", "mouthStretchLeft"}) {
    const double reach = name == std::string("mouthSmileLeft") ? 6.5 : 4.5;
    regions[name] = {left_of(-1.5, ball(corner, reach)), corner, 1.8};
  }
  for (const char* name : {"mouthPressLeft", "mouthLowerDownLeft", "mouthUpperUpLeft"}) {
    regions[name] = {left_of(-1.0, about_mouth), mouth + Point{1.2, 0, 0.5}, 2.2};
  }
  for (const char* name : {"mouthRollLower", "mouthRollUpper", "mouthShrugUpper", "mouthFunnel", "mouthPucker",
                           "mouthLeft", "mouthClose"}) {
    regions[name] = {about_mouth, mouth + Point{0, 0, 0.5}, 3.6};
  }
  regions["mouthShrugLower"] = {about_mouth, mouth + Point{0, -2, 0.5}, 2.5};
  for (const char* name : {"jawForward", "jawLeft", "jawOpen", "tongueOut"}) {
    regions[name] = {lower_face, mouth + Point{0, -2, 0}, 6.0};
  }
  return regions;
}

TEST(DemoHeadShapes, ShapesMoveTheirRegionAndNothingElse) {
  const std::map<std::string, Region> regions = left_regions();
  for (const MorphTarget& morph : head().morphs) {
    const bool right = morph.name.ends_with("Right");
    const auto found = regions.find(right ? other_side(morph.name) : morph.name);
    ASSERT_NE(found, regions.end()) << morph.name;
    double most = 0;
    Point most_at{};
    for (size_t i = 0; i < morph.verts.size(); ++i) {
      Point at = vert(head().verts, morph.verts[i]);
      if (right) at = mirrored(at);
      const double move = length(vert(morph.offsets, static_cast<int32_t>(i)));
      if (move < 1e-3) continue;
      ASSERT_TRUE(found->second.allowed(at))
          << morph.name << " moves (" << at[0] << ", " << at[1] << ", " << at[2] << ") by " << move;
      if (move > most) {
        most = move;
        most_at = at;
      }
    }
    // A shape of both sides has its core on either.
    if (found->second.allowed(mirrored(found->second.core))) most_at[0] = std::abs(most_at[0]);
    EXPECT_LT(length(most_at - found->second.core), found->second.core_radius) << morph.name;
  }
}

TEST(DemoHeadShapes, ShapesLeaveEyeballsAndEarsInPlace) {
  const std::set<int32_t> fixed = group_verts({"M_ScleraLeft", "M_IrisLeft", "M_ScleraRight", "M_IrisRight", "M_Ears"});
  for (const MorphTarget& morph : head().morphs) {
    for (const int32_t v : morph.verts) ASSERT_FALSE(fixed.contains(v)) << morph.name;
  }
}

TEST(DemoHeadShapes, ShapesGoTheirOwnWay) {
  // The mean offset of the largest motions shows the direction.
  const auto way = [](const std::string& name) {
    const MorphTarget& morph = shape(name);
    double most = 0;
    for (size_t i = 0; i < morph.verts.size(); ++i)
      most = std::max(most, length(vert(morph.offsets, static_cast<int32_t>(i))));
    Point sum{};
    for (size_t i = 0; i < morph.verts.size(); ++i) {
      const Point offset = vert(morph.offsets, static_cast<int32_t>(i));
      if (length(offset) > most / 2) sum = sum + offset;
    }
    return sum;
  };
  for (const char* name : {"browInnerUp", "browOuterUpLeft", "mouthSmileLeft", "mouthUpperUpLeft", "mouthShrugUpper",
                           "mouthShrugLower", "cheekSquintLeft", "noseSneerLeft", "eyeSquintLeft", "eyeLookUpLeft"}) {
    EXPECT_GT(way(name)[1], 0) << name;
  }
  for (const char* name :
       {"browDownLeft", "mouthFrownLeft", "mouthLowerDownLeft", "jawOpen", "eyeBlinkLeft", "eyeLookDownLeft"}) {
    EXPECT_LT(way(name)[1], 0) << name;
  }
  for (const char* name : {"jawForward", "mouthPucker", "mouthFunnel", "cheekPuff", "tongueOut"})
    EXPECT_GT(way(name)[2], 0) << name;
  for (const char* name : {"mouthRollLower", "mouthRollUpper", "mouthDimpleLeft"}) EXPECT_LT(way(name)[2], 0) << name;
  for (const char* name : {"jawLeft", "mouthLeft", "mouthStretchLeft", "eyeLookOutLeft"})
    EXPECT_GT(way(name)[0], 0) << name;
  EXPECT_LT(way("eyeLookInLeft")[0], 0);
}

/// How many of a grid of rays from the front see the left eyeball first.
int eyeball_sightings(const std::vector<float>& verts) {
  const Landmarks marks = find_landmarks();
  const LineCaster caster(verts, 2);
  int seen = 0;
  for (double x = -1.6; x <= 1.6; x += 0.05) {
    for (double y = -0.9; y <= 0.9; y += 0.05) {
      const Point at{marks.left_eye[0] + x + 0.0123, marks.left_eye[1] + y + 0.0071, 0};
      const std::vector<Hit> hits = caster.hits(at);
      if (!hits.empty() && is_eyeball(hits[0])) ++seen;
    }
  }
  return seen;
}

TEST(DemoHeadShapes, ShutLidsCoverTheEyeball) {
  EXPECT_GT(eyeball_sightings(head().verts), 500);
  EXPECT_EQ(eyeball_sightings(posed({{"eyeBlinkLeft", 1}})), 0);
  const int half = eyeball_sightings(posed({{"eyeBlinkLeft", 0.5f}}));
  EXPECT_GT(half, 150);
  EXPECT_LT(half, 500);
}

/// The two vertices where the lips meet on the midline: close, not neighbours, the foremost such pair.
std::pair<int32_t, int32_t> lip_pair() {
  std::set<std::pair<int32_t, int32_t>> neighbours;
  std::set<int32_t> midline;
  for (int64_t f = 0; f < head().num_faces(); ++f) {
    for (int i = 0; i < 3; ++i) {
      const int32_t v = head().faces[3 * f + i];
      if (head().verts[3 * v] == 0 && head().face_groups[f] == group("M_Face")) midline.insert(v);
      for (int j = 0; j < 3; ++j) neighbours.emplace(v, head().faces[3 * f + j]);
    }
  }
  std::pair<int32_t, int32_t> best{-1, -1};
  double best_z = 0;
  for (const int32_t a : midline) {
    for (const int32_t b : midline) {
      const Point upper = vert(head().verts, a), lower = vert(head().verts, b);
      if (upper[1] <= lower[1] || length(upper - lower) > 0.1 || neighbours.contains({a, b})) continue;
      if (std::min(upper[2], lower[2]) <= best_z) continue;
      best_z = std::min(upper[2], lower[2]);
      best = {a, b};
    }
  }
  return best;
}

TEST(DemoHeadShapes, JawOpenPartsTheLips) {
  const auto [upper, lower] = lip_pair();
  ASSERT_GE(upper, 0);
  const Landmarks marks = find_landmarks();
  EXPECT_NEAR(vert(head().verts, upper)[1], marks.mouth[1], 0.8);
  const auto gap = [&](const std::vector<float>& verts) { return vert(verts, upper)[1] - vert(verts, lower)[1]; };
  EXPECT_LT(gap(head().verts), 0.1);
  EXPECT_GT(gap(head().verts), 0);
  EXPECT_GT(gap(posed({{"jawOpen", 1}})), 1.5);
  EXPECT_LT(std::abs(gap(posed({{"jawOpen", 1}, {"mouthClose", 1}}))), 0.3);
}

TEST(DemoHeadShapes, NoShapeTurnsTheFaceInsideOut) {
  for (const MorphTarget& morph : head().morphs) {
    if (morph.name.ends_with("Right")) continue;
    const LineCaster caster(posed({{morph.name, 1}}), 2);
    for (double x = -7.003; x < 7; x += 0.13) {
      for (double y = -12.007; y < 4; y += 0.13) {
        const std::vector<Hit> hits = caster.hits({x, y, 0});
        if (hits.empty()) continue;
        ASSERT_TRUE(hits[0].facing) << morph.name << " at " << x << ", " << y;
      }
    }
  }
}

}  // namespace
}  // namespace bisque
