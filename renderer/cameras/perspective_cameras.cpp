#include <bisque/renderer/cameras/perspective_cameras.h>

#include <ATen/ATen.h>

namespace bisque {

at::Tensor PerspectiveCameras::calibration_matrix() const {
  if (K.defined()) return K;
  const auto f = focal_length.unbind(1), p = principal_point.unbind(1);
  return matrix_of({f[0], 0, p[0], 0,  //
                    0, f[1], p[1], 0,  //
                    0, 0, 0, 1,        //
                    0, 0, 1, 0});
}

at::Tensor PerspectiveCameras::principal_point_of(const at::Tensor& matrix) const {
  return matrix.narrow(1, 0, 2).select(2, 2);
}

std::shared_ptr<Cameras> PerspectiveCameras::with(const Values& values) const {
  return std::make_shared<PerspectiveCameras>(ViewTransform{values("R"), values("T")}, options_of(values));
}

}  // namespace bisque
