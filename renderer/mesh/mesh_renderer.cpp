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
  return options;
}

void check_cameras(const Scene& scene) {
  if (!scene.cameras) fail("MeshRenderer: expected cameras, but got none.");
  const int64_t b = scene.meshes.size(), n = scene.cameras->size();
  if (b == 0 ? n != 0 : n % b != 0) {
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
  const Meshes& meshes = scene.meshes;
  const Tensor projected = project_verts(meshes, *scene.cameras, scene.unit);  // [V, sum V, 3]
  const int64_t views = projected.size(0);
  const Tensor first = meshes.mesh_to_faces_packed_first_idx().repeat_interleave(views);
  const Tensor counts = meshes.num_faces_per_mesh().repeat_interleave(views);
  const Tensor vert_offset = (at::arange(views, first.options()) * projected.size(1)).repeat({meshes.size()});
  auto [pix_to_face, zbuf, bary_coords, dists] =
      rasterize_meshes(projected.reshape({-1, 3}), meshes.faces_packed(), first, counts,
                       options_for(scene, rasterizer->options()), vert_offset);
  return {pix_to_face, zbuf, bary_coords, dists};
}

Tensor MeshRenderer::forward(const Scene& scene) const { return shader->forward(rasterize(scene), scene); }

}  // namespace bisque
