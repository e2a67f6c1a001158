#include <ATen/ATen.h>

#include <bisque/core/error.h>
#include <bisque/renderer/mesh/mesh_rasterizer.h>

namespace bisque {

MeshRasterizer::MeshRasterizer(const RasterizeMeshesOptions& options, int64_t samples)
    : options_(options), samples_(samples) {
  if (samples != 1 && samples != 2 && samples != 4) {
    fail("MeshRasterizer: expected samples to be 1, 2 or 4, but got ", samples, ".");
  }
}

Fragments MeshRasterizer::rasterize(const at::Tensor& verts, const at::Tensor& faces, const at::Tensor& first,
                                    const at::Tensor& counts, const at::Tensor& vert_offset) const {
  RasterizeMeshesOptions options = options_;
  options.height *= samples_;
  options.width *= samples_;
  auto [pix_to_face, zbuf, bary_coords, dists] =
      rasterize_meshes(verts.reshape({-1, 3}), faces, first, counts, options, vert_offset);
  return {pix_to_face, zbuf, bary_coords, dists, samples_};
}

Fragments MeshRasterizer::forward(const at::Tensor& verts, const at::Tensor& faces) const {
  const int64_t meshes = verts.size(0);
  const auto first = at::zeros({meshes}, faces.options());
  const auto counts = at::full({meshes}, faces.size(0), faces.options());
  return rasterize(verts, faces, first, counts, at::arange(meshes, faces.options()) * verts.size(1));
}

Fragments MeshRasterizer::forward(const Meshes& meshes, const at::Tensor& projected) const {
  const int64_t num_verts = meshes.verts_packed().size(0);
  const auto views = projected.dim() == 2 ? projected.unsqueeze(0) : projected;
  if (views.dim() != 3 || views.size(1) != num_verts || views.size(2) != 3) {
    fail("MeshRasterizer: expected projected to have shape [V, ", num_verts, ", 3] for V views, but got ",
         projected.sizes(), ".");
  }
  const int64_t num_views = views.size(0);
  const auto first = meshes.mesh_to_faces_packed_first_idx().repeat_interleave(num_views);
  const auto counts = meshes.num_faces_per_mesh().repeat_interleave(num_views);
  const auto vert_offset = (at::arange(num_views, first.options()) * num_verts).repeat({meshes.size()});
  return rasterize(views, meshes.faces_packed(), first, counts, vert_offset);
}

}  // namespace bisque
