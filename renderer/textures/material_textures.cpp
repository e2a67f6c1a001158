#include <ATen/ATen.h>

#include <algorithm>
#include <array>

#include <bisque/core/error.h>
#include <bisque/renderer/mesh/to_picture.h>
#include <bisque/renderer/pictures/jpeg.h>
#include <bisque/renderer/pictures/picture_file.h>
#include <bisque/renderer/pictures/png.h>
#include <bisque/renderer/textures/material_textures.h>

namespace bisque {
namespace {

using Color3 = std::array<float, 3>;

Picture picture_of(const Texture& texture, size_t index) {
  if (!texture.picture) return read_picture(texture.path);
  const std::string name = "textures[" + std::to_string(index) + "]";
  const std::string extension = picture_extension(*texture.picture);
  if (extension == ".png") return decode_png(*texture.picture, name);
  if (extension == ".jpg") return decode_jpeg(*texture.picture, name);
  fail(name, ": expected its picture to be PNG or JPEG, but it is ", extension.empty() ? "neither" : extension, ".");
}

/// A picture in linear light, times a colour.
at::Tensor map_of(const Picture& picture, const Color3& factor) {
  std::array<float, 256> linear;
  for (size_t i = 0; i < linear.size(); ++i) linear[i] = srgb_to_linear(static_cast<float>(i) / 255);
  const auto map = at::empty({picture.height, picture.width, 3});
  float* out = map.mutable_data_ptr<float>();
  for (int64_t i = 0; i < picture.width * picture.height; ++i) {
    for (int c = 0; c < 3; ++c) out[3 * i + c] = linear[picture.pixels[picture.channels * i + c]] * factor[c];
  }
  return map;
}

class MaterialMaps {
 public:
  explicit MaterialMaps(const MeshData& mesh)
      : mesh_(mesh), texture_maps_(mesh.materials.size(), -1), color_maps_(mesh.materials.size(), -1) {}

  UVMaps take() {
    find_uvs();
    const int64_t num_faces = mesh_.num_faces();
    const auto faces_maps = at::full({num_faces}, -1, at::kLong);
    for (int64_t f = 0; f < num_faces; ++f) faces_maps.mutable_data_ptr<int64_t>()[f] = map_of_face(f);
    if (maps_.empty()) add(at::ones({1, 1, 3}), {});
    return {.maps = maps_, .faces_uvs = faces_uvs_, .verts_uvs = verts_uvs_, .faces_maps = faces_maps, .wraps = wraps_};
  }

 private:
  /// Each corner has its own uv, since materials scale and move them. It is 0 where there is none, which serves maps of
  /// one texel.
  void find_uvs() {
    const int64_t num_faces = mesh_.num_faces();
    faces_uvs_ = at::arange(3 * num_faces, at::kLong).view({num_faces, 3});
    verts_uvs_ = at::zeros({3 * num_faces, 2});
    float* out = verts_uvs_.mutable_data_ptr<float>();
    for (int64_t f = 0; f < num_faces; ++f) {
      if (!has_uvs(f)) continue;
      const Texture* texture = texture_of(f);
      for (int64_t i = 3 * f; i < 3 * f + 3; ++i) {
        const float* uv = mesh_.uvs.data() + 2 * static_cast<size_t>(mesh_.uv_faces[static_cast<size_t>(i)]);
        for (int k = 0; k < 2; ++k) out[2 * i + k] = texture ? texture->scale[k] * uv[k] + texture->offset[k] : uv[k];
      }
    }
  }

  int64_t material_of(int64_t face) const {
    if (mesh_.materials.empty() || mesh_.face_groups.empty()) return -1;
    return mesh_.face_groups[static_cast<size_t>(face)];
  }
  const Texture* texture_of(int64_t face) const {
    const int64_t material = material_of(face);
    const int32_t texture = material < 0 ? -1 : mesh_.materials[static_cast<size_t>(material)].texture;
    return texture < 0 ? nullptr : &mesh_.textures[static_cast<size_t>(texture)];
  }
  bool has_uvs(int64_t face) const {
    if (mesh_.uv_faces.empty()) return false;
    const int32_t* corners = mesh_.uv_faces.data() + 3 * face;
    return std::all_of(corners, corners + 3, [](int32_t uv) { return uv >= 0; });
  }

