#include <bisque/renderer/models/demo_head.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <cstring>
#include <functional>
#include <map>
#include <optional>
#include <set>

#include <gtest/gtest.h>

namespace bisque {
namespace {

using Point = std::array<double, 3>;

const MeshData& head() {
  static const MeshData mesh = make_demo_head();
  return mesh;
}

Point vert(const std::vector<float>& verts, int32_t v) { return {verts[3 * v], verts[3 * v + 1], verts[3 * v + 2]}; }

Point operator-(const Point& a, const Point& b) { return {a[0] - b[0], a[1] - b[1], a[2] - b[2]}; }
Point operator+(const Point& a, const Point& b) { return {a[0] + b[0], a[1] + b[1], a[2] + b[2]}; }
Point mirrored(const Point& a) { return {-a[0], a[1], a[2]}; }
double dot(const Point& a, const Point& b) { return a[0] * b[0] + a[1] * b[1] + a[2] * b[2]; }
double length(const Point& a) { return std::sqrt(dot(a, a)); }
Point cross(const Point& a, const Point& b) {
  return {a[1] * b[2] - a[2] * b[1], a[2] * b[0] - a[0] * b[2], a[0] * b[1] - a[1] * b[0]};
}

const MorphTarget& shape(const std::string& name) {
  for (const MorphTarget& morph : head().morphs) {
    if (morph.name == name) return morph;
  }
  throw std::runtime_error("no shape " + name);
}

/// The verts with some shapes at their weights.
std::vector<float> posed(const std::vector<std::pair<std::string, float>>& weights) {
  std::vector<float> verts = head().verts;
  for (const auto& [name, weight] : weights) {
    const MorphTarget& morph = shape(name);
    for (size_t i = 0; i < morph.verts.size(); ++i) {
      for (int axis = 0; axis < 3; ++axis) verts[3 * morph.verts[i] + axis] += weight * morph.offsets[3 * i + axis];
    }
  }
  return verts;
}

int32_t group(const std::string& name) {
  const auto& names = head().group_names;
  return static_cast<int32_t>(std::find(names.begin(), names.end(), name) - names.begin());
}

/// The vertices of the faces of some groups.
std::set<int32_t> group_verts(const std::vector<std::string>& names) {
  std::set<int32_t> verts;
  for (const std::string& name : names) {
    for (int64_t f = 0; f < head().num_faces(); ++f) {
      if (head().face_groups[f] != group(name)) continue;
      verts.insert(&head().faces[3 * f], &head().faces[3 * f] + 3);
    }
  }
  return verts;
}

struct Bounds {
  Point low{1e9, 1e9, 1e9};
  Point high{-1e9, -1e9, -1e9};
  Point centre() const { return {(low[0] + high[0]) / 2, (low[1] + high[1]) / 2, (low[2] + high[2]) / 2}; }
};

Bounds bounds(const std::set<int32_t>& verts) {
  Bounds box;
  for (const int32_t v : verts) {
    const Point p = vert(head().verts, v);
    for (int axis = 0; axis < 3; ++axis) {
      box.low[axis] = std::min(box.low[axis], p[axis]);
      box.high[axis] = std::max(box.high[axis], p[axis]);
    }
  }
  return box;
}

/// Landmarks read off the neutral mesh by its groups and its extremes.
struct Landmarks {
  Point left_eye, nose_tip, mouth, left_ear;
  double eye_radius = 0;
};

Landmarks find_landmarks() {
  Landmarks marks;
  const Bounds eye = bounds(group_verts({"M_ScleraLeft", "M_IrisLeft"}));
  marks.left_eye = eye.centre();
  marks.eye_radius = (eye.high[1] - eye.low[1]) / 2;
  marks.nose_tip = {0, 0, -1e9};
  for (int32_t v = 0; v < head().num_verts(); ++v) {
    const Point p = vert(head().verts, v);
    if (p[2] > marks.nose_tip[2]) marks.nose_tip = p;
  }
  const Bounds teeth = bounds(group_verts({"M_Teeth"}));
  marks.mouth = {0, teeth.centre()[1], teeth.high[2]};
  std::set<int32_t> ear;
  for (const int32_t v : group_verts({"M_Ears"})) {
    if (head().verts[3 * v] > 0) ear.insert(v);
  }
  marks.left_ear = bounds(ear).centre();
  return marks;
}

struct Hit {
  double along;  // coordinate of the hit on the ray's axis
  int32_t face;
  bool facing;  // whether the face's outside looks against the ray's direction
};

/// Finds the hits of lines along one axis; faces lie in buckets of the plane across it.
class LineCaster {
 public:
  LineCaster(const std::vector<float>& verts, int axis) : verts_(verts), axis_(axis), u_((axis + 1) % 3), v_((axis + 2) % 3) {
    for (int32_t f = 0; f < head().num_faces(); ++f) {
      const auto corner = corners(f);
      const auto range = [&](int along) {
        const auto [low, high] = std::minmax({corner[0][along], corner[1][along], corner[2][along]});
        return std::pair(bucket(low), bucket(high));
      };
      for (int i = range(u_).first; i <= range(u_).second; ++i) {
        for (int j = range(v_).first; j <= range(v_).second; ++j) buckets_[{i, j}].push_back(f);
      }
    }
  }

