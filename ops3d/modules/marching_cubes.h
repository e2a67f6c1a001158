// MarchingCubes: the op marching_cubes as a Module.
#pragma once
#include <optional>
#include <tuple>

#include <bisque/core/nn/module.h>
#include <bisque/ops3d/marching_cubes/marching_cubes.h>

namespace bisque {

/// forward(vol [N, D, H, W]) -> (verts, faces, num_verts, num_faces): see marching_cubes.
class MarchingCubes : public ModuleOf<MarchingCubes> {
 public:
  explicit MarchingCubes(std::optional<double> isolevel = std::nullopt, bool return_local_coords = true)
      : isolevel_(isolevel), return_local_coords_(return_local_coords) {}

  std::tuple<at::Tensor, at::Tensor, at::Tensor, at::Tensor> forward(const at::Tensor& vol) const {
    return marching_cubes(vol, isolevel_, return_local_coords_);
  }

 private:
  std::optional<double> isolevel_;
  bool return_local_coords_;
};

}  // namespace bisque
