// Scene: what a renderer shows.
#pragma once
#include <memory>

#include <bisque/ops3d/structures/meshes.h>
#include <bisque/renderer/cameras/cameras.h>
#include <bisque/renderer/lights/lights.h>
#include <bisque/renderer/lights/materials.h>
#include <bisque/renderer/textures/textures.h>

namespace bisque {

/// B meshes and the N cameras that see them: N is B, or B V, and then picture b V + v shows mesh b; a single camera
/// sees all. Lights and materials are for all pictures (a batch of 1), for each mesh (B) or for each picture (N); their
/// dtype and device are converted to those of the meshes.
struct Scene {
  Meshes meshes;
  std::shared_ptr<const Textures> textures = nullptr;  // white without
  std::shared_ptr<const Cameras> cameras = nullptr;
  LightList lights = {};                                 // PointLights() if it is empty
  std::shared_ptr<const Materials> materials = nullptr;  // Materials() without
  /// The length in the space of cameras and lights of 1 in the verts (see model_unit).
  double unit = 1;
};

}  // namespace bisque
