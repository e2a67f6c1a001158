// What gives the faces of meshes their colours, at the fragments of a picture.
#pragma once
#include <ATen/core/Tensor.h>

#include <cstdint>
#include <memory>
#include <vector>

#include <bisque/renderer/mesh/mesh_rasterizer.h>

namespace bisque {

/// The textures of a batch of meshes, which are given to a renderer beside the Meshes; the mesh n has the textures n.
/// A texture has C channels. Those that are lit are three channels of linear light: what is not, as the pixels of a
/// picture file, is converted before (srgb_to_linear). Copies share all tensors. Tensors that were given must not be
/// written to afterwards.
class Textures {
 public:
  virtual ~Textures() = default;

  /// The texels [N, H, W, K, C] of the fragments of N pictures, 0 where no face is. `faces_packed` [F, 3] are those of
  /// the meshes, which pix_to_face indexes; pictures of the same meshes share them. Differentiable by the textures and
  /// bary_coords. Error: another number of faces or verts than the textures have.
  virtual at::Tensor sample_textures(const Fragments& fragments, const at::Tensor& faces_packed) const = 0;

  virtual int64_t size() const = 0;          ///< the number of meshes
  virtual int64_t num_channels() const = 0;  ///< C; 0 without meshes

  /// Those of the meshes with these indices; a negative one counts from the end. Error: an index out of range.
  virtual std::shared_ptr<Textures> select(const std::vector<int64_t>& indices) const = 0;
  /// Each `count` times in a row, as Meshes::extend. Error: a count below 1.
  std::shared_ptr<Textures> extend(int64_t count) const;
  virtual std::shared_ptr<Textures> to(at::Device device) const = 0;
};

}  // namespace bisque
