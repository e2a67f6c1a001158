#include <ATen/ATen.h>

#include <bisque/core/error.h>
#include <bisque/renderer/mesh/mesh_renderer.h>
#include <bisque/renderer/shaders/shading.h>

namespace bisque {
namespace {

using at::Tensor;

RasterizeMeshesOptions options_for(const Scene& scene, RasterizeMeshesOptions options) {
  const Cameras& cameras = *scene.cameras;
  options.perspective_correct = options.perspective_correct && cameras.is_perspective();
  options.clip_barycentric_coords = options.clip_barycentric_coords || options.blur_radius > 0;
  const Tensor znear = cameras.get_znear();
  if (options.z_clip < 0 && options.perspective_correct && znear.defined() && znear.numel() > 0) {
    options.z_clip = znear.min().item<double>() / 2 / scene.unit;
  }
  if (options.z_clip < 0 && cameras.is_orthographic()) options.z_clip = 0;  // faces behind are cut, not left out
  return options;
}

void check_cameras(const Scene& scene) {
  if (!scene.cameras) fail("MeshRenderer: expected cameras, but got none.");
  const int64_t b = scene.meshes.size(), n = scene.cameras->size();
  if (b == 0 ? n != 0 : n != 1 && n % b != 0) {
    fail("MeshRenderer: expected a number of cameras that is a multiple of the ", b, " meshes, but got ", n, ".");
  }
}

}  // namespace

Tensor project_verts(const Meshes& meshes, const Cameras& cameras, double unit) {
  return packed_per_view(cameras.forward(meshes.verts_padded(), unit), meshes.vert_sizes());
}

MeshRenderer::MeshRenderer(std::shared_ptr<MeshRasterizer> rasterizer_, std::shared_ptr<Shader> shader_)
    : rasterizer(*this, "rasterizer", std::move(rasterizer_)), shader(*this, "shader", std::move(shader_)) {}

Fragments MeshRenderer::rasterize(const Scene& scene) const {
  check_cameras(scene);
  if (rasterizer->samples() != 1 && !shader->averages_samples()) {
    fail("MeshRenderer: expected a rasterizer with samples 1 for ", shader->type_name(),
         ", which does not average them, but got ", rasterizer->samples(), ".");
  }
  const MeshRasterizer adapted(options_for(scene, rasterizer->options()), rasterizer->samples());
  return adapted.forward(scene.meshes, project_verts(scene.meshes, *scene.cameras, scene.unit));
}

Tensor MeshRenderer::forward(const Scene& scene) const { return shader->forward(rasterize(scene), scene); }

}  // namespace bisque