  /// The hits of the line through `at`, by falling coordinate: as met from the axis' far end.
  std::vector<Hit> hits(const Point& at) const {
    std::vector<Hit> found;
    const auto near = buckets_.find({bucket(at[u_]), bucket(at[v_])});
    if (near == buckets_.end()) return found;
    for (const int32_t f : near->second) {
      const auto corner = corners(f);
      const auto edge = [&](int i, int j) {
        return (corner[i][u_] - at[u_]) * (corner[j][v_] - at[v_]) - (corner[j][u_] - at[u_]) * (corner[i][v_] - at[v_]);
      };
      const double a = edge(1, 2), b = edge(2, 0), c = edge(0, 1);
      if (!((a >= 0 && b >= 0 && c >= 0) || (a <= 0 && b <= 0 && c <= 0)) || a + b + c == 0) continue;
      const double along = (a * corner[0][axis_] + b * corner[1][axis_] + c * corner[2][axis_]) / (a + b + c);
      found.push_back({along, f, a + b + c > 0});
    }
    std::sort(found.begin(), found.end(), [](const Hit& x, const Hit& y) { return x.along > y.along; });
    return found;
  }

 private:
  static int bucket(double value) { return static_cast<int>(std::floor(value * 4)); }
  std::array<Point, 3> corners(int32_t face) const {
    std::array<Point, 3> corner;
    for (int k = 0; k < 3; ++k) corner[k] = vert(verts_, head().faces[3 * face + k]);
    return corner;
  }

