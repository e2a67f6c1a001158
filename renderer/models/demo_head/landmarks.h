// Internal. Shared measures of the demo head, in centimetres, for the subject's left half (x >= 0).
#pragma once
#include <bisque/renderer/models/demo_head/shaping.h>

namespace bisque::demo {

inline const Vec3 kEyeCentre(3.2, 0.0, 7.12);
inline constexpr double kEyeRadius = 1.46;
inline constexpr double kLidInside = 1.50;   // radius of the lids' inner face
inline constexpr double kLidOutside = 1.67;  // radius of their outer face
inline constexpr double kLidReach = 2.6;     // Place::across where the skin around a lid ends
inline constexpr double kSeamHeight =
    0.2;  // height where closed lids meet, as a fraction of the opening above the lower lid

inline constexpr double kMouthCorner = 2.45;  // x of the mouth's corner
inline constexpr double kMouthLine = -7.25;   // y of the closed lips

inline const Vec3 kJawHinge(0.0, -1.6, 0.2);  // on the axis the jaw turns about

}  // namespace bisque::demo
