#include <ATen/ATen.h>

#include <bisque/core/error.h>
#include <bisque/ops3d/interpolate_face_attributes/interpolate_face_attributes.h>
#include <bisque/renderer/shaders/gouraud_shaders.h>
#include <bisque/renderer/shaders/shading.h>
#include <bisque/renderer/textures/textures_vertex.h>

namespace bisque {
namespace {

/// [sum V, 3]; undefined without textures.
at::Tensor vertex_colors(const Scene& scene) {
  if (!scene.textures) return {};
  const auto* textures = dynamic_cast<const TexturesVertex*>(scene.textures.get());
  const at::IntArrayRef expected = scene.meshes.verts_packed().sizes();
  if (!textures || textures->verts_features_packed().sizes() != expected) {
    fail("Shader: expected TexturesVertex with 3 channels for each of the ", expected[0],
         " verts for Gouraud shading.");
  }
  return textures->verts_features_packed();
}

}  // namespace

at::Tensor gouraud_colors(const Fragments& fragments, const Scene& scene) {
  const Meshes& meshes = scene.meshes;
  const int64_t num_pictures = fragments.pix_to_face.size(0), num_faces = meshes.faces_packed().size(0);
  const auto& sizes = meshes.vert_sizes();
  const auto [factor, highlight] = reflection_at(padded_per_picture(meshes.verts_packed(), sizes, num_pictures),
                                                 padded_per_picture(meshes.verts_normals_packed(), sizes, num_pictures),
                                                 lighting_of(fragments, scene));
  const at::Tensor own = vertex_colors(scene), lit = packed_per_view(factor, sizes);
  const at::Tensor colors = (own.defined() ? lit * own : lit) + packed_per_view(highlight, sizes);  // [V, sum V, 3]
  const at::Tensor corners = colors.index_select(1, meshes.faces_packed().flatten());
  const Fragments views = with_faces_per_view(fragments, meshes.size(), num_faces);
  return interpolate_face_attributes(views.pix_to_face, views.bary_coords, corners.reshape({-1, 3, 3}));
}

at::Tensor HardGouraudShader::forward(const Fragments& fragments, const Scene& scene) const {
  const Fragments nearest = nearest_of(fragments);
  return blend_hard(gouraud_colors(nearest, scene), nearest);
}

at::Tensor SoftGouraudShader::forward(const Fragments& fragments, const Scene& scene) const {
  return blend_soft(gouraud_colors(fragments, scene), fragments, scene);
}

}  // namespace bisque
