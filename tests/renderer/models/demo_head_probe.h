// Shared by the tests of the demo head: its landmarks, its poses, and lines cast through it.
#pragma once
#include <algorithm>
#include <array>
#include <cmath>
#include <map>
#include <set>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

#include <bisque/renderer/models/demo_head.h>

namespace bisque::demo_head_probe {

using Point = std::array<double, 3>;

inline const MeshData& head() {
  static const MeshData mesh = make_demo_head();
  return mesh;
}

inline Point vert(const std::vector<float>& verts, int32_t v) {
  return {verts[3 * v], verts[3 * v + 1], verts[3 * v + 2]};
}

inline Point operator-(const Point& a, const Point& b) { return {a[0] - b[0], a[1] - b[1], a[2] - b[2]}; }
inline Point operator+(const Point& a, const Point& b) { return {a[0] + b[0], a[1] + b[1], a[2] + b[2]}; }
inline Point mirrored(const Point& a) { return {-a[0], a[1], a[2]}; }
inline double dot(const Point& a, const Point& b) { return a[0] * b[0] + a[1] * b[1] + a[2] * b[2]; }
inline double length(const Point& a) { return std::sqrt(dot(a, a)); }
inline Point cross(const Point& a, const Point& b) {
  return {a[1] * b[2] - a[2] * b[1], a[2] * b[0] - a[0] * b[2], a[0] * b[1] - a[1] * b[0]};
}

inline const MorphTarget& shape(const std::string& name) {
  for (const MorphTarget& morph : head().morphs) {
    if (morph.name == name) return morph;
  }
  throw std::runtime_error("no shape " + name);
}

/// The verts with some shapes at their weights.
inline std::vector<float> posed(const std::vector<std::pair<std::string, float>>& weights) {
  std::vector<float> verts = head().verts;
  for (const auto& [name, weight] : weights) {
    const MorphTarget& morph = shape(name);
    for (size_t i = 0; i < morph.verts.size(); ++i) {
      for (int axis = 0; axis < 3; ++axis) verts[3 * morph.verts[i] + axis] += weight * morph.offsets[3 * i + axis];
    }
  }
  return verts;
}

inline int32_t group(const std::string& name) {
  const auto& names = head().group_names;
  return static_cast<int32_t>(std::find(names.begin(), names.end(), name) - names.begin());
}

/// The vertices of the faces of some groups.
inline std::set<int32_t> group_verts(const std::vector<std::string>& names) {
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

inline Bounds bounds(const std::set<int32_t>& verts) {
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

inline Landmarks find_landmarks() {
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

/// Finds the hits of lines along one axis; faces are in buckets of the plane across it.
class LineCaster {
 public:
  LineCaster(const std::vector<float>& verts, int axis)
      : verts_(verts), axis_(axis), u_((axis + 1) % 3), v_((axis + 2) % 3) {
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
        return (corner[i][u_] - at[u_]) * (corner[j][v_] - at[v_]) -
               (corner[j][u_] - at[u_]) * (corner[i][v_] - at[v_]);
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

inline std::string group_of(const Hit& hit) { return head().group_names[head().face_groups[hit.face]]; }

inline bool is_eyeball(const Hit& hit) {
  return group_of(hit).starts_with("M_Sclera") || group_of(hit).starts_with("M_Iris");
}

/// The vertex at each vertex's mirrored position, or -1.
inline std::vector<int32_t> mirror_map() {
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

}  // namespace bisque::demo_head_probe
