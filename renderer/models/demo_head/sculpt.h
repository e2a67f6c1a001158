// Internal. The neutral sculpt of the demo head: skin as the zero set of a smooth field.
#pragma once
#include <bisque/renderer/models/demo_head/shaping.h>

namespace bisque::demo {

/// The signed distance to the skin, roughly, in centimetres: negative inside. Lips, lid margins and ears are not part
/// of the field; the eyes' bulge under the lids is.
double skin_distance(const Vec3& point);

struct SkinStep {
  Vec3 point;
  Vec3 out;  // the outward normal, near enough
};

/// One step from a point near the skin onto it.
SkinStep onto_skin(const Vec3& point);

/// Where a ray meets the skin first that comes along `direction` (a unit vector) towards `origin`, from a distance
/// `from` where it is outside, or becomes so further out.
Vec3 skin_along(const Vec3& origin, const Vec3& direction, double from);

/// Where a ray from the front, along -Z, first meets the skin at (x, y).
Vec3 skin_in_front(const Vec2& xy);

/// The distance from the eyeball's centre that a lid has, scaled down towards the corners of the eye: the lids follow
/// an ellipsoid that is wider than the ball.
double lid_radius(const Vec3& point);

/// The point of the lids' ellipsoid of that radius at (x, y), on its front half.
Vec3 on_lid(const Vec2& xy, double radius);

}  // namespace bisque::demo
