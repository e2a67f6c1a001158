// Names of face shapes in many spellings: ARKit, Live Link Face, ICT FaceKit, VRM, MetaHuman, Reallusion, glTF
// exporters.
#pragma once
#include <array>
#include <cstddef>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace bisque {

inline constexpr size_t kNumArkitShapes = 52;
inline constexpr size_t kNumAngles = 9;

/// ARKit's shapes in its spelling (eyeBlinkLeft), in the order of Live Link.
const std::array<std::string_view, kNumArkitShapes>& arkit_names();

/// The head's and the eyes' rotations, in radians, in the order of Live Link: headYaw, headPitch, headRoll,
/// leftEyeYaw, leftEyePitch, leftEyeRoll, rightEyeYaw, rightEyePitch, rightEyeRoll.
const std::array<std::string_view, kNumAngles>& angle_names();

/// Live Link's 61 names in its spelling (EyeBlinkLeft): the shapes, then the angles.
const std::vector<std::string>& live_link_names();

/// The side of a shape that other vocabularies do not split: ICT's browInnerUp_L is the left half of browInnerUp.
enum class ShapeHalf { kWhole, kLeft, kRight };

/// A resolved name: two spellings of one shape have equal key and half.
struct ShapeName {
  std::string key;                     // ARKit's spelling, that of angle_names(), or a normal form for any other name
  ShapeHalf half = ShapeHalf::kWhole;  // of an ARKit shape
  int angle = -1;                      // index into angle_names(); -1 for a shape
};

/// Looks `name` up, ignoring case, `_`, `-`, spaces, a prefix that ends in `.`, `:` or `|` (Maya's "blendShape1.",
/// "rig:"), and whether a side is written L or Left. Names of other vocabularies are known if they equal one ARKit
/// shape or one half of it: VRM 0 and 1, VRoid, MetaHuman and Reallusion.
ShapeName resolve_shape_name(std::string_view name);

/// Whether `name` resolves to an ARKit shape, a half of one, or an angle.
bool is_known_name(std::string_view name);

/// Whether `name` is ARKit's name of a shape or an angle, in any case: EyeBlinkLeft, but not eyeBlink_L.
bool is_arkit_spelling(std::string_view name);

/// Up to `count` of `candidates`, sorted by edit distance to `name`, ignoring case.
std::vector<std::string> nearest_names(std::string_view name, std::span<const std::string> candidates,
                                       size_t count = 3);

}  // namespace bisque
