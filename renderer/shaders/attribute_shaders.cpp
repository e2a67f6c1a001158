#include <ATen/ATen.h>

#include <bisque/core/error.h>
#include <bisque/ops3d/interpolate_face_attributes/interpolate_face_attributes.h>
#include <bisque/ops3d/transforms/smooth.h>
#include <bisque/renderer/shaders/attribute_shaders.h>
#include <bisque/renderer/shaders/shading.h>
#include <bisque/renderer/textures/textures_uv.h>

namespace bisque {
namespace {

using at::Tensor;

/// Values of the corners of faces [F, 3, D] at the nearest faces, [N, H, W, D].
Tensor at_nearest(const Fragments& nearest, const Tensor& corners) {
  return interpolate_face_attributes(nearest.pix_to_face, nearest.bary_coords, corners).squeeze(3);
}

}  // namespace

Tensor NormalsShader::forward(const Fragments& fragments, const Scene& scene) const {
  const Fragments nearest = nearest_of(fragments);
  const Tensor corners =
      scene.meshes.verts_normals_packed().index_select(0, scene.meshes.faces_packed().flatten()).view({-1, 3, 3});
  Tensor normals = transforms::unit_vectors(at_nearest(nearest, corners));
  if (options_.in_view_space) {
    if (!scene.cameras) fail("NormalsShader: expected cameras for normals in view space, but got none.");
    normals = at::matmul(normals, scene.cameras->R.to(normals.options()).unsqueeze(1));
  }
  const Tensor is_face = nearest.pix_to_face >= 0;
  if (options_.as_colors) normals = at::where(is_face, (normals + 1) / 2, 0.0);
  return at::cat({normals, is_face.to(normals.scalar_type())}, 3);
}

Tensor UVShader::forward(const Fragments& fragments, const Scene& scene) const {
  const auto* textures = dynamic_cast<const TexturesUV*>(scene.textures.get());
  if (!textures) fail("UVShader: expected TexturesUV, but got ", scene.textures ? "other textures." : "none.");
  const Fragments nearest = nearest_of(fragments);
  const Tensor& faces = textures->faces_uvs_packed();
  if (faces.size(0) != scene.meshes.faces_packed().size(0)) {
    fail("UVShader: expected textures of ", scene.meshes.faces_packed().size(0), " faces, but got those of ",
         faces.size(0), ".");
  }
  const Tensor has_map = (faces >= 0).all(1);
  const Tensor corners =
      at::where(has_map.view({-1, 1, 1}),
                textures->verts_uvs_packed().index_select(0, faces.clamp_min(0).flatten()).view({-1, 3, 2}), 0.0);
  const Tensor uv = at_nearest(nearest, at::constant_pad_nd(corners, {0, 1}));
  return at::cat({uv, (nearest.pix_to_face >= 0).to(uv.scalar_type())}, 3);
}

Tensor IDShader::forward(const Fragments& fragments, const Scene& scene) const {
  const Tensor faces = nearest_of(fragments).pix_to_face;
  if (!of_meshes_ || scene.meshes.faces_packed().size(0) == 0) return faces;
  const Tensor meshes = scene.meshes.faces_packed_to_mesh_idx();
  return at::where(faces < 0, faces, meshes.index_select(0, faces.clamp_min(0).flatten()).view(faces.sizes()));
}

}  // namespace bisque
