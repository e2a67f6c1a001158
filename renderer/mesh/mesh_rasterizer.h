// MeshRasterizer: the op rasterize_meshes as a Module.
#pragma once
#include <ATen/core/Tensor.h>

#include <bisque/core/nn/module.h>
#include <bisque/ops3d/rasterize_meshes/rasterize_meshes.h>
#include <bisque/ops3d/structures/meshes.h>

namespace bisque {

/// The result of the rasterizer per sample, of which a pixel has one or more; empty samples are -1. H and W are the
/// rows and columns of samples.
struct Fragments {
  at::Tensor pix_to_face;  // [N, H, W, K] int64, index into the faces that were given, which pictures may share
  at::Tensor zbuf;         // [N, H, W, K] depth in view space
  at::Tensor bary_coords;  // [N, H, W, K, 3]
  at::Tensor
      dists;  // [N, H, W, K] signed squared distance to the face's nearest edge in NDC, negative inside; may be empty
  int64_t samples = 1;  // along each side of a pixel
};

/// Rasterizes meshes whose vertices a camera has projected: x and y in NDC, z in view space. Faces are not copied for
/// the pictures that show them. Pixels have `samples` samples along each side, evenly spaced, for shaders that average
/// them.
class MeshRasterizer : public ModuleOf<MeshRasterizer> {
 public:
  /// Error: samples other than 1, 2 or 4.
  explicit MeshRasterizer(const RasterizeMeshesOptions& options = {}, int64_t samples = 1);

  /// N meshes of one topology: verts [N, V, 3] and faces [F, 3] -> N pictures. pix_to_face indexes `faces`.
  Fragments forward(const at::Tensor& verts, const at::Tensor& faces) const;

  /// V views of each of B meshes -> B V pictures; picture b V + v is view v of mesh b. `projected` [V, sum of verts, 3]
  /// are the packed verts as the views see them; [sum of verts, 3] is one view. pix_to_face indexes
  /// meshes.faces_packed(). Error: another shape.
  Fragments forward(const Meshes& meshes, const at::Tensor& projected) const;

  const RasterizeMeshesOptions& options() const { return options_; }
  RasterizeMeshesOptions& options() { return options_; }
  int64_t samples() const { return samples_; }

 private:
  Fragments rasterize(const at::Tensor& verts, const at::Tensor& faces, const at::Tensor& first,
                      const at::Tensor& counts, const at::Tensor& vert_offset) const;

  RasterizeMeshesOptions options_;
  int64_t samples_;
};

}  // namespace bisque
