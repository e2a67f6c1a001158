#include <ATen/ATen.h>

#include <bisque/renderer/mesh/mesh_rasterizer.h>

namespace bisque {

at::Tensor packed_faces(const at::Tensor& faces, int64_t num_meshes, int64_t num_verts) {
  if (num_meshes == 1) return faces;
  const auto first = at::arange(num_meshes, faces.options()) * num_verts;
  return (faces.unsqueeze(0) + first.view({-1, 1, 1})).reshape({-1, 3});
}

Fragments MeshRasterizer::forward(const at::Tensor& verts, const at::Tensor& faces) const {
  const int64_t meshes = verts.size(0);
  const auto first = at::arange(meshes, faces.options()) * faces.size(0);
  const auto counts = at::full({meshes}, faces.size(0), faces.options());
  auto [pix_to_face, zbuf, bary_coords, dists] =
      rasterize_meshes(verts.reshape({-1, 3}), packed_faces(faces, meshes, verts.size(1)), first, counts, options_);
  return {pix_to_face, zbuf, bary_coords, dists};
}

}  // namespace bisque
