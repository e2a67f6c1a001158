// Textures with a grid of texels for each face.
#pragma once
#include <bisque/core/data/ragged_sizes.h>
#include <bisque/renderer/textures/textures.h>

namespace bisque {

/// R x R texels per face, not interpolated: see the op sample_texture_atlas.
class TexturesAtlas : public Textures {
 public:
  /// A list: [F_n, R, R, C] of each mesh, float32 or float64. Errors: another shape, or R, C, dtypes or devices that
  /// differ.
  explicit TexturesAtlas(const std::vector<at::Tensor>& atlas);
  /// Padded: [N, F, R, R, C], or [F, R, R, C] for one mesh, of which the first num_faces[n] count; empty: all. Errors:
  /// another shape; more or fewer num_faces than N, or one that is negative or greater than F.
  explicit TexturesAtlas(const at::Tensor& atlas, const std::vector<int64_t>& num_faces = {});

  at::Tensor sample_textures(const Fragments& fragments, const at::Tensor& faces_packed) const override;
  int64_t size() const override { return num_faces_.num_elements(); }
  int64_t num_channels() const override { return atlas_.size(3); }
  std::shared_ptr<Textures> select(const std::vector<int64_t>& indices) const override;
  std::shared_ptr<Textures> to(at::Device device) const override;

  const at::Tensor& atlas_packed() const { return atlas_; }  ///< [sum F, R, R, C]
  std::vector<at::Tensor> atlas_list() const { return num_faces_.list_of_packed(atlas_); }
  at::Tensor atlas_padded() const { return num_faces_.padded_of_packed(atlas_, 0); }
  /// [F, 3, C]: the texels at the corners of the faces.
  at::Tensor faces_verts_textures_packed() const;

  /// Those of all meshes of several batches in one; of one mesh that joins all meshes of a batch.
  static TexturesAtlas join_batch(const std::vector<TexturesAtlas>& batches);
  TexturesAtlas join_scene() const;

 private:
  TexturesAtlas(at::Tensor packed, data::RaggedSizes num_faces);

  at::Tensor atlas_;
  data::RaggedSizes num_faces_;
};

}  // namespace bisque
