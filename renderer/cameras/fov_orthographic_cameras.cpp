#include <ATen/ATen.h>

#include <bisque/renderer/batch/parameter_batch.h>
#include <bisque/renderer/cameras/fov_orthographic_cameras.h>

namespace bisque {

FoVOrthographicCameras::FoVOrthographicCameras(const ViewTransform& view, const FoVOrthographicOptions& options)
    : FoVOrthographicCameras(view, options,
                             ParameterBatch("FoVOrthographicCameras", {{"R", view.R, 2},
                                                                       {"T", view.T, 1},
                                                                       {"znear", options.znear},
                                                                       {"zfar", options.zfar},
                                                                       {"max_y", options.max_y},
                                                                       {"min_y", options.min_y},
                                                                       {"max_x", options.max_x},
                                                                       {"min_x", options.min_x},
                                                                       {"scale_xyz", options.scale_xyz, 1},
                                                                       {"K", options.K, 2}})) {}

FoVOrthographicCameras::FoVOrthographicCameras(const ViewTransform& view, const FoVOrthographicOptions& options,
                                               const ParameterBatch& batch)
    : ModuleOf(view, batch),
      znear(*this, "znear", batch.get("znear", options.znear)),
      zfar(*this, "zfar", batch.get("zfar", options.zfar)),
      max_y(*this, "max_y", batch.get("max_y", options.max_y)),
      min_y(*this, "min_y", batch.get("min_y", options.min_y)),
      max_x(*this, "max_x", batch.get("max_x", options.max_x)),
      min_x(*this, "min_x", batch.get("min_x", options.min_x)),
      scale_xyz(*this, "scale_xyz", batch.get("scale_xyz", options.scale_xyz, {3})),
      K(*this, "K", batch.get("K", options.K, {4, 4})) {}

at::Tensor FoVOrthographicCameras::calibration_matrix() const {
  if (K.defined()) return K;
  const at::Tensor width = max_x - min_x, height = max_y - min_y, range = zfar - znear;
  const auto scale = scale_xyz.unbind(1);
  return matrix_of({2 / width * scale[0], 0, 0, -(max_x + min_x) / width,    //
                    0, 2 / height * scale[1], 0, -(max_y + min_y) / height,  //
                    0, 0, scale[2] / range, -znear / range,                  //
                    0, 0, 0, 1});
}

at::Tensor FoVOrthographicCameras::principal_point_of(const at::Tensor& matrix) const {
  return matrix.narrow(1, 0, 2).select(2, 3);
}

std::shared_ptr<Cameras> FoVOrthographicCameras::with(const Values& values) const {
  return std::make_shared<FoVOrthographicCameras>(ViewTransform{values("R"), values("T")},
                                                  FoVOrthographicOptions{.znear = values("znear"),
                                                                         .zfar = values("zfar"),
                                                                         .max_y = values("max_y"),
                                                                         .min_y = values("min_y"),
                                                                         .max_x = values("max_x"),
                                                                         .min_x = values("min_x"),
                                                                         .scale_xyz = values("scale_xyz"),
                                                                         .K = values("K")});
}

}  // namespace bisque
