#include <ATen/ATen.h>

#include <numbers>

#include <bisque/core/error.h>
#include <bisque/renderer/batch/parameter_batch.h>
#include <bisque/renderer/cameras/fov_perspective_cameras.h>

namespace bisque {

FoVPerspectiveCameras::FoVPerspectiveCameras(const ViewTransform& view, const FoVPerspectiveOptions& options)
    : FoVPerspectiveCameras(view, options,
                            ParameterBatch("FoVPerspectiveCameras", {{"R", view.R, 2},
                                                                     {"T", view.T, 1},
                                                                     {"znear", options.znear},
                                                                     {"zfar", options.zfar},
                                                                     {"aspect_ratio", options.aspect_ratio},
                                                                     {"fov", options.fov},
                                                                     {"K", options.K, 2}})) {}

FoVPerspectiveCameras::FoVPerspectiveCameras(const ViewTransform& view, const FoVPerspectiveOptions& options,
                                             const ParameterBatch& batch)
    : ModuleOf(view, batch),
      znear(*this, "znear", batch.get("znear", options.znear)),
      zfar(*this, "zfar", batch.get("zfar", options.zfar)),
      aspect_ratio(*this, "aspect_ratio", batch.get("aspect_ratio", options.aspect_ratio)),
      fov(*this, "fov", batch.get("fov", options.fov)),
      K(*this, "K", batch.get("K", options.K, {4, 4})),
      degrees_(options.degrees) {
  const double most = degrees_ ? 180 : std::numbers::pi;
  for (const double angle : options.fov.numbers()) {
    if (!(angle > 0 && angle < most)) {
      fail("FoVPerspectiveCameras: expected fov to lie between 0 and ", most, ", but got ", angle, ".");
    }
  }
  for (const double ratio : options.aspect_ratio.numbers()) {
    if (!(ratio > 0)) fail("FoVPerspectiveCameras: expected aspect_ratio to be above 0, but got ", ratio, ".");
  }
}

at::Tensor FoVPerspectiveCameras::calibration_matrix() const {
  if (K.defined()) return K;
  const at::Tensor slope = (fov * ((degrees_ ? std::numbers::pi / 180 : 1) / 2)).tan();
  const at::Tensor scale = zfar / (zfar - znear);
  return matrix_of({1 / (slope * aspect_ratio), 0, 0, 0,  //
                    0, 1 / slope, 0, 0,                   //
                    0, 0, scale, -scale * znear,          //
                    0, 0, 1, 0});
}

at::Tensor FoVPerspectiveCameras::principal_point_of(const at::Tensor& matrix) const {
  return matrix.narrow(1, 0, 2).select(2, 2);
}

std::string FoVPerspectiveCameras::extra_repr() const { return degrees_ ? "degrees=True" : "degrees=False"; }

std::shared_ptr<Cameras> FoVPerspectiveCameras::with(const Values& values) const {
  return std::make_shared<FoVPerspectiveCameras>(ViewTransform{values("R"), values("T")},
                                                 FoVPerspectiveOptions{.fov = values("fov"),
                                                                       .aspect_ratio = values("aspect_ratio"),
                                                                       .znear = values("znear"),
                                                                       .zfar = values("zfar"),
                                                                       .degrees = degrees_,
                                                                       .K = values("K")});
}

}  // namespace bisque
