// MeshRasterizer: the op rasterize_meshes as a Module.
#pragma once
#include <ATen/core/Tensor.h>

#include <bisque/core/nn/module.h>
#include <bisque/ops3d/rasterize_meshes/rasterize_meshes.h>
#include <bisque/ops3d/structures/meshes.h>

namespace bisque {

/// The result of the rasterizer per pixel; empty pixels are -1.
struct Fragments {
  at::Tensor pix_to_face;  // [N, H, W, K] int64, index into the faces that were given, which pictures may share
  at::Tensor zbuf;         // [N, H, W, K] depth in view space
  at::Tensor bary_coords;  // [N, H, W, K, 3]
  at::Tensor
      dists;  // [N, H, W, K] signed squared distance to the face's nearest edge in NDC, negative inside; may be empty
};

/// Rasterizes meshes whose vertices a camera has projected: x and y in NDC, z in view space. Faces are not copied for
/// the pictures that show them.
class MeshRasterizer : public ModuleOf<MeshRasterizer> {
 public:
  explicit MeshRasterizer(const RasterizeMeshesOptions& options = {}) : options_(options) {}

  /// N meshes of one topology: verts [N, V, 3] and faces [F, 3] -> N pictures. pix_to_face indexes `faces`.
  Fragments forward(const at::Tensor& verts, const at::Tensor& faces) const;

  /// V views of each of B meshes -> B V pictures; picture b V + v is view v of mesh b. `projected` [V, sum of verts, 3]
  /// are the packed verts as the views see them; [sum of verts, 3] is one view. pix_to_face indexes
  /// meshes.faces_packed(). Error: another shape.
  Fragments forward(const Meshes& meshes, const at::Tensor& projected) const;

  const RasterizeMeshesOptions& options() const { return options_; }
  RasterizeMeshesOptions& options() { return options_; }

 private:
  RasterizeMeshesOptions options_;
};

/// The faces [F, 3] of one topology for N meshes with packed verts: [N F, 3], with n V added to the indices of mesh n.
at::Tensor packed_faces(const at::Tensor& faces, int64_t num_meshes, int64_t num_verts);

/// Indices into the faces [F, 3] of one topology as indices into packed_faces(N): n F is added to those of picture n.
at::Tensor packed_pix_to_face(const at::Tensor& pix_to_face, int64_t num_meshes, int64_t num_faces);

}  // namespace bisque
