// Internal. The displacements of a vertex by the shapes of the jaw, the left half of the mouth and the tongue.
#pragma once
#include <bisque/renderer/models/demo_head/head_shapes.h>

namespace bisque::demo {

Vec3 jaw_forward(const Spot& spot);
Vec3 jaw_left(const Spot& spot);
Vec3 jaw_open(const Spot& spot);
Vec3 mouth_close(const Spot& spot);
Vec3 mouth_funnel(const Spot& spot);
Vec3 mouth_pucker(const Spot& spot);
Vec3 mouth_left(const Spot& spot);
Vec3 mouth_smile(const Spot& spot);
Vec3 mouth_frown(const Spot& spot);
Vec3 mouth_dimple(const Spot& spot);
Vec3 mouth_stretch(const Spot& spot);
Vec3 mouth_roll_lower(const Spot& spot);
Vec3 mouth_roll_upper(const Spot& spot);
Vec3 mouth_shrug_lower(const Spot& spot);
Vec3 mouth_shrug_upper(const Spot& spot);
Vec3 mouth_press(const Spot& spot);
Vec3 mouth_lower_down(const Spot& spot);
Vec3 mouth_upper_up(const Spot& spot);
Vec3 tongue_out(const Spot& spot);

}  // namespace bisque::demo
