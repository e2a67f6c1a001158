// MeshRasterizer: the op rasterize_meshes as a Module.
#pragma once
#include <ATen/core/Tensor.h>

#include <bisque/core/nn/module.h>

namespace bisque {

struct RasterizationSettings {
  int64_t height = 512;
  int64_t width = 512;
  int64_t faces_per_pixel = 1;  // K
  double blur_radius = 0;       // squared distance in NDC
  bool perspective_correct = true;
  bool clip_barycentric_coords = false;
  bool cull_backfaces = false;
  double z_clip = -1;  // faces are clipped at this depth in view space; negative: no clipping
  bool with_dists = true;
};

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
  explicit MeshRasterizer(const RasterizationSettings& settings = {}) : settings_(settings) {}

  Fragments forward(const at::Tensor& verts, const at::Tensor& faces) const;
  const RasterizationSettings& settings() const { return settings_; }
  RasterizationSettings& settings() { return settings_; }

 private:
  RasterizationSettings settings_;
};

/// The faces [F, 3] of one topology for N meshes with packed verts: [N F, 3], with n V added to the indices of mesh n.
at::Tensor packed_faces(const at::Tensor& faces, int64_t num_meshes, int64_t num_verts);

}  // namespace bisque
