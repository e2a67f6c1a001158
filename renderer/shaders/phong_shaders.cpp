#include <ATen/ATen.h>

#include <bisque/ops3d/phong_shading/phong_shading.h>
#include <bisque/renderer/shaders/phong_shaders.h>
#include <bisque/renderer/shaders/shading.h>

namespace bisque {

at::Tensor phong_colors(const Fragments& fragments, const Scene& scene) {
  const PictureLighting lighting = lighting_of(fragments, scene);
  const at::Tensor texels = texels_of(fragments, scene);
  const Meshes& meshes = scene.meshes;
  return phong_shading(meshes.verts_packed(), meshes.verts_normals_packed(), meshes.faces_packed(),
                       fragments.pix_to_face, fragments.bary_coords,
                       texels.defined() ? std::optional(texels) : std::nullopt, lighting.camera_position,
                       lighting.lights, lighting.diffuse, lighting.specular, lighting.ambient, lighting.shininess,
                       {.reflection = true, .coverage = false});
}

at::Tensor HardPhongShader::forward(const Fragments& fragments, const Scene& scene) const {
  const Fragments nearest = nearest_of(fragments);
  return blend_hard(phong_colors(nearest, scene), nearest);
}

at::Tensor SoftPhongShader::forward(const Fragments& fragments, const Scene& scene) const {
  return blend_soft(phong_colors(fragments, scene), fragments, scene);
}

}  // namespace bisque
