// Finds a model's eyeballs by its groups, so that a take's eye rotations can turn them. Free of libtorch.
#pragma once
#include <array>
#include <cstdint>
#include <optional>
#include <vector>

#include <bisque/renderer/models/blendshape_data.h>

namespace bisque {

enum class Side { kLeft, kRight };  // the subject's

struct Eyeball {
  std::vector<int64_t> verts;   // rising
  std::array<float, 3> center;  // of the sphere that fits them best
};

/// The eyeball that the model has as groups (ICT: M_ScleraLeft and M_IrisLeft): those whose name speaks of a part of
/// the eyeball (sclera, iris, pupil, cornea, eyeball) and of the side (left, right, or an L or R apart). None where no
/// group does.
std::optional<Eyeball> find_eyeball(const BlendshapeData& model, Side side);

}  // namespace bisque
