// MeshRasterizer: the op rasterize_meshes as a Module.
#pragma once
#include <ATen/core/Tensor.h>

#include <bisque/core/nn/module.h>
#include <bisque/ops3d/rasterize_meshes/rasterize_meshes.h>

namespace bisque {

/// The result of the rasterizer per pixel; empty pixels are -1.
struct Fragments {
  at::Tensor pix_to_face;  // [N, H, W, K] int64, index into the packed faces
  at::Tensor zbuf;         // [N, H, W, K] depth in view space
  at::Tensor bary_coords;  // [N, H, W, K, 3]
  at::Tensor
      dists;  // [N, H, W, K] signed squared distance to the face's nearest edge in NDC, negative inside; may be empty
};

/// N meshes of one topology: forward(verts [N, V, 3] projected by a camera, faces [F, 3]) -> Fragments. pix_to_face
/// indexes packed_faces(N): the faces of mesh n are n F .. (n + 1) F.
class MeshRasterizer : public ModuleOf<MeshRasterizer> {
 public:
  explicit MeshRasterizer(const RasterizeMeshesOptions& options = {}) : options_(options) {}

  Fragments forward(const at::Tensor& verts, const at::Tensor& faces) const;
  const RasterizeMeshesOptions& options() const { return options_; }
  RasterizeMeshesOptions& options() { return options_; }

 private:
  RasterizeMeshesOptions options_;
};

/// The faces [F, 3] of one topology for N meshes with packed verts: [N F, 3], with n V added to the indices of mesh n.
at::Tensor packed_faces(const at::Tensor& faces, int64_t num_meshes, int64_t num_verts);

}  // namespace bisque
