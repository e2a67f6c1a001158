#include <ATen/ATen.h>

#include <bisque/core/error.h>
#include <bisque/ops3d/structures/topology.h>
#include <bisque/ops3d/vertex_normals/vertex_normals.h>
#include <bisque/renderer/mesh/white_model_renderer.h>

namespace bisque {
namespace {

int64_t samples_a_side(int64_t samples) {
  switch (samples) {
    case 1:
      return 1;
    case 4:
      return 2;
    case 16:
      return 4;
    default:
      fail("WhiteModelRenderer: expected samples to be 1, 4 or 16, but got ", samples);
  }
}

RasterizationSettings raster_settings(const RenderSettings& settings, const FovSettings& fov) {
  const int64_t side = samples_a_side(settings.samples);
  return {.height = settings.height * side, .width = settings.width * side, .z_clip = fov.znear, .with_dists = false};
}

}  // namespace

WhiteModelRenderer::WhiteModelRenderer(std::shared_ptr<BlendshapeModel> model_,
                                       std::shared_ptr<FoVPerspectiveCameras> camera_, const RenderSettings& settings,
                                       std::shared_ptr<PhongShader> shader_)
    : WhiteModelRenderer(model_, std::move(camera_), settings, std::move(shader_),
                         vert_faces_of(model_->faces, model_->neutral.size(0))) {}

WhiteModelRenderer::WhiteModelRenderer(std::shared_ptr<BlendshapeModel> model_,
                                       std::shared_ptr<FoVPerspectiveCameras> camera_, const RenderSettings& settings,
                                       std::shared_ptr<PhongShader> shader_, VertFaces around)
    : model(*this, "model", std::move(model_)),
      camera(*this, "camera", std::move(camera_)),
      rasterizer(*this, "rasterizer", raster_settings(settings, camera->settings())),
      shader(*this, "shader", shader_ ? std::move(shader_) : std::make_shared<PhongShader>()),
      vert_first(*this, "vert_first", around.vert_first),
      vert_faces(*this, "vert_faces", around.vert_faces),
      samples_(samples_a_side(settings.samples)) {}

at::Tensor WhiteModelRenderer::forward(const at::Tensor& coefficients, const Pose& pose) const {
  const auto verts = model(coefficients, pose);
  const auto normals = vertex_normals(verts, model->faces, vert_first, vert_faces);
  const auto fragments = rasterizer(camera(verts), model->faces);
  const auto camera_position = camera->get_camera_center().expand({verts.size(0), 3});
  return shader(verts, normals, model->faces, fragments, camera_position, samples_);
}

}  // namespace bisque
