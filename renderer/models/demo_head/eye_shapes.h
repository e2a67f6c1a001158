// Internal. The displacements of a vertex by the shapes of the left eye, the brows, the cheeks and the nose.
#pragma once
#include <bisque/renderer/models/demo_head/head_shapes.h>

namespace bisque::demo {

Vec3 eye_blink(const Spot& spot);
Vec3 eye_look_down(const Spot& spot);
Vec3 eye_look_in(const Spot& spot);
Vec3 eye_look_out(const Spot& spot);
Vec3 eye_look_up(const Spot& spot);
Vec3 eye_squint(const Spot& spot);
Vec3 eye_wide(const Spot& spot);
Vec3 brow_down(const Spot& spot);
Vec3 brow_inner_up(const Spot& spot);
Vec3 brow_outer_up(const Spot& spot);
Vec3 cheek_puff(const Spot& spot);
Vec3 cheek_squint(const Spot& spot);
Vec3 nose_sneer(const Spot& spot);

/// 0 on the lids' edges, 1 away from the eye: shapes that move the skin around the eye do not move the lids.
double off_lids(const Spot& spot);

}  // namespace bisque::demo
