#include <bisque/renderer/models/demo_head/eye_shapes.h>

#include <bisque/renderer/models/demo_head/eye_opening.h>
#include <bisque/renderer/models/demo_head/landmarks.h>
#include <bisque/renderer/models/demo_head/sculpt.h>

namespace bisque::demo {
namespace {

bool is_lid(const Spot& spot) { return spot.place.part == Part::kUpperLid || spot.place.part == Part::kLowerLid; }

bool is_skin(const Spot& spot) { return spot.place.part <= Part::kLowerLip; }

/// How much of its margin's way a point of a lid goes: all at the margin and behind it, little from the crease on.
double slide_share(double across) {
  if (across <= 0) return 1;
  return mix(1 - across, 0.08, smooth_step(0.6, 1.1, across)) * smooth_step(kLidReach, 1.0, across);
}

/// Moves a point of a lid by xy along the lid's bulge.
Vec3 along_bulge(const Vec3& p, const Vec2& xy) {
  const double radius = lid_radius(p);
  const Vec2 at = p.head<2>();
  return {xy.x(), xy.y(), on_lid(at + xy, radius).z() - on_lid(at, radius).z()};
}

/// Moves the upper lid down and the lower lid up by shares of the opening's height, and both sideways.
Vec3 move_lids(const Spot& spot, double upper_down, double lower_up, double sideways = 0) {
  if (!is_lid(spot) || spot.p.x() < 0) return Vec3::Zero();
  const double along = spot.place.along;
  const Vec2 gap = lid_margin(true, along) - lid_margin(false, along);
  const double rise = spot.place.part == Part::kUpperLid ? -upper_down : lower_up;
  const Vec2 xy = gap * rise + Vec2(sideways * 4 * along * (1 - along), 0);
  const double share = slide_share(spot.place.across);
  if (share == 0) return Vec3::Zero();
  return along_bulge(spot.p, xy * share);
}

/// A pull on the skin around a point of the left half.
Vec3 pull_skin(const Spot& spot, const Vec3& centre, const Vec3& radii, const Vec3& by) {
  if (!is_skin(spot)) return Vec3::Zero();
  const double weight = bell(spot.p, centre, radii);
  if (weight == 0) return Vec3::Zero();
  return by * (weight * off_lids(spot));
}

/// A pull and its mirror image.
Vec3 pull_both(const Spot& spot, const Vec3& centre, const Vec3& radii, const Vec3& by) {
  const Vec3 flip(-1, 1, 1);
  return pull_skin(spot, centre, radii, by) + pull_skin(spot, centre.cwiseProduct(flip), radii, by.cwiseProduct(flip));
}

}  // namespace

double off_lids(const Spot& spot) { return is_lid(spot) ? smooth_step(0.7, kLidReach, spot.place.across) : 1; }

Vec3 eye_blink(const Spot& spot) { return move_lids(spot, 1 - kSeamHeight, kSeamHeight); }
Vec3 eye_look_down(const Spot& spot) { return move_lids(spot, 0.42, -0.16); }
Vec3 eye_look_in(const Spot& spot) { return move_lids(spot, 0, 0, -0.12); }
Vec3 eye_look_out(const Spot& spot) { return move_lids(spot, 0, 0, 0.12); }
Vec3 eye_look_up(const Spot& spot) { return move_lids(spot, -0.24, 0.10); }
Vec3 eye_wide(const Spot& spot) { return move_lids(spot, -0.38, -0.14); }

Vec3 eye_squint(const Spot& spot) {
  return move_lids(spot, 0.14, 0.36) + pull_skin(spot, {3.3, -1.8, 8.0}, {2.4, 1.6, 2.5}, {0, 0.3, 0.08});
}

Vec3 brow_down(const Spot& spot) {
  return pull_skin(spot, {1.5, 2.2, 8.9}, {2.1, 2.0, 2.5}, {-0.22, -0.6, 0.10}) +
         pull_skin(spot, {3.9, 2.3, 8.0}, {2.0, 1.8, 2.5}, {-0.05, -0.4, 0.05});
}

Vec3 brow_inner_up(const Spot& spot) {
  return pull_both(spot, {1.1, 2.4, 9.1}, {2.2, 2.6, 2.8}, {0.06, 0.62, 0.05}) +
         pull_both(spot, {2.6, 2.4, 8.5}, {2.0, 2.0, 2.6}, {0, 0.3, 0});
}

Vec3 brow_outer_up(const Spot& spot) { return pull_skin(spot, {4.2, 2.4, 7.6}, {2.4, 2.4, 3.0}, {0.05, 0.75, -0.1}); }

Vec3 cheek_puff(const Spot& spot) { return pull_both(spot, {4.0, -6.3, 7.0}, {2.9, 3.2, 3.4}, {0.85, 0, 0.55}); }

Vec3 cheek_squint(const Spot& spot) {
  return pull_skin(spot, {3.9, -2.6, 7.4}, {2.6, 2.2, 2.8}, {0.08, 0.6, 0.25}) + move_lids(spot, 0, 0.16);
}

Vec3 nose_sneer(const Spot& spot) {
  return pull_skin(spot, {1.3, -4.3, 9.9}, {1.25, 1.9, 2.0}, {0.08, 0.42, -0.05}) +
         pull_skin(spot, {1.2, -1.2, 9.2}, {1.0, 1.6, 1.6}, {0, 0.12, 0.12}) +
         pull_skin(spot, {1.7, -6.2, 9.6}, {1.5, 1.3, 2.0}, {0.05, 0.28 * spot.upper, 0});
}

}  // namespace bisque::demo
