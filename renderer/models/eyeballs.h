// Finds a model's eyeballs by its groups, so a take's eye rotations can turn them. Free of libtorch.
#pragma once
#include <array>
#include <cstdint>
#include <optional>
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

}  // namespace bisque
