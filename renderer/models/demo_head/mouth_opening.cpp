#include <bisque/renderer/models/demo_head/mouth_opening.h>

#include <bisque/renderer/models/demo_head/landmarks.h>
#include <bisque/renderer/models/demo_head/sculpt.h>

namespace bisque::demo {
namespace {

constexpr int kSkinRings = 6;    // between the perimeter and the border of the lips
constexpr int kLipRings = 7;     // between the border and the seam
const Vec3 kInside(0, kMouthLine, 2.0);
constexpr double kHalfGap = 0.012;  // the closed lips stay apart by twice this, so that their faces do not cross

struct LoopPoint {
  bool upper;
  double along;
};

LoopPoint loop_point(int k, int size) {
  const int half = (size - 1) / 2;
  const double s = static_cast<double>(k <= half ? k : size - 1 - k) / half;
  return {k <= half, s * (1.35 - 0.35 * s * s)};
}

void add_strip(HalfMesh& mesh, const std::vector<int32_t>& outer, const std::vector<int32_t>& inner) {
  for (size_t k = 0; k + 1 < outer.size(); ++k) {
    if (outer[k] == outer[k + 1] || inner[k] == inner[k + 1]) continue;
    mesh.add_quad(outer[k], inner[k], inner[k + 1], outer[k + 1], kFace);
  }
}

/// The lip from its border (across = 0) over its fullest part to the seam (across = 1), a cubic Bezier curve.
Vec3 lip_point(const LoopPoint& at, double across) {
  const double full = 1 - at.along * at.along;
  const double side = at.upper ? 1 : -1;
  const Vec3 border = skin_in_front(lip_border(at.upper, at.along));
  const Vec2 seam_xy = lip_seam(at.along) + Vec2(0, side * kHalfGap);
  Vec3 seam = skin_in_front(seam_xy);
  seam.z() += 0.06 * full - 0.10;
  const double depth = at.upper ? 0.34 : 0.42;
  const Vec3 out = border + Vec3(0, -side * 0.02, (at.upper ? 0.30 : 0.32) * full + 0.05);
  const Vec3 roll = seam + Vec3(0, side * (0.10 * full + 0.015), (depth + 0.30) * full + 0.14);
  const double t = across;
  const double u = 1 - t;
  return border * (u * u * u) + out * (3 * u * u * t) + roll * (3 * u * t * t) + seam * (t * t * t);
}

/// The pocket behind the lips: `depth` runs from 0 at the seam to 1 at the throat.
Vec3 pocket_point(const LoopPoint& at, const Vec3& seam, int step) {
  const double side = at.upper ? 1 : -1;
  // Heights above and below the seam, x as a share of the seam's, and z of the pocket's rings. The first one lies lower
  // than the seam for both lips, so that no line of sight passes between them.
  struct Ring {
    double rise_up, rise_down, wide, z;
  };
  static constexpr Ring kRings[] = {{-0.08, 0.12, 1.0, -0.2}, {0.4, 0.4, 1.04, -0.38}, {1.4, 1.4, 1.12, -0.5},
                                    {2.0, 2.2, 1.3, -1.4},   {1.9, 2.4, 1.3, -4.0},   {0.9, 1.8, 1.0, -7.5}};
  const Ring& ring = kRings[step];
  const double full = std::sqrt(std::max(1 - at.along * at.along * at.along * at.along, 0.0));
  const double rise = (at.upper ? ring.rise_up : ring.rise_down) * full;
  return {seam.x() * ring.wide, seam.y() + side * rise, seam.z() + ring.z};
}

}  // namespace

Vec2 lip_border(bool upper, double along) {
  const double x = along * (kMouthCorner + 0.07 * along * along);
  const double a2 = along * along;
  if (!upper) return {x, kMouthLine - 0.02 - 1.05 * (1 - a2) * (1 - 0.18 * a2)};
  const double dip = 0.15 * bell(along, 0.24);
  return {x, kMouthLine - 0.02 + 0.86 * (1 - along) * (1 + 0.42 * along) - dip + 0.07 * bell(along - 0.24, 0.3)};
}

Vec2 lip_seam(double along) {
  const double a2 = along * along;
  return {along * kMouthCorner, kMouthLine - 0.06 * bell(along, 0.3) + 0.07 * bell(along - 0.42, 0.4) + 0.03 * a2 * a2};
}

void add_mouth_opening(HalfMesh& mesh, const std::vector<int32_t>& perimeter) {
  const int size = static_cast<int>(perimeter.size());
  std::vector<int32_t> outer = perimeter;
  std::vector<int32_t> ring(perimeter.size());
  const auto close_ring = [&] {
    add_strip(mesh, outer, ring);
    outer = ring;
  };
  const auto add = [&](Vec3 p, const LoopPoint& at, Part upper, Part lower, double across) {
    if (at.along == 0) p.x() = 0;
    return mesh.add_vert(p, {at.upper ? upper : lower, at.along, across});
  };
  for (int r = 1; r < kSkinRings; ++r) {
    const double t = static_cast<double>(r) / kSkinRings;
    for (int k = 0; k < size; ++k) {
      const LoopPoint at = loop_point(k, size);
      const Vec3 from = mesh.verts[perimeter[k]];
      const Vec3 p = from + (lip_point(at, 0) - from) * t;
      ring[k] = add(skin_along(kInside, (p - kInside).normalized(), (p - kInside).norm() + 0.5), at, Part::kUpperLip, Part::kLowerLip, t - 1);
    }
    close_ring();
  }
  for (int r = 0; r <= kLipRings; ++r) {
    const double across = static_cast<double>(r) / kLipRings;
    for (int k = 0; k < size; ++k) {
      const LoopPoint at = loop_point(k, size);
      ring[k] = add(lip_point(at, across), at, Part::kUpperLip, Part::kLowerLip, across);
    }
    close_ring();
  }
  const std::vector<int32_t> seam = outer;
  constexpr int kPocketRings = 6;
  for (int r = 0; r < kPocketRings; ++r) {
    for (int k = 0; k < size; ++k) {
      const LoopPoint at = loop_point(k, size);
      ring[k] = add(pocket_point(at, mesh.verts[seam[k]], r), at, Part::kUpperMouth, Part::kLowerMouth, 0.1 * (r + 1));
    }
    close_ring();
  }
  // The throat closes the pocket: upper and lower points share one row.
  for (int k = 0; k < size; ++k) {
    const LoopPoint at = loop_point(k, size);
    if (!at.upper) {
      ring[k] = ring[size - 1 - k];
      continue;
    }
    const Vec3 p = (mesh.verts[outer[k]] + mesh.verts[outer[size - 1 - k]]) * 0.5 + Vec3(0, -0.3, -1.2);
    ring[k] = add(p, at, Part::kUpperMouth, Part::kLowerMouth, 1);
  }
  close_ring();
}

}  // namespace bisque::demo
