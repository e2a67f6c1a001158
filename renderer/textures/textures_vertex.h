// Textures with a feature for each vertex.
#pragma once
#include <bisque/core/data/ragged_sizes.h>
#include <bisque/renderer/textures/textures.h>

namespace bisque {

/// Colours, or other features, of the verts, interpolated over the faces.
class TexturesVertex : public Textures {
 public:
  /// A list: [V_n, C] of each mesh, float32 or float64. Errors: another shape, or C, dtypes or devices that differ.
  explicit TexturesVertex(const std::vector<at::Tensor>& verts_features);
  /// Padded: [N, V, C], or [V, C] for one mesh, of which the first num_verts[n] rows count; empty: all. Errors: another
  /// shape; more or fewer num_verts than N, or one that is negative or greater than V.
  explicit TexturesVertex(const at::Tensor& verts_features, const std::vector<int64_t>& num_verts = {});

  at::Tensor sample_textures(const Fragments& fragments, const at::Tensor& faces_packed) const override;
  int64_t size() const override { return num_verts_.num_elements(); }
  int64_t num_channels() const override { return features_.size(1); }
  std::shared_ptr<Textures> select(const std::vector<int64_t>& indices) const override;
  std::shared_ptr<Textures> to(at::Device device) const override;

  const at::Tensor& verts_features_packed() const { return features_; }  ///< [sum V, C]
  std::vector<at::Tensor> verts_features_list() const { return num_verts_.list_of_packed(features_); }
  at::Tensor verts_features_padded() const { return num_verts_.padded_of_packed(features_, 0); }
  /// [F, 3, C]: the features of the corners of faces.
  at::Tensor faces_verts_textures_packed(const at::Tensor& faces_packed) const;

  /// Those of all meshes of several batches in one; of one mesh that joins all meshes of a batch.
  static TexturesVertex join_batch(const std::vector<TexturesVertex>& batches);
  TexturesVertex join_scene() const;

 private:
  TexturesVertex(at::Tensor packed, data::RaggedSizes num_verts);

  at::Tensor features_;
  data::RaggedSizes num_verts_;
};

}  // namespace bisque
