#include <ATen/ATen.h>

#include <map>

#include <bisque/core/error.h>
#include <bisque/ops3d/transforms/rotation_conversions.h>
#include <bisque/renderer/batch/parameter_batch.h>
#include <bisque/renderer/cameras/colmap_cameras.h>
#include <bisque/renderer/cameras/opencv_cameras.h>

namespace bisque {
namespace {

using at::Tensor;

struct Model {
  int64_t num_focal_lengths;
  int64_t num_distortions;
  bool is_fisheye;
};

const std::map<std::string, Model> kModels = {
    {"SIMPLE_PINHOLE", {1, 0, false}},
    {"PINHOLE", {2, 0, false}},
    {"SIMPLE_RADIAL", {1, 1, false}},
    {"RADIAL", {1, 2, false}},
    {"OPENCV", {2, 4, false}},
    {"FULL_OPENCV", {2, 8, false}},
    {"SIMPLE_RADIAL_FISHEYE", {1, 1, true}},
    {"RADIAL_FISHEYE", {1, 2, true}},
    {"OPENCV_FISHEYE", {2, 4, true}},
};

const Model& model_of(const std::string& name) {
  const auto found = kModels.find(name);
  if (found != kModels.end()) return found->second;
  std::string known;
  for (const auto& [each, model] : kModels) known += (known.empty() ? "" : ", ") + each;
  fail("cameras_from_colmap: expected a model among ", known, ", but got \"", name, "\".");
}

constexpr OpenCvOptions kCorners = {.pixel_center = 0.5};

}  // namespace

std::shared_ptr<Cameras> cameras_from_colmap(const ColmapCameras& cameras) {
  const Model& model = model_of(cameras.model);
  for (const Tensor* tensor : {&cameras.qvec, &cameras.tvec, &cameras.params, &cameras.image_size}) {
    if (!tensor->defined())
      fail("cameras_from_colmap: expected qvec, tvec, params and image_size, but one is missing.");
  }
  const int64_t num_focal = model.num_focal_lengths, num_params = num_focal + 2 + model.num_distortions;
  const ParameterBatch batch("cameras_from_colmap", {{"qvec", cameras.qvec, 1},
                                                     {"tvec", cameras.tvec, 1},
                                                     {"params", cameras.params, 1},
                                                     {"image_size", cameras.image_size, 1}});
  const Tensor params = batch.get("params", cameras.params, {num_params});
  const Tensor focal = params.narrow(1, 0, num_focal).expand({-1, 2}), center = params.narrow(1, num_focal, 2);
  const Tensor distortion = params.narrow(1, num_focal + 2, model.num_distortions);
  const Tensor last = at::tensor({0.0, 0.0, 1.0}, batch.options()).expand({batch.size(), 1, 3});
  OpenCvCameras opencv = {
      .R = quaternion_to_matrix(batch.get("qvec", cameras.qvec, {4})),
      .tvec = batch.get("tvec", cameras.tvec, {3}),
      .camera_matrix = at::cat({at::cat({at::diag_embed(focal), center.unsqueeze(2)}, 2), last}, 1),
      .distortion = model.is_fisheye ? at::constant_pad_nd(distortion, {0, 4 - model.num_distortions}) : Tensor()};
  if (model.is_fisheye) return cameras_from_opencv_fisheye(opencv, cameras.image_size, kCorners);
  if ((distortion != 0).any().item<bool>()) {
    fail("cameras_from_colmap: expected the distortions of model ", cameras.model,
         " to be 0, since no camera has them; undistort the pictures.");
  }
  return cameras_from_opencv_projection(opencv, cameras.image_size, kCorners);
}

ColmapCameras colmap_from_cameras(const Cameras& cameras, const BatchValue& image_size, const std::string& model) {
  constexpr const char* kName = "colmap_from_cameras";
  const auto* fisheye = dynamic_cast<const FishEyeCameras*>(&cameras);
  const auto* linear = dynamic_cast<const LinearCameras*>(&cameras);
  const std::string name = !model.empty() ? model : fisheye ? "OPENCV_FISHEYE" : "PINHOLE";
  const bool fits = fisheye ? name == "OPENCV_FISHEYE"
                            : linear && linear->is_perspective() && (name == "PINHOLE" || name == "SIMPLE_PINHOLE");
  if (!fits) fail(kName, ": expected cameras that model ", name, " describes, but got ", cameras.type_name(), ".");
  const OpenCvCameras opencv = fisheye ? opencv_fisheye_from_cameras(*fisheye, image_size, kCorners)
                                       : opencv_from_cameras_projection(*linear, image_size, kCorners);
  const Tensor& K = opencv.camera_matrix;
  const auto k = [&](int64_t row, int64_t column) { return K.select(1, row).select(1, column); };
  if ((k(0, 1) != 0).logical_or(k(1, 0) != 0).any().item<bool>()) {
    fail(kName, ": expected cameras without skew, but one has it.");
  }
  std::vector<Tensor> params = {k(0, 0), k(1, 1), k(0, 2), k(1, 2)};
  if (name == "SIMPLE_PINHOLE") {
    if ((k(0, 0) != k(1, 1)).any().item<bool>()) {
      fail(kName, ": expected one focal length for SIMPLE_PINHOLE, but a camera has two; use PINHOLE.");
    }
    params.erase(params.begin());
  }
  Tensor all = at::stack(params, 1);
  if (fisheye) all = at::cat({all, opencv.distortion}, 1);
  const BatchValue size = image_size.has_value() ? image_size : BatchValue(cameras.get_image_size());
  if (!size.has_value()) fail(kName, ": expected image_size, since the cameras have none.");
  const ParameterBatch batch(kName, {{"R", cameras.R, 2}, {"image_size", size, 1}});
  return {name, matrix_to_quaternion(opencv.R), opencv.tvec, all, batch.get_image_size(size)};
}

}  // namespace bisque
