// A camera that sees all of a model.
#pragma once
#include <ATen/core/Tensor.h>

#include <memory>

#include <bisque/renderer/cameras/fov_perspective_cameras.h>
#include <bisque/renderer/cameras/look_at.h>

namespace bisque {

/// The view of a model. Angles in degrees.
struct Framing {
  double fov = 25;
  double elevation = 0;
  double azimuth = 0;
  double margin = 0.08;      // free fraction of the picture on each side of the model's box
  double distance = 0;       // 0: fits the model
  Vec3d offset = {0, 0, 0};  // offset of the camera's target from the middle of the model's box
};

/// A camera that sees all of verts [V, 3] in a picture of width / height = `aspect`; its near plane includes `scene`
/// [S, 3], if that is defined. Error: no vertex, one that is not finite, or a box too large for float32.
std::shared_ptr<FoVPerspectiveCameras> fit_camera(const at::Tensor& verts, double aspect, const Framing& framing = {},
                                                  const at::Tensor& scene = {});

/// A power of two near the size of the box of verts [V, 3]: lengths divided by it keep their precision, and their
/// squares stay in the range of float32 for any unit of the model. 1 for a box whose longest side is from 24 to 48, and
/// for a box without size.
double model_unit(const at::Tensor& verts);

}  // namespace bisque
