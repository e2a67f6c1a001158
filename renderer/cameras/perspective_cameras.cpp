#include <ATen/ATen.h>

#include <bisque/renderer/batch/parameter_batch.h>
#include <bisque/renderer/cameras/perspective_cameras.h>

namespace bisque {

PerspectiveCameras::PerspectiveCameras(const ViewTransform& view, const PerspectiveOptions& options)
    : PerspectiveCameras(
          view, options,
          ParameterBatch("PerspectiveCameras", {{"R", view.R, 2},
                                                {"T", view.T, 1},
                                                {"focal_length", options.focal_length, pair_dims(options.focal_length)},
                                                {"principal_point", options.principal_point, 1},
                                                {"K", options.K, 2},
                                                {"image_size", options.image_size, 1}})) {}

PerspectiveCameras::PerspectiveCameras(const ViewTransform& view, const PerspectiveOptions& options,
                                       const ParameterBatch& batch)
    : ModuleOf(view, batch),
      focal_length(*this, "focal_length", batch.get_pair("focal_length", options.focal_length)),
      principal_point(*this, "principal_point", batch.get("principal_point", options.principal_point, {2})),
      K(*this, "K", batch.get("K", options.K, {4, 4})),
      image_size(*this, "image_size", batch.get_image_size(options.image_size)),
      in_ndc_(options.in_ndc) {}

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

std::string PerspectiveCameras::extra_repr() const { return in_ndc_ ? "in_ndc=True" : "in_ndc=False"; }

std::shared_ptr<Cameras> PerspectiveCameras::with(const Values& values) const {
  return std::make_shared<PerspectiveCameras>(ViewTransform{values("R"), values("T")},
                                              PerspectiveOptions{.focal_length = values("focal_length"),
                                                                 .principal_point = values("principal_point"),
                                                                 .K = values("K"),
                                                                 .in_ndc = in_ndc_,
                                                                 .image_size = values("image_size")});
}

}  // namespace bisque