  std::vector<float> verts_;
  int axis_, u_, v_;
  std::map<std::pair<int, int>, std::vector<int32_t>> buckets_;
};

std::string group_of(const Hit& hit) { return head().group_names[head().face_groups[hit.face]]; }

bool is_eyeball(const Hit& hit) {
  return group_of(hit).starts_with("M_Sclera") || group_of(hit).starts_with("M_Iris");
}

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

TEST(DemoHead, HasExactlyThe52ArkitShapes) {
  const std::set<std::string> expected{
      "eyeBlinkLeft",     "eyeLookDownLeft",  "eyeLookInLeft",    "eyeLookOutLeft",      "eyeLookUpLeft",
      "eyeSquintLeft",    "eyeWideLeft",      "eyeBlinkRight",    "eyeLookDownRight",    "eyeLookInRight",
      "eyeLookOutRight",  "eyeLookUpRight",   "eyeSquintRight",   "eyeWideRight",        "jawForward",
      "jawLeft",          "jawRight",         "jawOpen",          "mouthClose",          "mouthFunnel",
      "mouthPucker",      "mouthLeft",        "mouthRight",       "mouthSmileLeft",      "mouthSmileRight",
      "mouthFrownLeft",   "mouthFrownRight",  "mouthDimpleLeft",  "mouthDimpleRight",    "mouthStretchLeft",
      "mouthStretchRight", "mouthRollLower",  "mouthRollUpper",   "mouthShrugLower",     "mouthShrugUpper",
      "mouthPressLeft",   "mouthPressRight",  "mouthLowerDownLeft", "mouthLowerDownRight", "mouthUpperUpLeft",
      "mouthUpperUpRight", "browDownLeft",    "browDownRight",    "browInnerUp",         "browOuterUpLeft",
      "browOuterUpRight", "cheekPuff",        "cheekSquintLeft",  "cheekSquintRight",    "noseSneerLeft",
      "noseSneerRight",   "tongueOut"};
  ASSERT_EQ(expected.size(), 52u);
  std::set<std::string> names;
  for (const MorphTarget& morph : head().morphs) names.insert(morph.name);
  EXPECT_EQ(names, expected);
  EXPECT_EQ(head().morphs.size(), 52u);
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

TEST(DemoHead, EveryShapeMovesSomethingAndNothingTooFar) {
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

/// The vertex at each vertex's mirrored position, or -1.
std::vector<int32_t> mirror_map() {
  const auto key = [](const Point& p) {
    return std::array<int64_t, 3>{std::llround(p[0] * 1e5), std::llround(p[1] * 1e5), std::llround(p[2] * 1e5)};
  };
  std::multimap<std::array<int64_t, 3>, int32_t> by_position;
  for (int32_t v = 0; v < head().num_verts(); ++v) by_position.emplace(key(vert(head().verts, v)), v);
  std::vector<int32_t> mirror(head().num_verts(), -1);
  for (int32_t v = 0; v < head().num_verts(); ++v) {
    const auto [first, last] = by_position.equal_range(key(mirrored(vert(head().verts, v))));
    if (first != last && std::next(first) == last) mirror[v] = first->second;
  }
  return mirror;
}

TEST(DemoHead, NeutralIsMirrorSymmetric) {
  const std::vector<int32_t> mirror = mirror_map();
  for (int32_t v = 0; v < head().num_verts(); ++v) {
    ASSERT_GE(mirror[v], 0) << "vertex " << v << " has no mirror image, or shares its place";
    ASSERT_EQ(vert(head().verts, mirror[v]), mirrored(vert(head().verts, v)));
    ASSERT_EQ(mirror[mirror[v]], v);
  }
}

std::string other_side(std::string name) {
  if (name.ends_with("Left")) return name.replace(name.size() - 4, 4, "Right");
  if (name.ends_with("Right")) return name.replace(name.size() - 5, 5, "Left");
  return name;
}

TEST(DemoHead, LeftAndRightShapesMirrorEachOther) {
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
  Point core;          // what it moves the most lies within core_radius of this
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
  for (const char* name : {"eyeBlinkLeft", "eyeLookDownLeft", "eyeLookInLeft", "eyeLookOutLeft", "eyeLookUpLeft", "eyeWideLeft"}) {
    regions[name] = {left_of(0.8, ball(eye, 3.2)), eye + Point{0, 0, marks.eye_radius}, 1.6};
  }
  regions["eyeSquintLeft"] = {left_of(0.5, ball(eye + Point{0, -1, 0}, 3.8)), eye + Point{0, -0.6, marks.eye_radius}, 1.8};
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
  for (const char* name : {"mouthRollLower", "mouthRollUpper", "mouthShrugUpper", "mouthFunnel", "mouthPucker", "mouthLeft", "mouthClose"}) {
    regions[name] = {about_mouth, mouth + Point{0, 0, 0.5}, 3.6};
  }
  regions["mouthShrugLower"] = {about_mouth, mouth + Point{0, -2, 0.5}, 2.5};
  for (const char* name : {"jawForward", "jawLeft", "jawOpen", "tongueOut"}) {
    regions[name] = {lower_face, mouth + Point{0, -2, 0}, 6.0};
  }
  return regions;
}

TEST(DemoHead, ShapesMoveTheirRegionAndNothingElse) {
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
      ASSERT_TRUE(found->second.allowed(at)) << morph.name << " moves (" << at[0] << ", " << at[1] << ", " << at[2] << ") by " << move;
      if (move > most) most = move, most_at = at;
    }
    if (found->second.core[0] == 0 || !found->second.allowed(mirrored(most_at))) {
      EXPECT_LT(length(most_at - found->second.core), found->second.core_radius) << morph.name;
    } else {
      most_at[0] = std::abs(most_at[0]);
      EXPECT_LT(length(most_at - found->second.core), found->second.core_radius) << morph.name;
    }
  }
}

TEST(DemoHead, ShapesLeaveEyeballsAndEarsInPlace) {
  const std::set<int32_t> fixed = group_verts({"M_ScleraLeft", "M_IrisLeft", "M_ScleraRight", "M_IrisRight", "M_Ears"});
  for (const MorphTarget& morph : head().morphs) {
    for (const int32_t v : morph.verts) ASSERT_FALSE(fixed.contains(v)) << morph.name;
  }
}

TEST(DemoHead, ShapesGoTheirOwnWay) {
  // The mean offset of what moves the most tells the direction.
  const auto way = [](const std::string& name) {
    const MorphTarget& morph = shape(name);
    double most = 0;
    for (size_t i = 0; i < morph.verts.size(); ++i) most = std::max(most, length(vert(morph.offsets, static_cast<int32_t>(i))));
    Point sum{};
    for (size_t i = 0; i < morph.verts.size(); ++i) {
      const Point offset = vert(morph.offsets, static_cast<int32_t>(i));
      if (length(offset) > most / 2) sum = sum + offset;
    }
    return sum;
  };
  for (const char* name : {"browInnerUp", "browOuterUpLeft", "mouthSmileLeft", "mouthUpperUpLeft", "mouthShrugUpper", "mouthShrugLower",
                           "cheekSquintLeft", "noseSneerLeft", "eyeSquintLeft", "eyeLookUpLeft"}) {
    EXPECT_GT(way(name)[1], 0) << name;
  }
  for (const char* name : {"browDownLeft", "mouthFrownLeft", "mouthLowerDownLeft", "jawOpen", "eyeBlinkLeft", "eyeLookDownLeft"}) {
    EXPECT_LT(way(name)[1], 0) << name;
  }
  for (const char* name : {"jawForward", "mouthPucker", "mouthFunnel", "cheekPuff", "tongueOut"}) EXPECT_GT(way(name)[2], 0) << name;
  for (const char* name : {"mouthRollLower", "mouthRollUpper", "mouthDimpleLeft"}) EXPECT_LT(way(name)[2], 0) << name;
  for (const char* name : {"jawLeft", "mouthLeft", "mouthStretchLeft", "eyeLookOutLeft"}) EXPECT_GT(way(name)[0], 0) << name;
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

TEST(DemoHead, ShutLidsCoverTheEyeball) {
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
      if (std::min(upper[2], lower[2]) > best_z) best_z = std::min(upper[2], lower[2]), best = {a, b};
    }
  }
  return best;
}

TEST(DemoHead, JawOpenPartsTheLips) {
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

TEST(DemoHead, ClosedLipsDoNotCross) {
  // Upwards through both lips, a line must leave one before it enters the other.
  const Landmarks marks = find_landmarks();
  const LineCaster caster(head().verts, 1);
  int crossings = 0;
  for (double x = 0.013; x < 2.2; x += 0.09) {
    for (double z = marks.mouth[2] - 0.2; z < marks.mouth[2] + 2; z += 0.07) {
      std::optional<bool> facing;
      for (const Hit& hit : caster.hits({x, 0, z})) {
        if (hit.along > marks.nose_tip[1] - 1.2 || hit.along < marks.mouth[1] - 3 || group_of(hit) != "M_Face") continue;
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
  for (const std::vector<float>& verts : {head().verts, posed({{"jawOpen", 1}}), posed({{"eyeBlinkLeft", 1}, {"tongueOut", 1}})}) {
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
    ASSERT_GT(area, 1e-6) << "face " << f << " of group " << head().group_names[head().face_groups[f]] << " at " << corner[0][0] << ", "
                          << corner[0][1] << ", " << corner[0][2];
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
    Bounds box = bounds(group_verts({groups[0]}));
    const double radius = (box.high[1] - box.low[1]) / 2;
    const Point centre{(box.low[0] + box.high[0]) / 2, (box.low[1] + box.high[1]) / 2, box.low[2] + radius};
    for (const int32_t v : group_verts({groups[0]})) {
      const double distance = length(vert(head().verts, v) - centre);
      ASSERT_LT(distance, 1.001 * radius);
      ASSERT_GT(distance, 0.9 * radius);  // the step down to the iris
    }
    for (const int32_t v : group_verts({groups[1]})) ASSERT_LT(length(vert(head().verts, v) - centre), radius);
    EXPECT_GT(bounds(group_verts({groups[1]})).centre()[2], centre[2] + 0.5 * radius);
    EXPECT_EQ(centre[0] > 0, side == "Left");
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

}  // namespace
}  // namespace bisque
