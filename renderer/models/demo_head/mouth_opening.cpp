#include <bisque/renderer/models/demo_head/mouth_opening.h>

#include <bisque/renderer/models/demo_head/landmarks.h>
#include <bisque/renderer/models/demo_head/ring_builder.h>
#include <bisque/renderer/models/demo_head/sculpt.h>

namespace bisque::demo {
namespace {

constexpr int kSkinRings = 6;         // between the perimeter and the border of the lips
constexpr int kLipRings = 7;          // between the border and the seam
constexpr double kCornerRise = 0.03;  // how far the corners of the mouth lie above its middle
constexpr double kHalfGap = 0.012;    // the closed lips stay apart by twice this, so that their faces do not cross

std::vector<LoopPoint> mouth_loop(int size) {
  const int half = (size - 1) / 2;
  std::vector<LoopPoint> loop;
  for (int k = 0; k < size; ++k) {
    const double s = static_cast<double>(k <= half ? k : size - 1 - k) / half;
    loop.push_back({k <= half, s * (1.35 - 0.35 * s * s)});
  }
  return loop;
}

/// A lip in section, a cubic Bezier curve: from its border with the skin over its fullest part to the seam.
using LipCurve = std::array<Vec3, 4>;

LipCurve lip_curve(const LoopPoint& at) {
  const double full = 1 - at.along * at.along;
  const double side = at.upper ? 1 : -1;
  const Vec3 border = skin_in_front(lip_border(at.upper, at.along));
  Vec3 seam = skin_in_front(lip_seam(at.along) + Vec2(0, side * kHalfGap));
  seam.z() += 0.06 * full - 0.10;
  const Vec3 out = border + Vec3(0, -side * 0.02, (at.upper ? 0.30 : 0.32) * full + 0.05);
  const Vec3 roll = seam + Vec3(0, side * (0.10 * full + 0.015), (at.upper ? 0.64 : 0.72) * full + 0.14);
  return {border, out, roll, seam};
}

/// A point of a lip from its border (t = 0) to the seam (t = 1).
Vec3 lip_point(const LipCurve& lip, double t) {
  const double u = 1 - t;
  return lip[0] * (u * u * u) + lip[1] * (3 * u * u * t) + lip[2] * (3 * u * t * t) + lip[3] * (t * t * t);
}

/// The skin between the perimeter (t = 0) and the border of a lip (t = 1).
Vec3 skin_point(const Vec3& perimeter, const Vec3& border, double t) {
  static const Vec3 kInside(0, kMouthLine, 2.0);
  const Vec3 p = perimeter + (border - perimeter) * t;
  return skin_along(kInside, (p - kInside).normalized(), (p - kInside).norm() + 0.5);
}

// The rings of the pocket: heights above and below the seam, x as a share of the seam's, and z from the seam. The first
// one lies lower than the seam for both lips, so that no line of sight passes between them.
struct PocketRing {
  double rise_up, rise_down, wide, z;
};
constexpr PocketRing kPocketRings[] = {{-0.08, 0.12, 1.0, -0.2}, {0.4, 0.4, 1.02, -0.4}, {1.3, 1.3, 1.04, -0.6},
                                       {1.7, 1.7, 1.06, -1.8},   {1.7, 1.8, 1.05, -4.2}, {0.9, 1.5, 0.9, -7.5}};

Vec3 pocket_point(const LoopPoint& at, const Vec3& seam, const PocketRing& ring) {
  const double full = std::sqrt(std::max(1 - at.along * at.along * at.along * at.along, 0.0));
  const double rise = (at.upper ? ring.rise_up : -ring.rise_down) * full;
  return {seam.x() * ring.wide, seam.y() + rise, seam.z() + ring.z};
}

/// Closes the pocket at the throat, where upper and lower points share one row.
void close(HalfMesh& mesh, RingBuilder& rings) {
  std::vector<int32_t> row(rings.outer().size());
  for (int k = 0; k < rings.size(); ++k) {
    const int twin = rings.size() - 1 - k;
    const Vec3 p = (mesh.verts[rings.outer()[k]] + mesh.verts[rings.outer()[twin]]) * 0.5 + Vec3(0, -0.3, -1.2);
    row[k] = rings.at(k).upper ? rings.add_vert(k, Part::kUpperMouth, 1, p) : row[twin];
  }
  rings.join(row);
}

}  // namespace

Vec2 lip_border(bool upper, double along) {
  const double x = along * (kMouthCorner + 0.07 * along * along);
  const double a2 = along * along;
  const double corner = kMouthLine + kCornerRise * a2 * a2;
  if (!upper) return {x, corner - 0.02 - 1.05 * (1 - a2) * (1 - 0.18 * a2)};
  const double bow = 0.07 * bell(along - 0.24, 0.3) - 0.15 * bell(along, 0.24);  // Cupid's bow
  return {x, corner + 0.01 + 0.83 * (1 - along) * (1 + 0.42 * along) + bow};
}

Vec2 lip_seam(double along) {
  const double a2 = along * along;
  const double wave = 0.07 * bell(along - 0.42, 0.4) - 0.06 * bell(along, 0.3);
  return {along * kMouthCorner, kMouthLine + kCornerRise * a2 * a2 + wave};
}

void add_mouth_opening(HalfMesh& mesh, const std::vector<int32_t>& perimeter) {
  RingBuilder rings(mesh, perimeter, mouth_loop(static_cast<int>(perimeter.size())), false);
  std::vector<Vec3> edge;
  std::vector<LipCurve> lips;
  for (int k = 0; k < rings.size(); ++k) {
    edge.push_back(mesh.verts[perimeter[k]]);
    lips.push_back(lip_curve(rings.at(k)));
  }
  for (int r = 1; r < kSkinRings; ++r) {
    const double t = static_cast<double>(r) / kSkinRings;
    rings.add(Part::kUpperLip, Part::kLowerLip, t - 1, [&](int k) { return skin_point(edge[k], lips[k][0], t); });
  }
  for (int r = 0; r <= kLipRings; ++r) {
    const double t = static_cast<double>(r) / kLipRings;
    rings.add(Part::kUpperLip, Part::kLowerLip, t, [&](int k) { return lip_point(lips[k], t); });
  }
  double across = 0;
  for (const PocketRing& ring : kPocketRings) {
    across += 0.1;
    rings.add(Part::kUpperMouth, Part::kLowerMouth, across,
              [&](int k) { return pocket_point(rings.at(k), lips[k][3], ring); });
  }
  close(mesh, rings);
}

}  // namespace bisque::demo
