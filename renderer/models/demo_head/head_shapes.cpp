#include <bisque/renderer/models/demo_head/head_shapes.h>

#include <bisque/renderer/models/demo_head/eye_shapes.h>
#include <bisque/renderer/models/demo_head/landmarks.h>
#include <bisque/renderer/models/demo_head/mouth_shapes.h>

namespace bisque::demo {
namespace {

/// A point seen from the mouth: how far beyond the corner it lies sideways and how high above the line of the mouth.
/// All of a lip's thickness, and the mouth behind it, counts as lying on the line where the lips meet, so that it moves
/// as one.
Vec2 from_corner(const Vec3& p, const Place& place) {
  constexpr double kLeast = 1e-3;
  const Vec2 off(std::abs(p.x()) - kMouthCorner, p.y() - kMouthLine);
  const bool upper = place.part == Part::kUpperLip || place.part == Part::kUpperMouth;
  const bool lower = place.part == Part::kLowerLip || place.part == Part::kLowerMouth;
  if (!upper && !lower) return off;
  const bool lip = place.part == Part::kUpperLip || place.part == Part::kLowerLip;
  const double share = lip ? smooth_step(-0.7, 0.0, place.across) : 1;
  const Vec2 seam((place.along - 1) * kMouthCorner, 0);
  Vec2 off_lip = off + (seam - off) * share;
  off_lip.y() = upper ? std::max(off_lip.y(), kLeast) : std::min(off_lip.y(), -kLeast);
  return off_lip;
}

/// 1 above the mouth, 0 below it and even in between beyond its corners: by the sine of half the angle about the
/// corner, as a sheet bends that is cut along the mouth, and by the distance, so that the cut opens as an oval.
double upper_share(double beyond, double height) {
  const double length = std::sqrt(beyond * beyond + height * height);
  if (length < 1e-9) return 0.5;
  const double half_sine = std::sqrt(std::max(0.5 - 0.5 * beyond / length, 0.0));
  const double near = clamp01(1 - length / (kMouthCorner + 0.05));
  return 0.5 + (height < 0 ? -0.5 : 0.5) * half_sine * std::sqrt(1 - near * near);
}

double jaw_share(const Vec3& p, const Place& place, double upper, double height) {
  switch (place.part) {
    case Part::kLowerTeeth:
    case Part::kTongue:
      return 1;
    case Part::kUpperTeeth:
    case Part::kEyeball:
    case Part::kEar:
    case Part::kUpperLid:
    case Part::kLowerLid:
      return 0;
    default:
      break;
  }
  double share = 1 - upper * smooth_step(-3.2, -0.6, height);  // the chin goes all the way
  if (height > 0) share *= smooth_step(4.5, 0.0, height);
  share *= smooth_step(-0.5, 4.0, p.z());                                       // the back of the jaw and the nape
  share *= smooth_step(-16.0, -11.2, p.y() + 0.35 * std::min(p.z() - 5, 0.0));  // the neck
  return share;
}

double lip_share(const Vec3& p, const Place& place) {
  const double height = p.y() - kMouthLine;
  const Vec2 away(std::max(std::abs(p.x()) - kMouthCorner + 0.3, 0.0) / 1.9,
                  std::max(std::abs(height) - 0.5, 0.0) / 1.9);
  const double near = clamp01(1 - away.squaredNorm());
  const bool inside = place.part == Part::kUpperMouth || place.part == Part::kLowerMouth;
  const double depth = inside ? clamp01(1.1 - 2.2 * place.across) : smooth_step(4.5, 6.5, p.z());
  return near * near * depth;
}

}  // namespace

Spot make_spot(const Vec3& p, const Place& place) {
  const Vec2 off = from_corner(p, place);
  const double upper = upper_share(off.x(), off.y());
  return {p, place, jaw_share(p, place, upper, off.y()), lip_share(p, place), upper};
}

std::span<const Shape> arkit_shapes() {
  static constexpr Shape kShapes[] = {
      {"eyeBlinkLeft", eye_blink, false},
      {"eyeLookDownLeft", eye_look_down, false},
      {"eyeLookInLeft", eye_look_in, false},
      {"eyeLookOutLeft", eye_look_out, false},
      {"eyeLookUpLeft", eye_look_up, false},
      {"eyeSquintLeft", eye_squint, false},
      {"eyeWideLeft", eye_wide, false},
      {"eyeBlinkRight", eye_blink, true},
      {"eyeLookDownRight", eye_look_down, true},
      {"eyeLookInRight", eye_look_in, true},
      {"eyeLookOutRight", eye_look_out, true},
      {"eyeLookUpRight", eye_look_up, true},
      {"eyeSquintRight", eye_squint, true},
      {"eyeWideRight", eye_wide, true},
      {"jawForward", jaw_forward, false},
      {"jawLeft", jaw_left, false},
      {"jawRight", jaw_left, true},
      {"jawOpen", jaw_open, false},
      {"mouthClose", mouth_close, false},
      {"mouthFunnel", mouth_funnel, false},
      {"mouthPucker", mouth_pucker, false},
      {"mouthLeft", mouth_left, false},
      {"mouthRight", mouth_left, true},
      {"mouthSmileLeft", mouth_smile, false},
      {"mouthSmileRight", mouth_smile, true},
      {"mouthFrownLeft", mouth_frown, false},
      {"mouthFrownRight", mouth_frown, true},
      {"mouthDimpleLeft", mouth_dimple, false},
      {"mouthDimpleRight", mouth_dimple, true},
      {"mouthStretchLeft", mouth_stretch, false},
      {"mouthStretchRight", mouth_stretch, true},
      {"mouthRollLower", mouth_roll_lower, false},
      {"mouthRollUpper", mouth_roll_upper, false},
      {"mouthShrugLower", mouth_shrug_lower, false},
      {"mouthShrugUpper", mouth_shrug_upper, false},
      {"mouthPressLeft", mouth_press, false},
      {"mouthPressRight", mouth_press, true},
      {"mouthLowerDownLeft", mouth_lower_down, false},
      {"mouthLowerDownRight", mouth_lower_down, true},
      {"mouthUpperUpLeft", mouth_upper_up, false},
      {"mouthUpperUpRight", mouth_upper_up, true},
      {"browDownLeft", brow_down, false},
      {"browDownRight", brow_down, true},
      {"browInnerUp", brow_inner_up, false},
      {"browOuterUpLeft", brow_outer_up, false},
      {"browOuterUpRight", brow_outer_up, true},
      {"cheekPuff", cheek_puff, false},
      {"cheekSquintLeft", cheek_squint, false},
      {"cheekSquintRight", cheek_squint, true},
      {"noseSneerLeft", nose_sneer, false},
      {"noseSneerRight", nose_sneer, true},
      {"tongueOut", tongue_out, false},
  };
  return kShapes;
}

}  // namespace bisque::demo
