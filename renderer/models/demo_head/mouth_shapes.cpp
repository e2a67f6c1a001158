#include <bisque/renderer/models/demo_head/mouth_shapes.h>

#include <bisque/renderer/models/demo_head/eye_shapes.h>
#include <bisque/renderer/models/demo_head/landmarks.h>

namespace bisque::demo {
namespace {

bool has_lips(const Spot& spot) { return spot.place.part <= Part::kLowerMouth; }

/// A pull on the skin and the mouth's pocket around a point of the left half.
Vec3 pull_lips(const Spot& spot, const Vec3& centre, const Vec3& radii, const Vec3& by) {
  if (!has_lips(spot)) return Vec3::Zero();
  const double weight = bell(spot.p, centre, radii);
  if (weight == 0) return Vec3::Zero();
  return by * (weight * off_lids(spot));
}

const Vec3 kCorner(kMouthCorner, kMouthLine - 0.05, 8.7);

/// What a point that goes with the jaw all the way moves by when the jaw opens.
Vec3 with_open_jaw(const Vec3& p) {
  static const Vec2 kTurn = on_circle(18.5);
  const Vec3 arm = p - kJawHinge;
  const Vec3 turned(arm.x(), arm.y() * kTurn.x() - arm.z() * kTurn.y(), arm.z() * kTurn.x() + arm.y() * kTurn.y());
  return turned - arm + Vec3(0, -0.1, 0.9);
}

/// 1 on the left half, 0 on the right.
double left_half(const Spot& spot) { return smooth_step(-0.9, 0.9, spot.p.x()); }

/// How much of a lip between its midline and its corner: falls to 0 at the corners.
double between_corners(const Spot& spot) {
  const double x = spot.p.x() / (kMouthCorner + 0.15);
  const double t = clamp01(1 - x * x * x * x);
  return t * t;
}

double upper_lip(const Spot& spot) { return has_lips(spot) ? spot.lip * spot.upper : 0; }
double lower_lip(const Spot& spot) { return has_lips(spot) ? spot.lip * (1 - spot.upper) : 0; }

/// How far onto a lip: 0 on the skin around it, 1 where the lips meet.
double on_lip(const Spot& spot) {
  const Place& place = spot.place;
  if (place.part == Part::kUpperMouth || place.part == Part::kLowerMouth) return clamp01(1 - 1.6 * place.across);
  if (place.part != Part::kUpperLip && place.part != Part::kLowerLip) return 0;
  return smooth_step(-0.5, 0.8, place.across);
}

}  // namespace

Vec3 jaw_forward(const Spot& spot) { return spot.jaw * Vec3(0, -0.05, 0.8); }

Vec3 jaw_left(const Spot& spot) { return spot.jaw * Vec3(1.0, 0, 0); }

Vec3 jaw_open(const Spot& spot) {
  if (spot.jaw == 0) return Vec3::Zero();
  const double narrower = has_lips(spot) ? 0.1 * spot.lip * spot.lip : 0;
  return spot.jaw * with_open_jaw(spot.p) - Vec3(narrower * spot.p.x(), 0, 0);
}

Vec3 mouth_close(const Spot& spot) {
  // Together with the open jaw, both lips end up at the same share of its way.
  if (!has_lips(spot) || spot.lip == 0) return Vec3::Zero();
  return spot.lip * (0.45 - spot.jaw) * with_open_jaw(spot.p);
}

Vec3 mouth_funnel(const Spot& spot) {
  if (!has_lips(spot) || spot.lip == 0) return Vec3::Zero();
  const double middle = between_corners(spot);
  const double lips = spot.lip * (0.4 + 0.6 * on_lip(spot));
  const double part = (0.42 * upper_lip(spot) - 0.52 * lower_lip(spot)) * middle;
  return {-0.26 * spot.p.x() * spot.lip, part, lips * (0.25 + 0.4 * middle)};
}

Vec3 mouth_pucker(const Spot& spot) {
  if (!has_lips(spot) || spot.lip == 0) return Vec3::Zero();
  const double middle = between_corners(spot);
  const double fuller = 0.22 * (kMouthLine - spot.p.y()) * spot.lip * on_lip(spot) * -1;
  return {-0.40 * spot.p.x() * spot.lip, fuller * middle, spot.lip * (0.35 + 0.45 * middle)};
}

Vec3 mouth_left(const Spot& spot) {
  if (!has_lips(spot) || spot.lip == 0) return Vec3::Zero();
  const double side = spot.p.x() / kMouthCorner;
  return spot.lip * Vec3(0.95, 0.05 * side, -0.12 * side);
}

Vec3 mouth_smile(const Spot& spot) {
  if (!has_lips(spot)) return Vec3::Zero();
  // The lips bend as a parabola that rests on the midline.
  const double share = clamp01(spot.p.x() / kMouthCorner);
  const double beyond = bell(std::max(spot.p.x() - kMouthCorner, 0.0), 2.6);
  const double near = bell(spot.p.y() - kCorner.y(), 2.7) * bell(spot.p.z() - kCorner.z(), 3.6);
  const double weight = share * beyond * near;
  return weight * Vec3(0.8, 0.85 * share, -0.5 * share) +
         pull_lips(spot, {4.2, -4.0, 7.0}, {2.4, 2.4, 3.0}, {0.15, 0.42, 0.28});
}

Vec3 mouth_frown(const Spot& spot) {
  return pull_lips(spot, kCorner, {3.0, 2.6, 3.0}, {0.10, -0.7, -0.10}) +
         pull_lips(spot, {2.2, -9.6, 8.2}, {1.8, 1.5, 2.5}, {0, -0.12, 0.08});
}

Vec3 mouth_dimple(const Spot& spot) { return pull_lips(spot, kCorner, {2.0, 1.9, 2.4}, {0.42, 0.12, -0.5}); }

Vec3 mouth_stretch(const Spot& spot) { return pull_lips(spot, kCorner, {2.9, 2.6, 3.2}, {0.85, -0.35, -0.35}); }

Vec3 mouth_roll_lower(const Spot& spot) {
  const double weight = lower_lip(spot) * on_lip(spot) * between_corners(spot);
  return weight * Vec3(0, 0.16, -0.5) + Vec3(0, 0.14 * lower_lip(spot) * between_corners(spot), 0);
}

Vec3 mouth_roll_upper(const Spot& spot) {
  const double weight = upper_lip(spot) * on_lip(spot) * between_corners(spot);
  return weight * Vec3(0, -0.12, -0.5) - Vec3(0, 0.12 * upper_lip(spot) * between_corners(spot), 0);
}

Vec3 mouth_shrug_lower(const Spot& spot) {
  const double lips = has_lips(spot) ? spot.lip * between_corners(spot) : 0;
  return lips * Vec3(0, 0.32, 0.12) + pull_lips(spot, {0, -10.0, 8.8}, {2.6, 1.8, 3.0}, {0, 0.4, 0.12});
}

Vec3 mouth_shrug_upper(const Spot& spot) { return upper_lip(spot) * between_corners(spot) * Vec3(0, 0.32, 0.16); }

Vec3 mouth_press(const Spot& spot) {
  const double half = left_half(spot);
  if (half == 0) return Vec3::Zero();
  const double towards = 0.16 * (lower_lip(spot) - upper_lip(spot)) * (1 - on_lip(spot));
  return half * Vec3(0, towards, -0.16 * spot.lip * (has_lips(spot) ? on_lip(spot) : 0));
}

Vec3 mouth_lower_down(const Spot& spot) {
  const double weight = lower_lip(spot) * between_corners(spot) * left_half(spot);
  return weight * Vec3(0.06, -0.75, -0.04);
}

Vec3 mouth_upper_up(const Spot& spot) {
  const double weight = upper_lip(spot) * between_corners(spot) * left_half(spot);
  return weight * Vec3(0.05, 0.62, 0.06);
}

Vec3 tongue_out(const Spot& spot) {
  if (spot.place.part == Part::kTongue) {
    // The tip comes forward the most; the tongue thins, rises over the lower teeth and bends down beyond them.
    const double t = spot.place.across;
    const double forward = 3.6 * smooth_step(0.0, 1.0, t);
    const double thinner = 0.1 * (-8.0 - spot.p.y());
    return {-0.12 * spot.p.x(), thinner + 0.3 * bell(t - 0.6, 0.5) - 0.9 * smooth_step(0.75, 1.0, t), forward};
  }
  // The jaw gives way far enough for the tongue to pass.
  return 0.5 * jaw_open(spot);
}

}  // namespace bisque::demo
