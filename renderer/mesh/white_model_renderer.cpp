#include <ATen/ATen.h>

#include <bisque/core/error.h>
#include <bisque/ops3d/structures/topology.h>
#include <bisque/ops3d/vertex_normals/vertex_normals.h>
#include <bisque/renderer/mesh/white_model_renderer.h>
#include <bisque/renderer/shaders/studio_shader.h>

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

std::shared_ptr<MeshRasterizer> make_rasterizer(const RenderSettings& settings, const FoVPerspectiveCameras& camera,
                                                double unit) {
  const RasterizeMeshesOptions options{.height = settings.height,
                                       .width = settings.width,
                                       .z_clip = camera.znear.min().item<double>() / unit,
                                       .with_dists = false};
  return std::make_shared<MeshRasterizer>(options, samples_a_side(settings.samples));
}

}  // namespace

double picture_bytes(const RenderSettings& settings) {
  constexpr double kBytesPerSample = 26, kBytesPerPixel = 20;  // measured
  const double pixels = static_cast<double>(settings.width) * static_cast<double>(settings.height);
  return pixels * (static_cast<double>(settings.samples) * kBytesPerSample + kBytesPerPixel);
}

struct WhiteModelRenderer::Surface {
  at::Tensor normal_faces;
  VertFaces around;
  double unit;
};

WhiteModelRenderer::Surface WhiteModelRenderer::surface_of(const BlendshapeModel& model) {
  at::Tensor normal_faces;
  if (model.normal_verts.defined()) {
    normal_faces = model.normal_verts.index_select(0, model.faces.reshape({-1})).view({-1, 3});
  }
  const at::Tensor& faces = normal_faces.defined() ? normal_faces : static_cast<const at::Tensor&>(model.faces);
  return {normal_faces, vert_faces_of(faces, model.neutral.size(0)), model_unit(model.framed_verts(FramedPart::kAll))};
}

WhiteModelRenderer::WhiteModelRenderer(std::shared_ptr<BlendshapeModel> model_,
                                       std::shared_ptr<FoVPerspectiveCameras> camera_, const RenderSettings& settings,
                                       std::shared_ptr<Shader> shader)
    : WhiteModelRenderer(model_, std::move(camera_), settings, std::move(shader), surface_of(*model_)) {}

WhiteModelRenderer::WhiteModelRenderer(std::shared_ptr<BlendshapeModel> model_,
                                       std::shared_ptr<FoVPerspectiveCameras> camera_, const RenderSettings& settings,
                                       std::shared_ptr<Shader> shader, const Surface& surface)
    : model(*this, "model", std::move(model_)),
      camera(*this, "camera", std::move(camera_)),
      renderer(*this, "renderer", make_rasterizer(settings, *camera, surface.unit),
               shader ? std::move(shader) : std::make_shared<StudioShader>()),
      vert_faces_offsets(*this, "vert_faces_offsets", surface.around.vert_faces_offsets),
      vert_faces(*this, "vert_faces", surface.around.vert_faces),
      normal_faces(*this, "normal_faces", surface.normal_faces),
      unit_(surface.unit),
      settings_(settings) {}

at::Tensor WhiteModelRenderer::normals_of(const at::Tensor& verts) const {
  if (!normal_faces.defined()) return vertex_normals(verts, model->faces, vert_faces_offsets, vert_faces);
  return vertex_normals(verts, normal_faces, vert_faces_offsets, vert_faces).index_select(1, model->normal_verts);
}

at::Tensor WhiteModelRenderer::forward(const at::Tensor& coefficients, const Pose& pose) const {
  auto verts = model(coefficients, pose);
  if (unit_ != 1) verts = verts * (1 / unit_);  // a power of two, so that no digit changes
  return renderer(Scene{
      .meshes = Meshes::of_topology(verts, model->faces, normals_of(verts)), .cameras = camera.ptr(), .unit = unit_});
}

}  // namespace bisque
