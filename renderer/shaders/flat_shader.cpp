#include <ATen/ATen.h>

#include <bisque/renderer/shaders/flat_shader.h>
#include <bisque/renderer/shaders/shading.h>

namespace bisque {

at::Tensor flat_colors(const Fragments& fragments, const Scene& scene) {
  const Meshes& meshes = scene.meshes;
  const at::Tensor& faces = meshes.faces_packed();
  const auto& sizes = meshes.face_sizes();
  const int64_t num_pictures = fragments.pix_to_face.size(0);
  const at::Tensor middles = meshes.verts_packed().index_select(0, faces.flatten()).view({-1, 3, 3}).mean(1);
  const auto [factor, highlight] = reflection_at(padded_per_picture(middles, sizes, num_pictures),
                                                 padded_per_picture(meshes.faces_normals_packed(), sizes, num_pictures),
                                                 lighting_of(fragments, scene));
  const at::Tensor pix_to_face = with_faces_per_view(fragments, meshes.size(), faces.size(0)).pix_to_face;
  const at::Tensor is_face = (pix_to_face >= 0).unsqueeze(4), indices = pix_to_face.clamp_min(0).flatten();
  const auto at_fragments = [&](const at::Tensor& values) {
    const at::Tensor rows = packed_per_view(values, sizes).flatten(0, 1);
    if (rows.size(0) == 0) return at::zeros_like(fragments.bary_coords);
    return at::where(is_face, rows.index_select(0, indices).view(fragments.bary_coords.sizes()), 0.0);
  };
  const at::Tensor texels = texels_of(fragments, scene), lit = at_fragments(factor);
  return (texels.defined() ? lit * texels : lit) + at_fragments(highlight);
}

at::Tensor HardFlatShader::forward(const Fragments& fragments, const Scene& scene) const {
  const Fragments nearest = nearest_of(fragments);
  return blend_hard(flat_colors(nearest, scene), nearest);
}

}  // namespace bisque
