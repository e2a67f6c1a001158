#include <ATen/ATen.h>

#include <bisque/core/error.h>
#include <bisque/renderer/batch/parameter_batch.h>
#include <bisque/renderer/cameras/opencv_cameras.h>

namespace bisque {
namespace {

using at::Tensor;

/// OpenCV's view space has x and y in the other direction.
Tensor view_signs(const Tensor& like) { return at::tensor({-1.0, -1.0, 1.0}, like.options().requires_grad(false)); }

ParameterBatch batch_of(const char* function, const OpenCvCameras& cameras, const BatchValue& image_size) {
  for (const Tensor* tensor : {&cameras.R, &cameras.tvec, &cameras.camera_matrix}) {
    if (!tensor->defined()) fail(function, ": expected R, tvec and camera_matrix, but one is missing.");
  }
  if (!image_size.has_value()) fail(function, ": expected image_size, but got none.");
  return ParameterBatch(function, {{"R", cameras.R, 2},
                                   {"tvec", cameras.tvec, 1},
                                   {"camera_matrix", cameras.camera_matrix, 2},
                                   {"distortion", cameras.distortion, 1},
                                   {"image_size", image_size, 1}});
}

ViewTransform view_of(const ParameterBatch& batch, const OpenCvCameras& cameras) {
  const Tensor R = batch.get("R", cameras.R, {3, 3}), signs = view_signs(R);
  return {R.mT() * signs, batch.get("tvec", cameras.tvec, {3}) * signs};
}

OpenCvCameras without_intrinsics(const Cameras& cameras) {
  const Tensor signs = view_signs(cameras.R);
  return {.R = (cameras.R * signs).mT(), .tvec = cameras.T * signs, .camera_matrix = {}, .distortion = {}};
}

/// The matrix [N, 3, 3] of its upper 2x2 part and the principal point [N, 2].
Tensor camera_matrix_of(const Tensor& scales, const Tensor& point) {
  const Tensor last = at::tensor({0.0, 0.0, 1.0}, point.options().requires_grad(false)).expand({point.size(0), 1, 3});
  return at::cat({at::cat({scales, point.unsqueeze(2)}, 2), last}, 1);
}

bool has_skew(const Tensor& camera_matrix) {
  return (camera_matrix.select(1, 0).select(1, 1) != 0).any().item<bool>() ||
         (camera_matrix.select(1, 1).select(1, 0) != 0).any().item<bool>();
}

Tensor size_of(const char* function, const Cameras& cameras, const BatchValue& image_size) {
  const Tensor own = cameras.get_image_size();
  if (!image_size.has_value() && !own.defined()) fail(function, ": expected image_size, since the cameras have none.");
  const BatchValue& size = image_size.has_value() ? image_size : BatchValue(own);
  return ParameterBatch(function, {{"R", cameras.R, 2}, {"image_size", size, 1}}).get_image_size(size);
}

}  // namespace

std::shared_ptr<PerspectiveCameras> cameras_from_opencv_projection(const OpenCvCameras& cameras,
                                                                   const BatchValue& image_size,
                                                                   const OpenCvOptions& options) {
  constexpr const char* kName = "cameras_from_opencv_projection";
  if (cameras.distortion.defined()) {
    fail(kName, ": expected no distortion; undistort the pictures, or use cameras_from_opencv_fisheye.");
  }
  const ParameterBatch batch = batch_of(kName, cameras, image_size);
  const Tensor matrix = batch.get("camera_matrix", cameras.camera_matrix, {3, 3});
  const Tensor point = matrix.narrow(1, 0, 2).select(2, 2) + (0.5 - options.pixel_center);
  PerspectiveOptions perspective = {.focal_length = matrix.diagonal(0, 1, 2).narrow(1, 0, 2),
                                    .principal_point = point,
                                    .in_ndc = false,
                                    .image_size = batch.get_image_size(image_size)};
  if (has_skew(matrix)) {
    const Tensor top = at::cat({matrix.narrow(1, 0, 2).narrow(2, 0, 2), point.unsqueeze(2)}, 2);
    const Tensor last = at::tensor({0.0, 0.0, 0.0, 1.0, 0.0, 0.0, 1.0, 0.0}, batch.options()).view({1, 2, 4});
    perspective.K = at::cat({at::constant_pad_nd(top, {0, 1}), last.expand({batch.size(), 2, 4})}, 1);
  }
  return std::make_shared<PerspectiveCameras>(view_of(batch, cameras), perspective);
}

OpenCvCameras opencv_from_cameras_projection(const LinearCameras& cameras, const BatchValue& image_size,
                                             const OpenCvOptions& options) {
  constexpr const char* kName = "opencv_from_cameras_projection";
  if (!cameras.is_perspective()) fail(kName, ": expected perspective cameras, but got ", cameras.type_name(), ".");
  const Tensor K = cameras.calibration_matrix().narrow(1, 0, 2);
  Tensor scales = K.narrow(2, 0, 2), point = K.select(2, 2);
  if (cameras.in_ndc()) {
    const Tensor half = size_of(kName, cameras, image_size).flip(1) / 2, pixels = half.amin(1, true);
    scales = scales * pixels.unsqueeze(2);
    point = half - point * pixels;
  }
  OpenCvCameras result = without_intrinsics(cameras);
  result.camera_matrix = camera_matrix_of(scales, point - (0.5 - options.pixel_center));
  return result;
}

std::shared_ptr<FishEyeCameras> cameras_from_opencv_fisheye(const OpenCvCameras& cameras, const BatchValue& image_size,
                                                            const OpenCvOptions& options) {
  constexpr const char* kName = "cameras_from_opencv_fisheye";
  if (!cameras.distortion.defined()) fail(kName, ": expected distortion [N, 4], but got none.");
  const ParameterBatch batch = batch_of(kName, cameras, image_size);
  const Tensor matrix = batch.get("camera_matrix", cameras.camera_matrix, {3, 3});
  if (has_skew(matrix))
    fail(kName, ": expected a camera_matrix without skew, but one has an element off the diagonal.");
  const Tensor size = batch.get_image_size(image_size), half = size.flip(1) / 2, pixels = half.amin(1, true);
  const Tensor point = matrix.narrow(1, 0, 2).select(2, 2) + (0.5 - options.pixel_center);
  return std::make_shared<FishEyeCameras>(
      view_of(batch, cameras), FishEyeOptions{.focal_length = matrix.diagonal(0, 1, 2).narrow(1, 0, 2) / pixels,
                                              .principal_point = (half - point) / pixels,
                                              .radial_params = batch.get("distortion", cameras.distortion, {4}),
                                              .image_size = size});
}

OpenCvCameras opencv_fisheye_from_cameras(const FishEyeCameras& cameras, const BatchValue& image_size,
                                          const OpenCvOptions& options) {
  constexpr const char* kName = "opencv_fisheye_from_cameras";
  const Tensor& radial = cameras.radial_params;
  const int64_t extra = std::max<int64_t>(radial.size(1) - 4, 0), missing = std::max<int64_t>(4 - radial.size(1), 0);
  for (const Tensor& other :
       {radial.narrow(1, radial.size(1) - extra, extra), static_cast<const Tensor&>(cameras.tangential_params),
        static_cast<const Tensor&>(cameras.thin_prism_params)}) {
    if ((other != 0).any().item<bool>()) {
      fail(kName, ": expected no distortion but four radial parameters, which is all that OpenCV's fisheye model has.");
    }
  }
  const Tensor half = size_of(kName, cameras, image_size).flip(1) / 2, pixels = half.amin(1, true);
  OpenCvCameras result = without_intrinsics(cameras);
  result.camera_matrix = camera_matrix_of(at::diag_embed(cameras.focal_length * pixels),
                                          half - cameras.principal_point * pixels - (0.5 - options.pixel_center));
  result.distortion = at::constant_pad_nd(radial.narrow(1, 0, radial.size(1) - extra), {0, missing});
  return result;
}

}  // namespace bisque
