#include <bisque/renderer/models/demo_head/head_parts.h>

#include <bisque/renderer/models/demo_head/landmarks.h>

namespace bisque::demo {
namespace {

constexpr int kEyeSegments = 32;
constexpr double kIrisAngle = 26;

struct EyeRing {
  double angle;   // from the gaze, in degrees
  double radius;  // from the centre
};

/// The ball's rings from the pupil's floor to the back. The back mirrors the front, out of sight, so that a sphere
/// fitted to all of the vertices has the ball's own centre.
std::vector<EyeRing> eye_rings() {
  const double r = kEyeRadius;
  std::vector<EyeRing> rings{{5, r - 0.62},          {10.5, r - 0.60}, {12.3, r - 0.54}, {12.8, r - 0.40},
                             {13.6, r - 0.34},       {16, r - 0.29},   {20, r - 0.22},   {24, r - 0.16},
                             {kIrisAngle, r - 0.12}, {27.2, r - 0.03}, {29, r - 0.001}};
  const std::vector<EyeRing> front = rings;
  for (double angle = 40; angle < 150; angle += 10) rings.push_back({angle, r});
  for (auto ring = front.rbegin(); ring != front.rend(); ++ring) rings.push_back({180 - ring->angle, ring->radius});
  return rings;
}

/// Places a part's own coordinates (x, y, z) in the head.
struct Frame {
  Vec3 origin, x_axis, y_axis, z_axis;
  Vec3 at(double x, double y, double z) const { return origin + x * x_axis + y * y_axis + z * z_axis; }
};

constexpr int kEarSegments = 44;
constexpr double kEarShares[] = {0.12, 0.24, 0.34, 0.41, 0.47, 0.53, 0.59, 0.65,
                                 0.71, 0.77, 0.83, 0.88, 0.92, 0.96, 1.0};

// The ear's outline and relief by angle about the middle of its bowl: 0 backwards, 90 up, 180 forwards. After the
// outline's radius, the height above the ear's plane at the shares kReliefShares of that radius.
constexpr double kReliefShares[] = {0, 0.22, 0.42, 0.55, 0.66, 0.77, 0.88, 0.96, 1.0};
using EarKey = Key<10>;
constexpr EarKey kEarKeys[] = {
    {-35, {1.95, -.6, -.55, -.20, .40, .42, .18, .20, .35, .15}},  // towards the lobe
    {0, {1.80, -.6, -.60, -.30, .38, .45, .12, .22, .55, .30}},    // back: helix, groove, antihelix
    {45, {2.45, -.6, -.55, -.20, .40, .42, .08, .22, .60, .35}},
    {75, {3.00, -.6, -.45, .05, .28, .20, .06, .22, .60, .35}},  // top
    {100, {2.95, -.6, -.40, .10, .12, .05, .05, .18, .55, .30}},
    {130, {2.20, -.6, -.30, .10, .08, .00, .02, .15, .50, .28}},
    {160, {1.45, -.6, -.25, .05, .12, .15, .15, .25, .38, .20}},  // root of the helix
    {185, {1.20, -.6, -.45, -.20, .05, .15, .18, .18, .15, .05}},
    {215, {1.30, -.6, -.45, .05, .42, .48, .35, .18, .05, -.10}},   // tragus
    {240, {2.00, -.6, -.55, -.35, -.05, .12, .18, .12, .0, -.15}},  // notch
    {265, {2.85, -.6, -.45, .00, .32, .30, .22, .20, .12, -.05}},   // lobe
    {292, {2.70, -.6, -.50, .05, .40, .36, .24, .22, .18, .00}},
    {325, {1.95, -.6, -.55, -.20, .40, .42, .18, .20, .35, .15}},
    {360, {1.80, -.6, -.60, -.30, .38, .45, .12, .22, .55, .30}},
    {405, {2.45, -.6, -.55, -.20, .40, .42, .08, .22, .60, .35}}};

double ear_height(const std::array<double, 10>& relief, double share) {
  Key<1> keys[std::size(kReliefShares)];
  for (size_t i = 0; i < std::size(kReliefShares); ++i) keys[i] = {kReliefShares[i], {relief[i + 1]}};
  return curve(keys, share)[0];
}

Frame ear_frame() {
  const Vec2 flare = on_circle(24);
  const Vec2 lean = on_circle(10);
  const Vec3 back(flare.y(), 0, -flare.x());
  const Vec3 out(flare.x(), 0, flare.y());
  const Vec3 up(0, 1, 0);
  const Vec3 x_axis = back * lean.x() - up * lean.y();
  const Vec3 y_axis = up * lean.x() + back * lean.y();
  return {Vec3(7.15, -1.0, -0.9), x_axis, y_axis, out};
}

struct Pair {
  double first, second;
};

// A tooth is a box with rounded edges: the rings of its height (from the root to the biting edge) and their width, and
// the corners of a ring.
constexpr std::array<Pair, 6> kToothRings{{{1, 0.6}, {0.8, 0.9}, {0.2, 1}, {-0.5, 1}, {-0.85, 0.93}, {-1, 0.6}}};
constexpr std::array<Pair, 8> kToothCorners{
    {{1, 0.6}, {0.75, 1}, {-0.75, 1}, {-1, 0.6}, {-1, -0.6}, {-0.75, -1}, {0.75, -1}, {1, -0.6}}};

/// A tooth in a frame whose y axis points to the root.
void add_tooth(HalfMesh& mesh, const Frame& frame, const Vec3& half_size, Part part) {
  const Place place{part, 0, 0};
  const auto add = [&](double x, double y, double z) {
    return mesh.add_vert(frame.at(x * half_size.x(), y * half_size.y(), z * half_size.z()), place);
  };
  const int32_t first = add(0, 1.02, 0);
  for (const auto& [y, width] : kToothRings) {
    for (const auto& [x, z] : kToothCorners) add(x * width, y, z * width);
  }
  const int32_t last = add(0, -1.02, 0);
  constexpr int kCorners = std::size(kToothCorners);
  for (int k = 0; k < kCorners; ++k) {
    const int next = (k + 1) % kCorners;
    mesh.add_face(first, first + 1 + next, first + 1 + k, kTeeth);
    for (size_t r = 0; r + 1 < kToothRings.size(); ++r) {
      const int32_t upper = first + 1 + static_cast<int32_t>(r) * kCorners;
      const int32_t lower = upper + kCorners;
      mesh.add_quad(upper + k, upper + next, lower + next, lower + k, kTeeth);
    }
    mesh.add_face(last, last - kCorners + k, last - kCorners + next, kTeeth);
  }
}

/// The dental arch: a point and its direction at a distance along it from the midline.
struct ArchPoint {
  double x, z;
  Vec2 along;
};

ArchPoint on_arch(double distance, double front) {
  // A parabola x = s, z = front - 0.52 x^2 walked in small steps of its length.
  constexpr double kBend = 0.50;
  double x = 0;
  constexpr int kSteps = 24;
  for (int step = 0; step < kSteps; ++step) {
    const double slope = 2 * kBend * x;
    x += distance / kSteps / std::sqrt(1 + slope * slope);
  }
  return {x, front - kBend * x * x, Vec2(1, -2 * kBend * x).normalized()};
}

struct Jaw {
  Part part;
  double front;      // z of the arch on the midline
  double edge;       // y of the biting edge
  double crown;      // height of the teeth
  double direction;  // of the roots: 1 up, -1 down
  std::array<double, 6> widths;
};

constexpr Jaw kUpperJaw{Part::kUpperTeeth, 9.0, -7.42, 1.05, 1, {0.86, 0.68, 0.76, 0.70, 0.68, 1.0}};
constexpr Jaw kLowerJaw{Part::kLowerTeeth, 8.72, -7.36, 0.95, -1, {0.56, 0.60, 0.68, 0.70, 0.72, 1.05}};

void add_teeth(HalfMesh& mesh, const Jaw& jaw) {
  double distance = 0;
  for (size_t tooth = 0; tooth < jaw.widths.size(); ++tooth) {
    const double width = jaw.widths[tooth];
    const ArchPoint point = on_arch(distance + width / 2, jaw.front);
    distance += width;
    const Vec3 x_axis(point.along.x(), 0, point.along.y());
    const Vec3 z_axis(-point.along.y(), 0, point.along.x());
    const double shorter = tooth == 1 ? 0.06 : tooth > 2 ? 0.08 : 0;
    const double middle = jaw.edge + jaw.direction * (jaw.crown / 2 + shorter);
    const double depth = tooth < 3 ? 0.2 : 0.38;
    const Vec3 centre = Vec3(point.x, middle, point.z) - z_axis * depth;
    // The frame keeps its handedness when the root points down.
    const Vec3 across = x_axis * jaw.direction;
    add_tooth(mesh, {centre, across, Vec3(0, jaw.direction, 0), z_axis}, {width * 0.49, jaw.crown / 2, depth},
              jaw.part);
  }
}

/// The gum: a tube along the arch at the teeth's roots.
void add_gum(HalfMesh& mesh, const Jaw& jaw) {
  constexpr int kAlong = 12;
  constexpr int kAround = 10;
  const int32_t first = static_cast<int32_t>(mesh.verts.size());
  for (int i = 0; i <= kAlong; ++i) {
    const ArchPoint point = on_arch(4.9 * i / kAlong, jaw.front);
    const Vec3 z_axis(-point.along.y(), 0, point.along.x());
    const double y = jaw.edge + jaw.direction * (jaw.crown + 0.22);
    for (int k = 0; k < kAround; ++k) {
      const Vec2 around = on_circle(360.0 * k / kAround);
      Vec3 p = Vec3(point.x, y + 0.5 * around.y(), point.z) + z_axis * (-0.3 + 0.38 * around.x());
      if (i == 0) p.x() = 0;
      mesh.add_vert(p, {jaw.part, 0, 0});
    }
  }
  for (int i = 0; i < kAlong; ++i) {
    for (int k = 0; k < kAround; ++k) {
      const int32_t next = (k + 1) % kAround;
      const int32_t a = first + i * kAround;
      mesh.add_quad(a + k, a + kAround + k, a + kAround + next, a + next, kGumsTongue);
    }
  }
}

/// The tongue: a flat ball with a furrow, its tip in front.
void add_tongue(HalfMesh& mesh) {
  constexpr int kRings = 14;
  constexpr int kHalfAround = 10;
  const Vec3 centre(0, -8.0, 6.0);
  const Vec3 radii(1.65, 0.62, 2.35);
  const auto at = [&](double ring, int k) {
    const Vec2 off = on_circle(180 * ring / (kRings + 1));
    const Vec2 around = on_circle(90 - 180.0 * k / kHalfAround);  // from the top over the left side to the bottom
    Vec3 p = centre + Vec3(radii.x() * off.y() * around.x(), radii.y() * off.y() * around.y(), radii.z() * off.x());
    if (around.y() > 0) p.y() -= 0.16 * bell(p.x(), 0.6) * off.y() * around.y();
    if (k == 0 || k == kHalfAround || off.y() < 1e-9) p.x() = 0;
    return p;
  };
  const auto place = [&](double ring) { return Place{Part::kTongue, 0, 1 - ring / (kRings + 1)}; };
  const int32_t tip = mesh.add_vert(at(0, 0), place(0));
  for (int r = 1; r <= kRings; ++r) {
    for (int k = 0; k <= kHalfAround; ++k) mesh.add_vert(at(r, k), place(r));
  }
  const int32_t root = mesh.add_vert(at(kRings + 1, 0), place(kRings + 1));
  for (int k = 0; k < kHalfAround; ++k) {
    mesh.add_face(tip, tip + 1 + k + 1, tip + 1 + k, kGumsTongue);
    for (int r = 0; r + 1 < kRings; ++r) {
      const int32_t front = tip + 1 + r * (kHalfAround + 1) + k;
      const int32_t back = front + kHalfAround + 1;
      mesh.add_quad(front, front + 1, back + 1, back, kGumsTongue);
    }
    mesh.add_face(root, root - kHalfAround - 1 + k, root - kHalfAround + k, kGumsTongue);
  }
}

}  // namespace

void add_eyeball(HalfMesh& mesh) {
  const Place place{Part::kEyeball, 0, 0};
  const auto at = [](double angle, double segment, double radius) -> Vec3 {
    const Vec2 off = on_circle(angle);
    const Vec2 around = on_circle(360.0 * segment / kEyeSegments);
    return kEyeCentre + radius * Vec3(off.y() * around.x(), off.y() * around.y(), off.x());
  };
  const std::vector<EyeRing> rings = eye_rings();
  const int32_t first = mesh.add_vert(at(0, 0, rings[0].radius), place);
  for (const EyeRing& ring : rings) {
    for (int s = 0; s < kEyeSegments; ++s) mesh.add_vert(at(ring.angle, s, ring.radius), place);
  }
  const int32_t last = mesh.add_vert(at(180, 0, rings[0].radius), place);
  for (int s = 0; s < kEyeSegments; ++s) {
    const int next = (s + 1) % kEyeSegments;
    mesh.add_face(first, first + 1 + s, first + 1 + next, kIris);
    for (size_t r = 0; r + 1 < rings.size(); ++r) {
      const int32_t inner = first + 1 + static_cast<int32_t>(r) * kEyeSegments;
      const int32_t outer = inner + kEyeSegments;
      mesh.add_quad(inner + s, outer + s, outer + next, inner + next, rings[r].angle < kIrisAngle ? kIris : kSclera);
    }
    mesh.add_face(last - kEyeSegments + s, last, last - kEyeSegments + next, kSclera);
  }
}

void add_ear(HalfMesh& mesh) {
  const Frame frame = ear_frame();
  const Place place{Part::kEar, 0, 0};
  const int32_t first = mesh.add_vert(frame.at(0, 0, kEarKeys[1].values[1]), place);
  // The front's rings from the bowl to the rim, then the back's rings down into the head.
  struct BackRing {
    double share, height;
  };
  constexpr BackRing kBack[] = {{1.0, -0.22}, {0.93, -0.32}, {0.78, -0.5}, {0.6, -1.0}, {0.5, -1.9}};
  constexpr int kFront = std::size(kEarShares);
  for (int r = 0; r < kFront + static_cast<int>(std::size(kBack)); ++r) {
    for (int s = 0; s < kEarSegments; ++s) {
      const double angle = 360.0 * s / kEarSegments;
      const auto relief = curve(kEarKeys, angle);
      const Vec2 around = on_circle(angle);
      const bool front = r < kFront;
      const double share = front ? kEarShares[r] : kBack[r - kFront].share;
      const double height = front ? ear_height(relief, share) : kBack[r - kFront].height + ear_height(relief, 1);
      const double radius = share * relief[0];
      mesh.add_vert(frame.at(radius * around.x(), radius * around.y(), height), place);
    }
  }
  for (int s = 0; s < kEarSegments; ++s) {
    const int next = (s + 1) % kEarSegments;
    mesh.add_face(first, first + 1 + s, first + 1 + next, kEars);
    for (int r = 0; r + 1 < kFront + static_cast<int>(std::size(kBack)); ++r) {
      const int32_t inner = first + 1 + r * kEarSegments;
      const int32_t outer = inner + kEarSegments;
      mesh.add_quad(inner + s, outer + s, outer + next, inner + next, kEars);
    }
  }
}

void add_mouth_parts(HalfMesh& mesh) {
  for (const Jaw& jaw : {kUpperJaw, kLowerJaw}) {
    add_teeth(mesh, jaw);
    add_gum(mesh, jaw);
  }
  add_tongue(mesh);
}

}  // namespace bisque::demo
