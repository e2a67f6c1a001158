#include <bisque/ops3d/io/gltf_materials.h>

#include <algorithm>
#include <cmath>
#include <filesystem>
#include <map>
#include <string_view>
#include <tuple>
#include <unordered_map>

#include <nlohmann/json.hpp>

#include <bisque/core/error.h>
#include <bisque/ops3d/io/gltf_schema.h>
#include <bisque/ops3d/io/gltf_uri.h>

namespace bisque {
namespace {

using nlohmann::json;

// A member of an object; an empty object if there is none.
const json& object_in(const json& o, const char* key) {
  static const json kEmpty = json::object();
  const auto found = o.find(key);
  return found == o.end() ? kEmpty : *found;
}

const json& extension_in(const json& o, const char* name) { return object_in(object_in(o, "extensions"), name); }

struct Picture {
  std::string path;
  std::shared_ptr<const std::vector<std::byte>> bytes;

  bool empty() const { return path.empty() && bytes == nullptr; }
};

class MaterialReader {
 public:
  MaterialReader(const json& root, const std::string& where, const std::optional<std::string>& folder,
                 GltfDocument& document)
      : root_(root), where_(where), folder_(folder), document_(document) {
    for (const auto buffer : document.buffers) unread_bytes_ += buffer.size();
  }

  void read() {
    const json& materials = object_in(root_, "materials");
    for (size_t i = 0; i < materials.size(); ++i) {
      Material material = read_sound_material(materials[i], "materials[" + std::to_string(i) + "]");
      if (material.name.empty()) material.name = "material_" + std::to_string(i);
      make_unique(material, i);
      document_.materials.push_back(std::move(material));
    }
  }

 private:
  // A wrong material does not cost the mesh: it becomes a warning and keeps its name.
  Material read_sound_material(const json& o, const std::string& path) {
    try {
      return read_material(o, path);
    } catch (const json::exception&) {
      warn(": " + path + " does not follow the glTF 2.0 schema. The material is ignored.");
    } catch (const Error& error) {
      document_.warnings.push_back(std::string(error.what()) + " The material is ignored.");
    }
    return Material{.name = o.value("name", std::string())};
  }

  Material read_material(const json& o, const std::string& path) {
    Material material;
    material.name = o.value("name", std::string());
    const json& color = object_in(o, "pbrMetallicRoughness");
    const auto factor = color.value("baseColorFactor", std::array<float, 4>{1, 1, 1, 1});
    std::copy_n(factor.begin(), 3, material.diffuse.begin());
    if (o.value("alphaMode", std::string("OPAQUE")) != "OPAQUE") material.opacity = factor[3];
    material.metallic = color.value("metallicFactor", 1.0F);
    material.roughness = color.value("roughnessFactor", 1.0F);
    const json& phong = extension_in(o, kPhongExtension);
    material.ambient = phong.value("ambient", material.ambient);
    material.specular = phong.value("specular", material.specular);
    material.shininess = phong.value("shininess", material.shininess);
    material.illumination = phong.value("illumination", material.illumination);
    check_finite({factor[0], factor[1], factor[2], factor[3], material.metallic, material.roughness,
                  material.ambient[0], material.ambient[1], material.ambient[2], material.specular[0],
                  material.specular[1], material.specular[2], material.shininess},
                 path);
    if (color.contains("baseColorTexture")) material.texture = texture_index(color["baseColorTexture"], path);
    const bool has_others = o.contains("normalTexture") || o.contains("occlusionTexture") ||
                            o.contains("emissiveTexture") || color.contains("metallicRoughnessTexture");
    if (has_others) warn(": textures other than those of the base colour are ignored.");
    return material;
  }

  // Groups are named after materials.
  void make_unique(Material& material, size_t index) {
    std::string name = material.name;
    while (true) {
      const auto [found, is_new] = by_name_.emplace(name, index);
      material.name = name;
      if (is_new || document_.materials[found->second] == material) return;
      name += "_" + std::to_string(index);
    }
  }

  void check_finite(std::initializer_list<float> values, const std::string& path) const {
    if (!std::all_of(values.begin(), values.end(), [](float value) { return std::isfinite(value); })) {
      fail(where_, ": ", path, " holds a number outside the range of float.");
    }
  }

  // -1 if it cannot be read.
  int32_t texture_index(const json& reference, const std::string& path) {
    const json& transform = extension_in(reference, kTransformExtension);
    if (transform.value("texCoord", reference.value("texCoord", 0)) != 0) {
      warn(": textures that are not placed by TEXCOORD_0 are ignored.");
      return -1;
    }
    const json& o = item("textures", reference.at("index").get<int>(), path);
    if (!o.contains("source")) {
      warn(": textures without a PNG or JPEG picture are ignored.");
      return -1;
    }
    const Picture& picture = picture_of(o["source"].get<int>());
    if (picture.empty()) return -1;
    Texture texture{.path = picture.path, .picture = picture.bytes};
    if (o.contains("sampler")) read_sampler(o["sampler"].get<int>(), texture);
    read_transform(transform, path, texture);
    const auto [found, is_new] =
        textures_.emplace(std::tuple(&picture, texture.wrap, texture.scale, texture.offset), document_.textures.size());
    if (is_new) document_.textures.push_back(std::move(texture));
    return static_cast<int32_t>(found->second);
  }

