#include <bisque/renderer/cameras/focal_length_cameras.h>

#include <ATen/ATen.h>

#include <bisque/renderer/batch/parameter_batch.h>

namespace bisque {

FocalLengthCameras::FocalLengthCameras(const char* name, const ViewTransform& view, const FocalLengthOptions& options)
    : FocalLengthCameras(view, options,
                         ParameterBatch(name, {{"R", view.R, 2},
                                               {"T", view.T, 1},
                                               {"focal_length", options.focal_length, pair_dims(options.focal_length)},
                                               {"principal_point", options.principal_point, 1},
                                               {"K", options.K, 2},
                                               {"image_size", options.image_size, 1}})) {}

FocalLengthCameras::FocalLengthCameras(const ViewTransform& view, const FocalLengthOptions& options,
                                       const ParameterBatch& batch)
    : LinearCameras(view, batch),
      focal_length(*this, "focal_length", batch.get_pair("focal_length", options.focal_length)),
      principal_point(*this, "principal_point", batch.get("principal_point", options.principal_point, {2})),
      K(*this, "K", batch.get("K", options.K, {4, 4})),
      image_size(*this, "image_size", batch.get_image_size(options.image_size)),
      in_ndc_(options.in_ndc) {}

std::string FocalLengthCameras::extra_repr() const { return in_ndc_ ? "in_ndc=True" : "in_ndc=False"; }

FocalLengthOptions FocalLengthCameras::options_of(const Values& values) const {
  return {.focal_length = values("focal_length"),
          .principal_point = values("principal_point"),
          .K = values("K"),
          .in_ndc = in_ndc_,
          .image_size = values("image_size")};
}

}  // namespace bisque
