// Finds a model's eyeballs by its groups, so a take's eye rotations can turn them. Free of libtorch.
#pragma once
#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include <bisque/renderer/models/blendshape_data.h>

namespace bisque {

enum class Side { kLeft, kRight };  // the subject's

struct Eyeball {
  std::vector<int64_t> verts;   // increasing
  std::array<float, 3> center;  // of the best-fitting sphere
};

/// The eyeball given by the model's groups (ICT: M_ScleraLeft and M_IrisLeft): those whose name contains a part of the
/// eyeball (sclera, iris, pupil, cornea, eyeball) and the side (left, right, or a separate L or R). None if no group
/// does.
std::optional<Eyeball> find_eyeball(const BlendshapeData& model, Side side);

/// Whether a shape is one of those that turn the eyes: eyeLookUpLeft, in any spelling.
bool is_eye_look(const std::string& shape_name);

/// The (yaw, pitch, roll) in radians by which each shape turns the eye at coefficient 1, [S, 3]: nonzero only for the
/// side's eyeLook shapes. Signs are those of angle_names().
std::vector<float> gaze_of_shapes(const std::vector<std::string>& shape_names, Side side);

}  // namespace bisque
