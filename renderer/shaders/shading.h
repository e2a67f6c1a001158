// Internal. What shaders share: lights of pictures, values of verts and faces seen by several cameras.
#pragma once
#include <ATen/core/Tensor.h>

#include <utility>

#include <bisque/core/data/ragged_sizes.h>
#include <bisque/renderer/mesh/mesh_rasterizer.h>
#include <bisque/renderer/shaders/scene.h>

namespace bisque {

/// Lights and materials of N pictures, in the unit of the verts: lights and materials multiplied.
struct PictureLighting {
  at::Tensor camera_position;  // [N, 3]
  at::Tensor lights;           // [N, L, 4]
  at::Tensor diffuse;          // [N, L, 3]
  at::Tensor specular;         // [N, L, 3]
  at::Tensor ambient;          // [N, 3]
  at::Tensor shininess;        // [N]
};

/// Errors: lights, materials or cameras whose batch size does not fit; no cameras.
PictureLighting lighting_of(const Fragments& fragments, const Scene& scene);

/// Light at points with normals, [N, P, 3]: what multiplies the surface's colour, and what is added to that.
struct Reflection {
  at::Tensor factor, highlight;
};
Reflection reflection_at(const at::Tensor& points, const at::Tensor& normals, const PictureLighting& lighting);

/// Packed values [sum, C] of the elements of B meshes (verts or faces) as those of the N pictures that show them, [N,
/// longest, C], and back: [V, sum, C] of V views.
at::Tensor padded_per_picture(const at::Tensor& packed, const data::RaggedSizes& sizes, int64_t num_pictures);
at::Tensor packed_per_view(const at::Tensor& padded, const data::RaggedSizes& sizes);

/// Values [V, F, ...] of faces as views see them, as [V F, ...], and the fragments whose pix_to_face indexes that.
Fragments with_faces_per_view(const Fragments& fragments, int64_t num_meshes, int64_t num_faces);

/// Colours of the fragments [N, H, W, K, 3]; undefined without textures. Error: textures with another number of
/// channels, or of another number of meshes.
at::Tensor texels_of(const Fragments& fragments, const Scene& scene);

/// Lights [..., 4] whose positions are lengths in another unit; directions do not change.
at::Tensor in_unit(const at::Tensor& lights, double unit);

/// The nearest face of each pixel alone.
Fragments nearest_of(const Fragments& fragments);

/// The range of depth that cameras see, [N] each, in the unit of the verts: 1 to 100 for cameras without one.
std::pair<at::Tensor, at::Tensor> depth_range(const Fragments& fragments, const Scene& scene);

/// Error: no dists, which `user` needs.
void check_has_dists(const char* user, const Fragments& fragments);

}  // namespace bisque
