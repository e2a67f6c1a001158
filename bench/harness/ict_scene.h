// The scene of the ict rows: the ICT head in the default framing at 512 x 512, with the coefficients of a real take.
#pragma once
#include <ATen/core/Tensor.h>

#include <memory>
#include <string>

#include <bisque/renderer/cameras/fit_camera.h>
#include <bisque/renderer/mesh/blendshape_model.h>

namespace bisque::bench {

/// Made by harness/fixtures.py from BISQUE_SHARED/data/ict_face.
inline constexpr char kIctModel[] = "out/bench/ict.safetensors";

struct IctScene {
  std::shared_ptr<BlendshapeModel> model;
  std::shared_ptr<FoVPerspectiveCameras> camera;
  at::Tensor coefficients;  // [F, S], one row per frame
};

IctScene ict_scene();

/// A file of BISQUE_SHARED/data. Error: BISQUE_SHARED is not set.
std::string shared_data(const std::string& name);

/// Writes 16 frames of the scene for the Python rows: the model's arrays, coefficients, verts in world space and
/// projected by the camera, camera and lights.
void write_ict_scene(const std::string& path);

}  // namespace bisque::bench
