#include <bisque/renderer/models/demo_head/sculpt.h>

#include <bisque/renderer/models/demo_head/landmarks.h>

namespace bisque::demo {
namespace {

/// The union of two fields with a fillet of width k.
double smooth_union(double a, double b, double k) {
  const double overlap = std::max(k - std::abs(a - b), 0.0);
  return std::min(a, b) - overlap * overlap * (0.25 / k);
}

double smooth_carve(double a, double hole, double k) { return -smooth_union(-a, hole, k); }

double ellipsoid(const Vec3& p, const Vec3& centre, const Vec3& radii) {
  const Vec3 inverse(1 / radii.x(), 1 / radii.y(), 1 / radii.z());
  const Vec3 q = (p - centre).cwiseProduct(inverse);
  const double length = q.norm();
  const double slope = q.cwiseProduct(inverse).norm();
  return slope > 0 ? length * (length - 1) / slope : -radii.minCoeff();
}

/// A capsule whose radius runs from ra at a to rb at b.
double capsule(const Vec3& p, const Vec3& a, const Vec3& b, double ra, double rb) {
  const Vec3 axis = b - a;
  const double t = clamp01((p - a).dot(axis) / axis.squaredNorm());
  return (p - a - axis * t).norm() - mix(ra, rb, t);
}

/// Whether a shape within `reach` of `centre` is too far from p to matter to a field d that it joins with a fillet k.
bool too_far(const Vec3& p, const Vec3& centre, double reach, double d, double k) {
  const double limit = d + k + reach;
  return limit <= 0 || (p - centre).squaredNorm() > limit * limit;
}

double join_ellipsoid(double d, const Vec3& p, const Vec3& centre, const Vec3& radii, double k) {
  return too_far(p, centre, radii.maxCoeff(), d, k) ? d : smooth_union(d, ellipsoid(p, centre, radii), k);
}

double skull(const Vec3& p) {
  double d = ellipsoid(p, {0, 3.3, -1.3}, {7.3, 8.2, 8.5});
  d = join_ellipsoid(d, p, {0, 4.3, 2.6}, {6.2, 6.2, 6.7}, 2.0);      // forehead
  d = join_ellipsoid(d, p, {0, 0.2, -4.0}, {6.1, 5.6, 5.4}, 2.5);     // back of the head
  d = join_ellipsoid(d, p, {0, -2.6, 2.6}, {6.0, 6.8, 5.9}, 2.0);     // face
  return join_ellipsoid(d, p, {0, -7.1, 4.7}, {3.6, 4.0, 5.2}, 2.0);  // teeth
}

double jaw(const Vec3& p, double d) {
  if (too_far(p, {3.2, -6.4, 3.8}, 7.0, d, 2.6)) return d;
  double bone = capsule(p, {4.6, -2.2, 0.6}, {4.25, -6.9, 1.6}, 0.9, 1.1);
  bone = smooth_union(bone, capsule(p, {4.25, -6.9, 1.6}, {1.3, -10.2, 7.2}, 1.1, 1.05), 1.2);
  return smooth_union(d, bone, 2.6);
}

double chin_and_neck(const Vec3& p, double d) {
  d = join_ellipsoid(d, p, {0, -9.0, 4.2}, {3.2, 2.1, 4.0}, 1.5);       // floor of the mouth
  d = join_ellipsoid(d, p, {0, -10.35, 8.1}, {1.45, 1.15, 1.35}, 1.5);  // chin
  constexpr double kNeckFront = 3.2;                                    // nothing of the neck lies before this z
  if (p.z() - kNeckFront > d + 2.4) return d;
  double neck = capsule(p, {0, -5, -2.8}, {0, -19, -3.8}, 4.4, 4.6);
  neck = smooth_union(neck, capsule(p, {0, -12.0, 0.0}, {0, -18, -0.2}, 2.2, 2.4), 1.5);       // throat
  neck = smooth_union(neck, capsule(p, {4.3, -4.6, -2.6}, {1.3, -17.0, 1.3}, 0.8, 1.0), 1.6);  // neck muscle
  neck = smooth_union(neck, ellipsoid(p, {0, -19.6, -3.6}, {9.0, 4.6, 5.6}), 3.2);             // shoulders
  return smooth_union(d, neck, 2.4);
}

double cheeks_and_brow(const Vec3& p, double d) {
  if (!too_far(p, {5.2, -1.85, 3.6}, 4.0, d, 2.6)) {
    d = smooth_union(d, capsule(p, {4.4, -2.2, 6.2}, {5.8, -1.7, 0.6}, 1.0, 0.3), 2.6);  // cheek bone
  }
  d = join_ellipsoid(d, p, {3.2, -3.9, 6.0}, {2.4, 2.9, 2.5}, 2.0);
  d = join_ellipsoid(d, p, {3.5, -6.6, 4.6}, {1.8, 2.6, 2.7}, 2.0);
  if (too_far(p, {3.2, 0.8, 7.2}, 4.2, d, 1.8)) return d;
  double brow = capsule(p, {0.9, 1.7, 8.3}, {3.4, 2.2, 7.85}, 0.75, 0.8);
  brow = smooth_union(brow, capsule(p, {3.4, 2.2, 7.85}, {5.15, 1.0, 6.0}, 0.8, 0.5), 1.0);
  brow = smooth_union(brow, capsule(p, {5.15, 1.0, 6.0}, {4.9, -1.6, 5.9}, 0.5, 0.6), 1.0);  // outer rim of the socket
  return smooth_union(d, brow, 1.8);
}

double eye_sockets(const Vec3& p, double d) {
  if (too_far(p, {3.0, 0.1, 8.4}, 3.3, std::abs(d), 1.4)) return d;
  d = smooth_carve(d, ellipsoid(p, {2.9, 0.2, 9.2}, {1.9, 1.2, 1.4}), 1.4);
  return smooth_union(d, lid_radius(p) - kLidOutside, 0.7);
}

double nose(const Vec3& p, double d) {
  if (too_far(p, {0, -2.2, 9.9}, 3.9, std::abs(d), 0.7)) return d;
  double n = capsule(p, {0, 0.8, 8.6}, {0, -3.6, 10.9}, 0.6, 0.7);                     // bridge
  n = smooth_union(n, ellipsoid(p, {0, -3.4, 9.2}, {1.3, 2.2, 1.5}), 0.9);             // sides
  n = smooth_union(n, ellipsoid(p, {0, -3.95, 11.15}, {0.85, 0.78, 0.85}), 0.5);       // tip
  n = smooth_union(n, ellipsoid(p, {1.08, -4.5, 10.15}, {0.6, 0.6, 0.85}), 0.35);      // wings
  n = smooth_union(n, capsule(p, {0, -5.1, 9.9}, {0, -4.72, 11.1}, 0.36, 0.36), 0.4);  // columella
  d = smooth_union(d, n, 0.7);
  return smooth_carve(d, ellipsoid(p, {0.62, -5.2, 10.35}, {0.28, 0.46, 0.5}), 0.25);  // nostrils
}

/// The finer relief of the face, as a height to add.
double relief(const Vec3& p) {
  if (p.z() < 5 || std::abs(p.x()) > 6) return 0;
  double height = -0.05 * bell(p.x(), 0.4) * bell(p.y() + 5.95, 0.75);  // philtrum
  height += 0.03 * bell(p.x() - 0.45, 0.35) * bell(p.y() + 6.0, 0.75);  // its edges
  const double fold = p.x() - 1.75 - 0.30 * (-4.6 - p.y());             // nose to mouth
  height -= 0.09 * bell(fold, 0.55) * smooth_step(-4.0, -5.0, p.y()) * smooth_step(-7.4, -6.0, p.y());
  const double brow = p.y() - 1.95 - 0.75 * bell(p.x() - 3.3, 3.2) + 0.18 * p.x();  // eyebrow
  height += 0.10 * bell(brow, 0.55) * smooth_step(0.7, 1.5, p.x()) * smooth_step(5.4, 4.0, p.x());
  return height;
}

}  // namespace

double lid_radius(const Vec3& point) {
  Vec3 q = point - kEyeCentre;
  q.x() *= q.x() < 0 ? 0.86 : 0.95;
  return q.norm();
}

Vec3 on_lid(const Vec2& xy, double radius) {
  const double dx = (xy.x() - kEyeCentre.x()) * (xy.x() < kEyeCentre.x() ? 0.86 : 0.95);
  const double dy = xy.y() - kEyeCentre.y();
  return {xy.x(), xy.y(), kEyeCentre.z() + std::sqrt(std::max(radius * radius - dx * dx - dy * dy, 0.0))};
}

double skin_distance(const Vec3& point) {
  // A rounded |x| keeps paired features from meeting in a crease on the midline; the broad ones need more of it.
  const double squared = point.x() * point.x();
  const Vec3 p(std::sqrt(squared + 0.03), point.y(), point.z());
  const Vec3 broad(std::sqrt(squared + 0.8), point.y(), point.z());
  double d = jaw(broad, skull(p));
  d = chin_and_neck(p, d);
  d = cheeks_and_brow(broad, d);
  d = eye_sockets(p, d);
  return nose(p, d) - relief(p);
}

SkinStep onto_skin(const Vec3& point) {
  constexpr double kStep = 1e-3;
  const double d = skin_distance(point);
  Vec3 slope;
  for (int axis = 0; axis < 3; ++axis) {
    Vec3 q = point;
    q[axis] += kStep;
    slope[axis] = (skin_distance(q) - d) / kStep;
  }
  const double squared = std::max(slope.squaredNorm(), 0.25);
  return {point - slope * (d / squared), slope / std::sqrt(squared)};
}

Vec3 skin_along(const Vec3& origin, const Vec3& direction, double from) {
  double t = from;
  double d = skin_distance(origin + direction * t);
  while (d < 0) {
    t += 0.5 - d;
    d = skin_distance(origin + direction * t);
  }
  for (int step = 0; step < 60 && d > 1e-4; ++step) {
    t -= 0.9 * d;
    d = skin_distance(origin + direction * t);
  }
  return origin + direction * t;
}

Vec3 skin_in_front(const Vec2& xy) { return skin_along({xy.x(), xy.y(), 0}, {0, 0, 1}, 11.2); }

}  // namespace bisque::demo
