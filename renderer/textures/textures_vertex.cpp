#include <ATen/ATen.h>

#include <bisque/core/error.h>
#include <bisque/ops3d/interpolate_face_attributes/interpolate_face_attributes.h>
#include <bisque/ops3d/structures/batch.h>
#include <bisque/renderer/textures/textures_parts.h>
#include <bisque/renderer/textures/textures_vertex.h>

namespace bisque {

TexturesVertex::TexturesVertex(at::Tensor packed, data::RaggedSizes num_verts)
    : features_(std::move(packed)), num_verts_(std::move(num_verts)) {}

TexturesVertex::TexturesVertex(const std::vector<at::Tensor>& verts_features)
    : TexturesVertex(textures::cat_parts("TexturesVertex", "verts_features", verts_features, 2),
                     textures::sizes_of(verts_features)) {}

TexturesVertex::TexturesVertex(const at::Tensor& verts_features, const std::vector<int64_t>& num_verts)
    : TexturesVertex(textures::list_of_padded("TexturesVertex", "verts_features", verts_features, 3, num_verts)) {}

at::Tensor TexturesVertex::faces_verts_textures_packed(const at::Tensor& faces_packed) const {
  return features_.index_select(0, faces_packed.reshape({-1})).view({-1, 3, num_channels()});
}

at::Tensor TexturesVertex::sample_textures(const Fragments& fragments, const at::Tensor& faces_packed) const {
  return interpolate_face_attributes(fragments.pix_to_face, fragments.bary_coords,
                                     faces_verts_textures_packed(faces_packed));
}

std::shared_ptr<Textures> TexturesVertex::select(const std::vector<int64_t>& indices) const {
  const auto chosen = element_indices("TexturesVertex", indices, size());
  return std::shared_ptr<Textures>(
      new TexturesVertex(select_packed(features_, num_verts_, chosen), select_sizes(num_verts_, chosen)));
}

std::shared_ptr<Textures> TexturesVertex::to(at::Device device) const {
  return std::shared_ptr<Textures>(new TexturesVertex(features_.to(device), num_verts_));
}

TexturesVertex TexturesVertex::join_batch(const std::vector<TexturesVertex>& batches) {
  std::vector<at::Tensor> list;
  for (const TexturesVertex& batch : batches) {
    for (const at::Tensor& features : batch.verts_features_list()) list.push_back(features);
  }
  return TexturesVertex(list);
}

TexturesVertex TexturesVertex::join_scene() const {
  return {features_, data::RaggedSizes(std::vector<int64_t>{features_.size(0)})};
}

}  // namespace bisque
