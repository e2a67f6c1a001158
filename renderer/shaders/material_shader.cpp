#include <bisque/renderer/shaders/material_shader.h>

#include <ATen/ATen.h>

#include <algorithm>
#include <array>
#include <map>
#include <utility>

#include <bisque/core/error.h>
#include <bisque/ops3d/sample_texture_uv/sample_texture_uv.h>
#include <bisque/renderer/models/groups.h>
#include <bisque/renderer/models/model_check.h>
#include <bisque/renderer/pictures/picture_file.h>
#include <bisque/renderer/shaders/shading.h>

namespace bisque {
namespace {

using Rgb = std::array<float, 3>;

std::array<float, 256> srgb_levels() {
  std::array<float, 256> levels;
  for (size_t i = 0; i < levels.size(); ++i) levels[i] = srgb_to_linear(static_cast<float>(i) / 255);
  return levels;
}

/// A map for each material: its picture times its colour.
class Maps {
 public:
  /// The index of the map, which materials of one look share.
  int64_t add(const BlendshapeData& model, const Material& material) {
    const Texture* texture = material.texture < 0 ? nullptr : &model.textures.at(static_cast<size_t>(material.texture));
    if (texture && !texture->picture) texture = nullptr;
    const bool is_unmodified = texture && material.diffuse == Rgb{0, 0, 0};
    const Rgb color = is_unmodified ? Rgb{1, 1, 1} : material.diffuse;
    const auto [found, is_new] = index_.try_emplace({texture, color}, layouts.size() / 5);
    if (is_new && texture) add_picture(*texture, color);
    if (is_new && !texture) add_map(1, 1, {}, color);
    return found->second;
  }

  std::vector<float> texels;
  std::vector<int64_t> layouts;

 private:
  void add_picture(const Texture& texture, const Rgb& color) {
    const std::string name = texture.path.empty() ? "a picture in the model" : texture.path;
    const Picture picture = decode_picture(*texture.picture, name);
    static const std::array<float, 256> levels = srgb_levels();
    add_map(picture.height, picture.width, texture.wrap, color);
    float* to = texels.data() + texels.size() - 3 * static_cast<size_t>(picture.width * picture.height);
    const auto channels = static_cast<size_t>(picture.channels);
    for (size_t from = 0; from < picture.pixels.size(); from += channels) {
      for (size_t k = 0; k < 3; ++k) *to++ *= levels[picture.pixels[from + k]];
    }
  }

  void add_map(int64_t height, int64_t width, const std::array<Wrap, 2>& wrap, const Rgb& color) {
    const auto first = static_cast<int64_t>(texels.size() / 3);
    layouts.insert(layouts.end(), {first, height, width, static_cast<int64_t>(wrap[0]), static_cast<int64_t>(wrap[1])});
    for (int64_t i = 0; i < height * width; ++i) texels.insert(texels.end(), color.begin(), color.end());
  }

  std::map<std::pair<const Texture*, Rgb>, int64_t> index_;
};

}  // namespace

struct MaterialShader::Surface {
  at::Tensor face_maps, verts_uvs, maps, map_layouts;
};

MaterialShader::Surface MaterialShader::surface_of(const BlendshapeData& whole,
                                                   const std::vector<std::string>& hidden_groups) {
  check_model(whole, "MaterialShader");
  const BlendshapeData model = without_groups(whole, hidden_groups);
  Maps maps;
  std::vector<int64_t> group_maps;
  for (const Material& material : model.materials) group_maps.push_back(maps.add(model, material));
  const int64_t num_faces = model.num_faces();
  const auto face_maps = at::full({num_faces}, -1, at::kLong);
  const auto verts_uvs = at::zeros({3 * num_faces, 2});
  auto* const map = face_maps.mutable_data_ptr<int64_t>();
  auto* const uvs = verts_uvs.mutable_data_ptr<float>();
  for (int64_t f = 0; f < num_faces && !group_maps.empty(); ++f) {
    const int32_t group = model.face_groups.empty() ? -1 : model.face_groups[static_cast<size_t>(f)];
    if (group < 0) continue;
    map[f] = group_maps[static_cast<size_t>(group)];
    const int32_t index = model.materials[static_cast<size_t>(group)].texture;
    if (index < 0 || model.uv_faces.empty()) continue;
    const Texture& texture = model.textures[static_cast<size_t>(index)];
    for (int64_t corner = 3 * f; corner < 3 * f + 3; ++corner) {
      const int32_t uv = model.uv_faces[static_cast<size_t>(corner)];
      for (int64_t k = 0; k < 2 && uv >= 0; ++k) {
        uvs[2 * corner + k] = texture.scale[k] * model.uvs[static_cast<size_t>(2 * uv + k)] + texture.offset[k];
      }
    }
  }
  return {face_maps, verts_uvs, at::tensor(maps.texels).view({-1, 3}),
          at::tensor(maps.layouts, at::kLong).view({-1, 5})};
}

MaterialShader::MaterialShader(const BlendshapeData& model, const std::vector<std::string>& hidden_groups,
                               const Lighting& lighting, const PhongMaterial& material)
    : MaterialShader(surface_of(model, hidden_groups), lighting, material) {}

MaterialShader::MaterialShader(const Surface& surface, const Lighting& lighting, const PhongMaterial& material)
    : studio(*this, "studio", lighting, material),
      face_maps(*this, "face_maps", surface.face_maps),
      faces_uvs(*this, "faces_uvs", at::arange(surface.verts_uvs.size(0), at::kLong).view({-1, 3})),
      verts_uvs(*this, "verts_uvs", surface.verts_uvs),
      maps(*this, "maps", surface.maps),
      map_layouts(*this, "map_layouts", surface.map_layouts) {}

at::Tensor MaterialShader::forward(const Fragments& fragments, const Scene& scene) const {
  const Fragments nearest = nearest_of(fragments);
  const int64_t num_faces = face_maps.size(0);
  if (scene.meshes.faces_packed().size(0) != scene.meshes.size() * num_faces) {
    fail("MaterialShader: expected ", scene.meshes.size(), " meshes of ", num_faces, " faces each, but got ",
         scene.meshes.faces_packed().size(0), " faces.");
  }
  const at::Tensor& packed = nearest.pix_to_face;
  // Meshes in a batch have the same faces.
  const at::Tensor faces =
      scene.meshes.size() <= 1 ? packed : at::where(packed < 0, -1, packed.remainder(std::max<int64_t>(num_faces, 1)));
  const at::Tensor texels =
      sample_texture_uv(faces, nearest.bary_coords, faces_uvs, verts_uvs, face_maps, maps, map_layouts);
  return studio->shade(nearest, scene, texels);
}

}  // namespace bisque
