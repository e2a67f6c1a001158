#include <bisque/renderer/models/demo_head/eye_opening.h>

#include <bisque/renderer/models/demo_head/landmarks.h>
#include <bisque/renderer/models/demo_head/ring_builder.h>
#include <bisque/renderer/models/demo_head/sculpt.h>

namespace bisque::demo {
namespace {

constexpr int kOuterRings = 5;  // between the perimeter and the crease
constexpr int kLidRings = 6;    // between the crease and the margin

const Vec2 kInnerCorner(-1.52, -0.19);  // from the eyeball's centre
const Vec2 kOuterCorner(1.46, 0.12);

/// A bow over [0, 1] of height 1, its peak moved by `lean`.
double bow(double along, double lean) {
  double w = 2 * along - 1;
  w += lean * (1 - w * w);
  return 1 - 0.62 * w * w - 0.38 * w * w * w * w;
}

Vec2 corner_line(double along) { return kEyeCentre.head<2>() + kInnerCorner + (kOuterCorner - kInnerCorner) * along; }

/// How far along its lid the k-th of n edges of a half loop is: denser at the corners, which are tight.
double spread(int k, int n) {
  const double s = static_cast<double>(k) / n;
  return mix(s, smooth_step(0, 1, s), 0.6);
}

std::vector<LoopPoint> eye_loop(int size) {
  const int half = size / 2;
  std::vector<LoopPoint> loop;
  for (int k = 0; k < size; ++k) {
    loop.push_back(k <= half ? LoopPoint{true, spread(k, half)} : LoopPoint{false, spread(size - k, half)});
  }
  return loop;
}

/// The skin between the perimeter (t = 0) and the crease (t = 1).
Vec3 outer_point(const Vec3& perimeter, const Vec3& crease, double t) {
  static const Vec3 kInside(2.4, 0.0, 2.5);
  const Vec3 p = perimeter + (crease - perimeter) * t;
  return skin_along(kInside, (p - kInside).normalized(), (p - kInside).norm() + 0.5);
}

/// The lid between its crease (across = 1) and its margin (across = 0).
Vec3 lid_point(const LoopPoint& at, double across) {
  const Vec2 margin = lid_margin(at.upper, at.along);
  const Vec2 xy = margin + (lid_crease(at.upper, at.along) - margin) * across;
  const Vec3 lid = on_lid(xy, kLidOutside);
  if (across == 0) return lid;
  const Vec3 skin = skin_in_front(xy);
  return lid + (skin - lid) * smooth_step(0, 0.7, across);
}

/// The lid's inner face, `behind` its margin.
Vec3 inside_point(const LoopPoint& at, double behind) {
  const Vec2 margin = lid_margin(at.upper, at.along);
  return on_lid(margin + (lid_crease(at.upper, at.along) - margin) * behind, kLidInside);
}

/// The fold along the crease: a groove, deepest over the middle of the upper lid.
Vec3 folded(const Vec3& point, const LoopPoint& at, double across) {
  const double strength = (at.upper ? 0.14 : 0.03) * bow(at.along, 0);
  const double groove = -bell(across - 0.95, 0.3) + 0.55 * bell(across - 1.4, 0.45);
  return point + (point - kEyeCentre).normalized() * (strength * groove);
}

}  // namespace

Vec2 lid_margin(bool upper, double along) {
  const double rise = upper ? 0.59 * bow(along, 0.14) : -0.46 * bow(along, -0.14);
  return corner_line(along) + Vec2(0, rise);
}

Vec2 lid_crease(bool upper, double along) {
  const double w = 2 * along - 1;
  const double rise = upper ? 0.10 + 0.40 * (1 - w * w * w * w) : -0.10 - 0.36 * (1 - w * w);
  return lid_margin(upper, along) + Vec2(w > 0 ? 0.22 * w * w * w : 0.10 * w * w * w, w * w > 0.999 ? 0 : rise);
}

void add_eye_opening(HalfMesh& mesh, const std::vector<int32_t>& perimeter) {
  RingBuilder rings(mesh, perimeter, eye_loop(static_cast<int>(perimeter.size())), true);
  const auto add = [&](double across, const auto& point_of) {
    rings.add(Part::kUpperLid, Part::kLowerLid, across, point_of);
  };
  std::vector<Vec3> edge;
  std::vector<Vec3> creases;
  for (int k = 0; k < rings.size(); ++k) {
    edge.push_back(mesh.verts[perimeter[k]]);
    creases.push_back(lid_point(rings.at(k), 1));
  }
  for (int r = 1; r < kOuterRings; ++r) {
    const double t = static_cast<double>(r) / kOuterRings;
    const double across = mix(kLidReach, 1, t);
    add(across, [&](int k) { return folded(outer_point(edge[k], creases[k], t), rings.at(k), across); });
  }
  for (int r = 0; r <= kLidRings; ++r) {
    const double across = 1 - static_cast<double>(r) / kLidRings;
    add(across, [&](int k) { return folded(lid_point(rings.at(k), across), rings.at(k), across); });
  }
  add(0, [&](int k) { return inside_point(rings.at(k), 0); });
  add(-0.25, [&](int k) { return inside_point(rings.at(k), 0.25); });
  // The last ring dips into the eyeball, so that no gap shows in the corners.
  add(-0.5, [&](int k) -> Vec3 {
    return kEyeCentre + (inside_point(rings.at(k), 0.5) - kEyeCentre).normalized() * (kEyeRadius - 0.05);
  });
}

}  // namespace bisque::demo
