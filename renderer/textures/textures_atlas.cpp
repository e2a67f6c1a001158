#include <ATen/ATen.h>

#include <bisque/core/error.h>
#include <bisque/ops3d/sample_texture_atlas/sample_texture_atlas.h>
#include <bisque/ops3d/structures/batch.h>
#include <bisque/renderer/textures/textures_atlas.h>
#include <bisque/renderer/textures/textures_parts.h>

namespace bisque {

TexturesAtlas::TexturesAtlas(at::Tensor packed, data::RaggedSizes num_faces)
    : atlas_(std::move(packed)), num_faces_(std::move(num_faces)) {
  if (atlas_.size(1) != atlas_.size(2)) {
    fail("TexturesAtlas: expected atlas to have the shape [F, R, R, C], but got ", atlas_.sizes(), ".");
  }
}

TexturesAtlas::TexturesAtlas(const std::vector<at::Tensor>& atlas)
    : TexturesAtlas(textures::cat_parts("TexturesAtlas", "atlas", atlas, 4), textures::sizes_of(atlas)) {}

TexturesAtlas::TexturesAtlas(const at::Tensor& atlas, const std::vector<int64_t>& num_faces)
    : TexturesAtlas(textures::list_of_padded("TexturesAtlas", "atlas", atlas, 5, num_faces)) {}

at::Tensor TexturesAtlas::sample_textures(const Fragments& fragments, const at::Tensor& faces_packed) const {
  textures::check_num_faces("TexturesAtlas", faces_packed, atlas_.size(0));
  return sample_texture_atlas(fragments.pix_to_face, fragments.bary_coords, atlas_);
}

at::Tensor TexturesAtlas::faces_verts_textures_packed() const {
  const int64_t last = atlas_.size(1) - 1;
  const auto texel = [&](int64_t i, int64_t j) { return atlas_.select(1, i).select(1, j); };
  return at::stack({texel(0, last), texel(last, 0), texel(0, 0)}, 1);
}

std::shared_ptr<Textures> TexturesAtlas::select(const std::vector<int64_t>& indices) const {
  const auto chosen = element_indices("TexturesAtlas", indices, size());
  return std::shared_ptr<Textures>(
      new TexturesAtlas(select_packed(atlas_, num_faces_, chosen), select_sizes(num_faces_, chosen)));
}

std::shared_ptr<Textures> TexturesAtlas::to(at::Device device) const {
  return std::shared_ptr<Textures>(new TexturesAtlas(atlas_.to(device), num_faces_));
}

TexturesAtlas TexturesAtlas::join_batch(const std::vector<TexturesAtlas>& batches) {
  std::vector<at::Tensor> list;
  for (const TexturesAtlas& batch : batches) {
    for (const at::Tensor& atlas : batch.atlas_list()) list.push_back(atlas);
  }
  return TexturesAtlas(list);
}

TexturesAtlas TexturesAtlas::join_scene() const {
  return {atlas_, data::RaggedSizes(std::vector<int64_t>{atlas_.size(0)})};
}

}  // namespace bisque
