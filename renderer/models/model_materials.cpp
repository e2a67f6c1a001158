#include <bisque/renderer/models/model_materials.h>

#include <algorithm>
#include <array>
#include <cstdint>
#include <memory>
#include <utility>

#include <nlohmann/json.hpp>

#include <bisque/core/error.h>
#include <bisque/core/serialization/json.h>

namespace bisque {
namespace {

using nlohmann::json;
using Bytes = std::shared_ptr<const std::vector<std::byte>>;

constexpr std::string_view kPicture = "picture_";
constexpr std::array<const char*, 3> kWraps{"repeat", "clamp", "mirror"};  // in the order of Wrap

std::string picture_name(int64_t index) { return std::string(kPicture) + std::to_string(index); }

/// The pictures that textures contain, each once.
std::vector<Bytes> pictures_of(const BlendshapeData& model) {
  std::vector<Bytes> pictures;
  for (const Texture& texture : model.textures) {
    const bool is_new =
        texture.picture && std::find(pictures.begin(), pictures.end(), texture.picture) == pictures.end();
    if (is_new) pictures.push_back(texture.picture);
  }
  return pictures;
}

json material_entry(const Material& material) {
  return {{"ambient", material.ambient},     {"diffuse", material.diffuse},     {"specular", material.specular},
          {"shininess", material.shininess}, {"opacity", material.opacity},     {"illumination", material.illumination},
          {"metallic", material.metallic},   {"roughness", material.roughness}, {"texture", material.texture}};
}

json texture_entry(const Texture& texture, const std::vector<Bytes>& pictures) {
  json entry{
      {"wrap", {kWraps.at(static_cast<size_t>(texture.wrap[0])), kWraps.at(static_cast<size_t>(texture.wrap[1]))}},
      {"scale", texture.scale},
      {"offset", texture.offset}};
  if (texture.picture) {
    entry["picture"] = std::find(pictures.begin(), pictures.end(), texture.picture) - pictures.begin();
  } else {
    entry["path"] = texture.path;
  }
  return entry;
}

/// Reads the entries of a file; any exception of the JSON library means that they have another form.
class MaterialsReader {
 public:
  MaterialsReader(const SafetensorsFile& file, BlendshapeData& model) : file_(file), model_(model) {}

  void run() {
    for (const json& entry : list_of("materials")) model_.materials.push_back(material_of(entry));
    for (const json& entry : list_of("textures")) model_.textures.push_back(texture_of(entry));
    for (const TensorView& tensor : file_.tensors()) {
      if (is_picture_name(tensor.name) && !pictures_.contains(tensor.name)) {
        fail(file_.where(), ": no texture has the picture \"", tensor.name, "\".");
      }
    }
  }

 private:
  json list_of(const std::string& key) const {
    const auto found = file_.metadata().find(key);
    if (found == file_.metadata().end()) return json::array();
    json list = parse_json(found->second, file_.where() + ": " + key);
    if (!list.is_array()) fail(file_.where(), ": ", key, " are not a JSON list.");
    return list;
  }

  int64_t integer(const json& number) const {
    if (!number.is_number_integer() || number < INT32_MIN || number > INT32_MAX) {
      fail(file_.where(), ": materials or textures hold ", number.dump(), ", expected a 32-bit integer.");
    }
    return number.get<int64_t>();
  }

  Material material_of(const json& entry) const {
    Material material{.name = model_.materials.size() < model_.group_names.size()
                                  ? model_.group_names[model_.materials.size()]
                                  : std::string()};
    entry.at("ambient").get_to(material.ambient);
    entry.at("diffuse").get_to(material.diffuse);
    entry.at("specular").get_to(material.specular);
    entry.at("shininess").get_to(material.shininess);
    entry.at("opacity").get_to(material.opacity);
    entry.at("metallic").get_to(material.metallic);
    entry.at("roughness").get_to(material.roughness);
    material.illumination = static_cast<int32_t>(integer(entry.at("illumination")));
    material.texture = static_cast<int32_t>(integer(entry.at("texture")));
    return material;
  }

  Texture texture_of(const json& entry) {
    Texture texture;
    entry.at("scale").get_to(texture.scale);
    entry.at("offset").get_to(texture.offset);
    const auto wrap = entry.at("wrap").get<std::array<std::string, 2>>();
    for (size_t i = 0; i < 2; ++i) {
      const auto found = std::find(kWraps.begin(), kWraps.end(), wrap[i]);
      if (found == kWraps.end())
        fail(file_.where(), ": textures have the wrap mode \"", wrap[i], "\", expected repeat, clamp or mirror.");
      texture.wrap[i] = static_cast<Wrap>(found - kWraps.begin());
    }
    if (entry.contains("picture")) {
      texture.picture = picture_of(picture_name(integer(entry["picture"])));
    } else {
      entry.at("path").get_to(texture.path);
    }
    return texture;
  }

  Bytes picture_of(const std::string& name) {
    const auto [found, is_new] = pictures_.try_emplace(name);
    if (is_new) {
      const Array<uint8_t> bytes = file_.array<uint8_t>(name, std::vector<int64_t>{kAnySize});
      const auto* first = reinterpret_cast<const std::byte*>(bytes.data());
      found->second = std::make_shared<const std::vector<std::byte>>(first, first + bytes.size());
    }
    return found->second;
  }

  const SafetensorsFile& file_;
  BlendshapeData& model_;
  std::map<std::string, Bytes> pictures_;
};

}  // namespace

bool is_picture_name(std::string_view name) { return name.starts_with(kPicture); }

void read_materials(const SafetensorsFile& file, BlendshapeData& model) {
  try {
    MaterialsReader(file, model).run();
  } catch (const json::exception&) {
    fail(file.where(), ": materials or textures have another form than those of a model.");
  }
}

void add_material_metadata(const BlendshapeData& model, std::map<std::string, std::string>& metadata) {
  if (model.materials.empty()) return;
  json materials = json::array(), textures = json::array();
  for (const Material& material : model.materials) materials.push_back(material_entry(material));
  const std::vector<Bytes> pictures = pictures_of(model);
  for (const Texture& texture : model.textures) textures.push_back(texture_entry(texture, pictures));
  metadata["materials"] = materials.dump();
  metadata["textures"] = textures.dump();
}

void add_pictures(const BlendshapeData& model, std::vector<TensorView>& tensors) {
  if (model.materials.empty()) return;
  const std::vector<Bytes> pictures = pictures_of(model);
  for (size_t i = 0; i < pictures.size(); ++i) {
    const std::span bytes(reinterpret_cast<const uint8_t*>(pictures[i]->data()), pictures[i]->size());
    tensors.push_back(tensor_view(picture_name(static_cast<int64_t>(i)), {static_cast<int64_t>(bytes.size())}, bytes));
  }
}

}  // namespace bisque
