// fit_picture FOLDER: recovers coefficients and the camera of a picture of the demo head from the picture alone, with
// Adam. Writes target.png, start.png and fitted.png. Exit status 1 if a coefficient is off by 0.03 or the camera by 1
// degree.
#include <ATen/ATen.h>
#include <torch/optim/adam.h>

#include <cmath>
#include <cstdio>
#include <string>

#include <bisque/renderer/cameras/fit_camera.h>
#include <bisque/renderer/lights/directional_lights.h>
#include <bisque/renderer/mesh/blendshape_model.h>
#include <bisque/renderer/mesh/mesh_renderer.h>
#include <bisque/renderer/mesh/to_picture.h>
#include <bisque/renderer/models/read_model.h>
#include <bisque/renderer/pictures/png.h>
#include <bisque/renderer/shaders/phong_shaders.h>

namespace {

constexpr const char* kShapes[] = {"jawOpen", "mouthSmileLeft", "browInnerUp"};
constexpr float kTrueCoefficients[] = {0.6F, 0.7F, 0.8F};
constexpr float kTrueAngles[] = {4, -9};  // elevation and azimuth, degrees
constexpr int64_t kSide = 256;

/// The demo head with three free coefficients, seen by a camera that turns about it.
class TurningHead {
 public:
  TurningHead()
      : data_(bisque::read_blendshapes("demo")),
        model_(data_),
        frontal_(bisque::fit_camera(model_.framed_verts(), 1.0, {.margin = 0.12})),
        renderer_(std::make_shared<bisque::MeshRasterizer>(
                      bisque::RasterizeMeshesOptions{.height = kSide, .width = kSide, .with_dists = false}),
                  std::make_shared<bisque::HardPhongShader>()) {
    const at::Tensor verts = model_.framed_verts();
    middle_ = (verts.amin(0) + verts.amax(0)) / 2;
    distance_ = (frontal_->get_camera_center()[0] - middle_).norm().item<double>();
    columns_ = at::zeros({3, model_.num_shapes()});
    for (int i = 0; i < 3; ++i) columns_[i][bisque::find_shape(data_, kShapes[i])] = 1;
  }

  /// [H, W, 4]
  at::Tensor picture(const at::Tensor& coefficients, const at::Tensor& angles) const {
    const at::Tensor verts = model_(at::matmul(coefficients, columns_).unsqueeze(0));
    const auto view = bisque::look_at_view_transform(
        {.dist = distance_, .elev = angles.slice(0, 0, 1), .azim = angles.slice(0, 1, 2), .at = middle_.unsqueeze(0)});
    const auto camera = std::make_shared<bisque::FoVPerspectiveCameras>(
        view, bisque::FoVPerspectiveOptions{.fov = 25.0, .znear = distance_ / 100, .zfar = distance_ * 4});
    const auto light = std::make_shared<bisque::DirectionalLights>(
        bisque::BatchValue{-0.5, 0.6, 0.7}, bisque::LightColors{.ambient_color = 0.2, .diffuse_color = 0.7});
    return renderer_(bisque::Scene{bisque::Meshes(verts, model_.faces.unsqueeze(0)), nullptr, camera, {light}})[0];
  }

 private:
  bisque::BlendshapeData data_;
  bisque::BlendshapeModel model_;
  std::shared_ptr<bisque::FoVPerspectiveCameras> frontal_;
  bisque::MeshRenderer renderer_;
  at::Tensor middle_, columns_;
  double distance_;
};

void save(const std::string& path, const at::Tensor& picture) {
  bisque::write_png(path, bisque::to_picture(picture.detach(), bisque::Color{1, 1, 1}));
}

}  // namespace

int main(int argc, char** argv) try {
  const std::string folder = argc > 1 ? argv[1] : ".";
  const TurningHead head;
  const at::Tensor true_coefficients = at::tensor(at::ArrayRef<float>(kTrueCoefficients));
  const at::Tensor true_angles = at::tensor(at::ArrayRef<float>(kTrueAngles));
  const at::Tensor target = head.picture(true_coefficients, true_angles).detach();

  at::Tensor coefficients = at::zeros({3}).requires_grad_(), angles = at::zeros({2}).requires_grad_();
  save(folder + "/target.png", target);
  save(folder + "/start.png", head.picture(coefficients, angles));

  torch::optim::Adam optimizer(
      {torch::optim::OptimizerParamGroup({coefficients}), torch::optim::OptimizerParamGroup({angles})},
      torch::optim::AdamOptions(0.02));
  static_cast<torch::optim::AdamOptions&>(optimizer.param_groups()[1].options()).lr(0.3);
  for (int step = 0; step < 150; ++step) {
    optimizer.zero_grad();
    const at::Tensor loss = (head.picture(coefficients, angles) - target).square().mean();
    loss.backward();
    optimizer.step();
    if (step % 30 == 0) std::printf("step %3d  loss %.6f\n", step, loss.item<double>());
  }
  save(folder + "/fitted.png", head.picture(coefficients, angles));

  for (int i = 0; i < 3; ++i) {
    std::printf("%-15s %.3f of %.3f\n", kShapes[i], coefficients[i].item<double>(), kTrueCoefficients[i]);
  }
  std::printf("%-15s %.2f of %.2f degrees\n%-15s %.2f of %.2f degrees\n", "elevation", angles[0].item<double>(),
              kTrueAngles[0], "azimuth", angles[1].item<double>(), kTrueAngles[1]);
  const bool fitted = (coefficients - true_coefficients).abs().max().item<double>() < 0.03 &&
                      (angles - true_angles).abs().max().item<double>() < 1;
  return fitted ? 0 : 1;
} catch (const std::exception& error) {
  std::fprintf(stderr, "fit_picture: %s\n", error.what());
  return 1;
}