  // An item of a list of the file; `path` refers to it.
  const json& item(const char* list, int index, const std::string& path) const {
    const json& items = object_in(root_, list);
    if (static_cast<size_t>(index) >= items.size()) {
      fail(where_, ": ", path, " refers to ", list, "[", index, "], but the file has ", items.size(), ".");
    }
    return items[static_cast<size_t>(index)];
  }

  void read_sampler(int index, Texture& texture) const {
    const json& sampler = item("samplers", index, "a texture");
    const auto wrap = [&](const char* key) {
      const int mode = sampler.value(key, 10497);
      if (mode == 10497) return Wrap::kRepeat;
      if (mode == 33071) return Wrap::kClamp;
      if (mode == 33648) return Wrap::kMirror;
      fail(where_, ": samplers[", index, "].", key, " is ", mode, ", expected 10497, 33071 or 33648.");
    };
    texture.wrap = {wrap("wrapS"), wrap("wrapT")};
  }

  // v of glTF is 1 - v here: 1 - (offset + scale * (1 - v)) = scale * v + (1 - offset - scale).
  void read_transform(const json& transform, const std::string& path, Texture& texture) {
    if (transform.empty()) return;
    const auto offset = transform.value("offset", std::array<double, 2>{0, 0});
    const auto scale = transform.value("scale", std::array<double, 2>{1, 1});
    texture.scale = {static_cast<float>(scale[0]), static_cast<float>(scale[1])};
    texture.offset = {static_cast<float>(offset[0]), static_cast<float>(1 - offset[1] - scale[1])};
    check_finite({texture.scale[0], texture.scale[1], texture.offset[0], texture.offset[1]}, path);
    if (transform.value("rotation", 0.0) != 0) warn(": rotations of textures are ignored.");
  }

  const Picture& picture_of(int image) {
    const json& o = item("images", image, "a texture");
    const std::string path = where_ + ": images[" + std::to_string(image) + "]";
    const bool has_uri = o.contains("uri");
    if (has_uri == o.contains("bufferView")) fail(path, " has not either a uri or a bufferView.");
    if (!has_uri) {
      const auto bytes = view_bytes(o["bufferView"].get<int>(), path);
      const auto [found, is_new] = pictures_.try_emplace({"", bytes.data(), bytes.size()});
      if (is_new) found->second.bytes = copy_of(bytes, path);
      return found->second;
    }
    const auto& uri = o["uri"].get_ref<const std::string&>();
    const auto [found, is_new] = pictures_.try_emplace({uri, nullptr, 0});
    if (is_new) read_uri(uri, path, found->second);
    return found->second;
  }

  void read_uri(const std::string& uri, const std::string& path, Picture& picture) {
    if (is_data_uri(uri)) {
      picture.bytes = std::make_shared<const std::vector<std::byte>>(decode_data_uri(uri, path));
      return;
    }
    const std::string name = name_in_folder(uri);
    if (name.empty()) {
      warn(": pictures outside the folder of the file are ignored.");
    } else {
      picture.path = (std::filesystem::path(folder_.value_or("")) / name).string();
    }
  }

  std::span<const std::byte> view_bytes(int view, const std::string& path) const {
    const json& o = item("bufferViews", view, path.substr(where_.size() + 2));
    const auto buffer = o["buffer"].get<size_t>();
    const auto offset = o.value("byteOffset", uint64_t{0});
    const auto length = o["byteLength"].get<uint64_t>();
    const size_t size = buffer < document_.buffers.size() ? document_.buffers[buffer].size() : 0;
    if (offset > size || length > size - offset) {
      fail(path, " in bufferView ", view, " reaches beyond the ", size, " bytes of its buffer.");
    }
    if (length == 0) fail(path, " has no bytes.");
    return document_.buffers[buffer].subspan(offset, length);
  }

  // Pictures do not overlap, so that a small file cannot become many large ones.
  std::shared_ptr<const std::vector<std::byte>> copy_of(std::span<const std::byte> bytes, const std::string& path) {
    if (bytes.size() > unread_bytes_) fail(path, " overlaps other images.");
    unread_bytes_ -= bytes.size();
    return std::make_shared<const std::vector<std::byte>>(bytes.begin(), bytes.end());
  }

  void warn(const std::string& text) {
    std::vector<std::string>& warnings = document_.warnings;
    const std::string warning = where_ + text;
    if (std::find(warnings.begin(), warnings.end(), warning) == warnings.end()) warnings.push_back(warning);
  }

  const json& root_;
  const std::string& where_;
  const std::optional<std::string>& folder_;
  GltfDocument& document_;
  uint64_t unread_bytes_ = 0;                                                           // of the buffers
  std::map<std::tuple<std::string_view, const std::byte*, size_t>, Picture> pictures_;  // by uri or bytes
  std::map<std::tuple<const Picture*, std::array<Wrap, 2>, std::array<float, 2>, std::array<float, 2>>, size_t>
      textures_;
  std::unordered_map<std::string, size_t> by_name_;
};

}  // namespace

void read_gltf_materials(const json& root, const std::string& where, const std::optional<std::string>& folder,
                         GltfDocument& document) {
  MaterialReader(root, where, folder, document).read();
}

}  // namespace bisque
