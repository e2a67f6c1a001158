// Internal. The neutral sculpt of the demo head: the skin is the zero set of a smooth field.
#pragma once
#include <bisque/renderer/models/demo_head/shaping.h>

namespace bisque::demo {

/// The approximate signed distance to the skin in centimetres, negative inside. Lips, lid margins and ears are not part
/// of the field; the eyes' bulge under the lids is.
double skin_distance(const Vec3& point);

struct SkinStep {
  Vec3 point;
  Vec3 out;  // the approximate outward normal
};

/// One step from a point near the skin to the skin.
SkinStep onto_skin(const Vec3& point);

/// The first intersection of the skin with a ray along `direction` (a unit vector) towards `origin`, from a distance
/// `from` where it is outside, or becomes so further out.
Vec3 skin_along(const Vec3& origin, const Vec3& direction, double from);

/// The first intersection of the skin with a ray from the front, along -Z, at (x, y).
Vec3 skin_in_front(const Vec2& xy);

/// The distance of a lid from the eyeball's centre, scaled down towards the corners of the eye: the lids follow an
/// ellipsoid that is wider than the ball.
double lid_radius(const Vec3& point);

/// The point of the lids' ellipsoid of that radius at (x, y), on its front half.
Vec3 on_lid(const Vec2& xy, double radius);

}  // namespace bisque::demo