  int64_t map_of_face(int64_t face) {
    const int64_t material = material_of(face);
    if (material < 0) return -1;
    const Texture* texture = has_uvs(face) ? texture_of(face) : nullptr;
    int64_t& map = (texture ? texture_maps_ : color_maps_)[static_cast<size_t>(material)];
    if (map < 0) map = add_map(mesh_.materials[static_cast<size_t>(material)], texture);
    return map;
  }

  int64_t add_map(const Material& material, const Texture* texture) {
    if (!texture) return add(at::tensor(at::ArrayRef<float>(material.diffuse)).view({1, 1, 3}), {});
    const bool is_black = material.diffuse == Color3{0, 0, 0};
    const Picture picture = picture_of(*texture, static_cast<size_t>(material.texture));
    return add(map_of(picture, is_black ? Color3{1, 1, 1} : material.diffuse), texture->wrap);
  }

  int64_t add(const at::Tensor& map, const std::array<Wrap, 2>& wrap) {
    maps_.push_back(map);
    wraps_.push_back({static_cast<TextureWrap>(wrap[0]), static_cast<TextureWrap>(wrap[1])});
    return static_cast<int64_t>(maps_.size()) - 1;
  }

  const MeshData& mesh_;
  std::vector<int64_t> texture_maps_, color_maps_;  // of each material; -1: not made yet
  std::vector<at::Tensor> maps_;
  std::vector<std::array<TextureWrap, 2>> wraps_;
  at::Tensor faces_uvs_, verts_uvs_;
};

static_assert(static_cast<int>(Wrap::kRepeat) == static_cast<int>(TextureWrap::kRepeat) &&
              static_cast<int>(Wrap::kClamp) == static_cast<int>(TextureWrap::kClamp) &&
              static_cast<int>(Wrap::kMirror) == static_cast<int>(TextureWrap::kMirror));

}  // namespace

TexturesUV material_textures(const MeshData& mesh, const TexturesUVOptions& options) {
  check_mesh_arrays(mesh);
  return TexturesUV(std::vector<UVMaps>{MaterialMaps(mesh).take()}, options);
}

TexturesAtlas atlas_of(const TexturesUV& textures, int64_t R) {
  if (R < 1) fail("atlas_of: expected R to be at least 1, but got ", R, ".");
  // Beyond the diagonal, the cell (i, j) is the upper half of the one at the opposite corner (sample_texture_atlas).
  const auto i = at::arange(R, textures.maps_packed().options());
  const auto row = i.view({R, 1}).expand({R, R}), column = i.view({1, R}).expand({R, R});
  const auto is_upper = row + column >= R;
  const auto middle = [&](const at::Tensor& cell) {
    return at::where(is_upper, R - 1 - cell + 2.0 / 3, cell + 1.0 / 3) / R;
  };
  const auto x = middle(column), y = middle(row);
  const int64_t num_faces = textures.faces_uvs_packed().size(0);
  const auto bary = at::stack({x, y, 1 - x - y}, 2).view({1, 1, R * R, 1, 3}).expand({1, num_faces, R * R, 1, 3});
  const auto faces = at::arange(num_faces, textures.faces_uvs_packed().options()).view({1, num_faces, 1, 1});
  const auto texels = textures.sample(faces.expand({1, num_faces, R * R, 1}), bary);
  std::vector<int64_t> num_faces_per_mesh;
  for (const UVMaps& mesh : textures.meshes()) num_faces_per_mesh.push_back(mesh.faces_uvs.size(0));
  const auto packed = texels.view({num_faces, R, R, textures.num_channels()});
  return TexturesAtlas(data::RaggedSizes(num_faces_per_mesh).list_of_packed(packed));
}

}  // namespace bisque
