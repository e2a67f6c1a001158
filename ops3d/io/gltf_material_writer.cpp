#include <bisque/ops3d/io/gltf_material_writer.h>

#include <algorithm>
#include <cmath>
#include <filesystem>
#include <map>

#include <bisque/core/error.h>
#include <bisque/core/serialization/mapped_file.h>
#include <bisque/ops3d/io/gltf_schema.h>
#include <bisque/ops3d/io/gltf_uri.h>

namespace bisque {
namespace {

using nlohmann::json;

int wrap_code(Wrap wrap) {
  if (wrap == Wrap::kClamp) return 33071;
  return wrap == Wrap::kMirror ? 33648 : 10497;
}

class MaterialWriter {
 public:
  MaterialWriter(const MeshData& mesh, const std::string& path, GltfBuffer& buffer, json& root)
      : mesh_(mesh), path_(path), buffer_(buffer), root_(root) {}

  void write() {
    for (const Texture& texture : mesh_.textures) add_texture(texture);
    for (size_t i = 0; i < mesh_.group_names.size(); ++i) {
      json material = mesh_.materials.empty() ? json{{"pbrMetallicRoughness", {{"metallicFactor", 0}}}}
                                              : material_json(mesh_.materials[i]);
      material["name"] = mesh_.group_names[i];
      root_["materials"].push_back(std::move(material));
    }
  }

 private:
  json material_json(const Material& material) {
    const auto& [r, g, b] = material.diffuse;
    json color{{"baseColorFactor", {r, g, b, material.opacity}},
               {"metallicFactor", material.metallic},
               {"roughnessFactor", material.roughness}};
    if (material.texture >= 0) color["baseColorTexture"] = reference_to(material.texture);
    json o{{"pbrMetallicRoughness", std::move(color)}};
    if (material.opacity != 1) o["alphaMode"] = "BLEND";
    const Material usual;
    if (material.ambient != usual.ambient || material.specular != usual.specular ||
        material.shininess != usual.shininess || material.illumination != usual.illumination) {
      use_extension(kPhongExtension);
      o["extensions"][kPhongExtension] = {{"ambient", material.ambient},
                                          {"specular", material.specular},
                                          {"shininess", material.shininess},
                                          {"illumination", material.illumination}};
    }
    return o;
  }

  // v of glTF is 1 - v here: 1 - (scale * (1 - v) + offset) = scale * v + (1 - offset - scale).
  json reference_to(int32_t index) {
    json o{{"index", index}};
    const Texture& texture = mesh_.textures[static_cast<size_t>(index)];
    const Texture usual;
    if (texture.scale == usual.scale && texture.offset == usual.offset) return o;
    use_extension(kTransformExtension);
    const double offset_v = 1 - double{texture.offset[1]} - double{texture.scale[1]};
    o["extensions"][kTransformExtension] = {{"scale", texture.scale}, {"offset", {texture.offset[0], offset_v}}};
    return o;
  }

  void add_texture(const Texture& texture) {
    root_["textures"].push_back({{"source", image_of(texture)}, {"sampler", sampler_of(texture)}});
  }

  int sampler_of(const Texture& texture) {
    const auto [found, is_new] = samplers_.emplace(texture.wrap, static_cast<int>(samplers_.size()));
    if (is_new) {
      root_["samplers"].push_back({{"wrapS", wrap_code(texture.wrap[0])}, {"wrapT", wrap_code(texture.wrap[1])}});
    }
    return found->second;
  }

  int image_of(const Texture& texture) {
    const auto [found, is_new] =
        images_.emplace(std::pair(texture.path, texture.picture.get()), static_cast<int>(images_.size()));
    if (is_new) root_["images"].push_back(texture.picture ? embedded(*texture.picture) : image_at(texture.path));
    return found->second;
  }

  // In the folder of the file it stays there.
  json image_at(const std::string& path) {
    const std::string name =
        std::filesystem::path(path).lexically_relative(std::filesystem::path(path_).parent_path()).generic_string();
    const std::string uri = uri_of_name(name);
    if (!name.empty() && name_in_folder(uri) == name) return {{"uri", uri}};
    return embedded(MappedFile::open(path)->bytes());
  }

  json embedded(std::span<const std::byte> bytes) {
    const std::string extension = picture_extension(bytes);
    if (extension != ".png" && extension != ".jpg") {
      fail(path_, ": the mesh has a picture that is neither PNG nor JPEG, which glTF does not allow.");
    }
    return {{"mimeType", extension == ".png" ? "image/png" : "image/jpeg"}, {"bufferView", buffer_.add_view(bytes)}};
  }

  void use_extension(const char* name) {
    json& used = root_["extensionsUsed"];
    if (std::find(used.begin(), used.end(), name) == used.end()) used.push_back(name);
  }

  const MeshData& mesh_;
  const std::string& path_;
  GltfBuffer& buffer_;
  json& root_;
  std::map<std::pair<std::string, const void*>, int> images_;
  std::map<std::array<Wrap, 2>, int> samplers_;
};

}  // namespace

void add_gltf_materials(const MeshData& mesh, const std::string& path, GltfBuffer& buffer, json& root) {
  MaterialWriter(mesh, path, buffer, root).write();
}

}  // namespace bisque
