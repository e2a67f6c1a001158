#include <bisque/ops3d/io/gltf_schema.h>

#include <algorithm>
#include <array>
#include <cstdint>
#include <string_view>

#include <nlohmann/json.hpp>

#include <bisque/core/error.h>
#include <bisque/core/serialization/text.h>

namespace bisque {
namespace {

using nlohmann::json;

// Extensions that a file may require: those that are supported, and those that do not change positions and topology. An
// entry that ends with _ matches all names with that prefix.
constexpr std::array<std::string_view, 25> kKnownExtensions{kMeshoptExtension,
                                                            kDracoExtension,
                                                            "KHR_mesh_quantization",
                                                            "BISQUE_",
                                                            "VRM",
                                                            "VRMC_",
                                                            "KHR_materials_",
                                                            "ADOBE_materials_",
                                                            "KHR_texture_",
                                                            "EXT_texture_",
                                                            "GOOGLE_texture_",
                                                            "MSFT_texture_",
                                                            "MSFT_packing_",
                                                            "KHR_lights_",
                                                            "EXT_lights_",
                                                            "KHR_audio",
                                                            "KHR_audio_",
                                                            "KHR_xmp",
                                                            "KHR_xmp_",
                                                            "KHR_animation_pointer",
                                                            "KHR_techniques_",
                                                            "KHR_interactivity",
                                                            "EXT_structural_metadata",
                                                            "EXT_mesh_features",
                                                            "KHR_node_hoverability"};

constexpr std::array<std::string_view, 7> kTypes{"SCALAR", "VEC2", "VEC3", "VEC4", "MAT2", "MAT3", "MAT4"};

bool is_known_extension(std::string_view name) {
  return std::any_of(kKnownExtensions.begin(), kKnownExtensions.end(), [&](std::string_view known) {
    return known.ends_with('_') ? name.starts_with(known) : name == known;
  });
}

// Checks of the values that affect geometry. `path` is a value in messages: accessors[3].
class Schema {
 public:
  explicit Schema(const std::string& where) : where_(where) {}

  void check(const json& root) const {
    if (!root.is_object()) fail(where_, ": the glTF JSON is not an object.");
    const json* asset = object(root, "asset", "");
    const json* version = asset == nullptr ? nullptr : string(*asset, "version", "asset");
    if (version == nullptr || !version->get_ref<const std::string&>().starts_with("2.")) {
      fail(where_, ": has no asset.version 2.x, expected a glTF 2.0 file.");
    }
    check_extensions(root);
    index(root, "scene", "");
    each(root, "buffers", [this](const json& o, const std::string& path) {
      integer(o, "byteLength", path, true);
      string(o, "uri", path);
    });
    each(root, "bufferViews", [this](const json& o, const std::string& path) {
      index(o, "buffer", path, true);
      integer(o, "byteOffset", path);
      integer(o, "byteLength", path, true);
      index(o, "byteStride", path);
      check_meshopt(o, path);
    });
    each(root, "accessors", [this](const json& o, const std::string& path) { check_accessor(o, path); });
    each(root, "meshes", [this](const json& o, const std::string& path) { check_mesh(o, path); });
    each(root, "nodes", [this](const json& o, const std::string& path) { check_node(o, path); });
    each(root, "scenes", [this](const json& o, const std::string& path) { indices(o, "nodes", path); });
    each(root, "materials", [this](const json& o, const std::string& path) { string(o, "name", path); });
    each(root, "skins", [this](const json& o, const std::string& path) {
      member(o, "joints", path, true);
      indices(o, "joints", path);
      index(o, "inverseBindMatrices", path);
    });
  }

 private:
  [[noreturn]] void wrong(const std::string& path, const char* key, const std::string& expected) const {
    fail(where_, ": ", path, path.empty() ? "" : ".", key, " is not ", expected, ".");
  }

  const json* member(const json& o, const char* key, const std::string& path, bool required) const {
    const auto found = o.find(key);
    if (found == o.end() && required) fail(where_, ": ", path, " has no ", key, ".");
    return found == o.end() ? nullptr : &*found;
  }

  void integer(const json& o, const char* key, const std::string& path, bool required = false) const {
    const json* value = member(o, key, path, required);
    if (value != nullptr && !value->is_number_unsigned()) wrong(path, key, "a non-negative integer");
  }

  static bool is_index(const json& value) {
    return value.is_number_unsigned() && value.get<uint64_t>() <= static_cast<uint64_t>(INT32_MAX);
  }

  void index(const json& o, const char* key, const std::string& path, bool required = false) const {
    const json* value = member(o, key, path, required);
    if (value != nullptr && !is_index(*value)) wrong(path, key, "an integer from 0 to 2^31 - 1");
  }

  void indices(const json& o, const char* key, const std::string& path) const {
    const json* list = member(o, key, path, false);
    if (list == nullptr) return;
    if (!list->is_array() || !std::all_of(list->begin(), list->end(), is_index)) wrong(path, key, "a list of indices");
  }

  void index_map(const json& map, const std::string& path) const {
    if (!map.is_object() || !std::all_of(map.begin(), map.end(), is_index)) {
      fail(where_, ": ", path, " is not an object of accessor indices.");
    }
  }

  static bool is_number_list(const json& list) {
    return list.is_array() &&
           std::all_of(list.begin(), list.end(), [](const json& value) { return value.is_number(); });
  }

  void numbers(const json& o, const char* key, const std::string& path, size_t count) const {
    const json* list = member(o, key, path, false);
    if (list != nullptr && !(is_number_list(*list) && list->size() == count)) {
      wrong(path, key, "a list of " + std::to_string(count) + " numbers");
    }
  }

  void weights(const json& o, const std::string& path) const {
    const json* list = member(o, "weights", path, false);
    if (list != nullptr && !is_number_list(*list)) wrong(path, "weights", "a list of numbers");
  }

  const json* string(const json& o, const char* key, const std::string& path) const {
    const json* value = member(o, key, path, false);
    if (value != nullptr && !value->is_string()) wrong(path, key, "a string");
    return value;
  }

  const json* object(const json& o, const char* key, const std::string& path, bool required = false) const {
    const json* value = member(o, key, path, required);
    if (value != nullptr && !value->is_object()) wrong(path, key, "an object");
    return value;
  }

  // Calls check(item, path) for each object of a list.
  template <class Check>
  void each(const json& o, const char* key, const Check& check, const std::string& parent = "") const {
    const json* list = member(o, key, parent, false);
    if (list == nullptr) return;
    if (!list->is_array()) wrong(parent, key, "a list");
    for (size_t i = 0; i < list->size(); ++i) {
      const std::string path = parent + (parent.empty() ? "" : ".") + key + "[" + std::to_string(i) + "]";
      if (!(*list)[i].is_object()) fail(where_, ": ", path, " is not an object.");
      check((*list)[i], path);
    }
  }

  void check_extensions(const json& root) const {
    const json* list = member(root, "extensionsRequired", "", false);
    if (list == nullptr) return;
    if (!list->is_array()) wrong("", "extensionsRequired", "a list");
    for (const json& name : *list) {
      const std::string text = name.is_string() ? name.get<std::string>() : name.dump();
      if (!is_known_extension(text)) {
        fail(where_, ": requires the extension ", printable(text), ", which is not supported.");
      }
    }
  }

  // The object of an extension; nothing if `o` lacks it. Sets `path` to the object's.
  const json* extension(const json& o, const char* name, std::string& path) const {
    const json* extensions = object(o, "extensions", path);
    if (extensions == nullptr || !extensions->contains(name)) return nullptr;
    path += ".extensions";
    const json* found = object(*extensions, name, path);
    path += "." + std::string(name);
    return found;
  }

  void check_meshopt(const json& view, std::string path) const {
    const json* o = extension(view, kMeshoptExtension, path);
    if (o == nullptr) return;
    index(*o, "buffer", path, true);
    integer(*o, "byteOffset", path);
    integer(*o, "byteLength", path, true);
    index(*o, "byteStride", path, true);
    index(*o, "count", path, true);
    member(*o, "mode", path, true);
    string(*o, "mode", path);
    string(*o, "filter", path);
  }

  void check_draco(const json& primitive, std::string path) const {
    const json* o = extension(primitive, kDracoExtension, path);
    if (o == nullptr) return;
    index(*o, "bufferView", path, true);
    index_map(*object(*o, "attributes", path, true), path + ".attributes");
  }

  void check_accessor(const json& o, const std::string& path) const {
    index(o, "bufferView", path);
    integer(o, "byteOffset", path);
    index(o, "componentType", path, true);
    integer(o, "count", path, true);
    member(o, "type", path, true);
    const auto& type = string(o, "type", path)->get_ref<const std::string&>();
    if (std::find(kTypes.begin(), kTypes.end(), type) == kTypes.end()) {
      fail(where_, ": ", path, ".type is ", quoted_text(type), ", expected SCALAR, VEC2 to VEC4 or MAT2 to MAT4.");
    }
    const json* normalized = member(o, "normalized", path, false);
    if (normalized != nullptr && !normalized->is_boolean()) wrong(path, "normalized", "true or false");
    const json* sparse = object(o, "sparse", path);
    if (sparse == nullptr) return;
    index(*sparse, "count", path + ".sparse", true);
    for (const char* key : {"indices", "values"}) {
      const json& part = *object(*sparse, key, path + ".sparse", true);
      const std::string part_path = path + ".sparse." + key;
      index(part, "bufferView", part_path, true);
      index(part, "byteOffset", part_path);
      index(part, "componentType", part_path, std::string_view(key) == "indices");
    }
  }

  void check_mesh(const json& o, const std::string& path) const {
    string(o, "name", path);
    weights(o, path);
    check_target_names(o, path);
    each(
        o, "primitives",
        [this](const json& primitive, const std::string& primitive_path) {
          for (const char* key : {"indices", "material", "mode"}) index(primitive, key, primitive_path);
          index_map(*object(primitive, "attributes", primitive_path, true), primitive_path + ".attributes");
          check_target_names(primitive, primitive_path);
          check_draco(primitive, primitive_path);
          each(
              primitive, "targets",
              [this](const json& target, const std::string& target_path) { index_map(target, target_path); },
              primitive_path);
        },
        path);
  }

  void check_target_names(const json& o, const std::string& path) const {
    const auto extras = o.find("extras");
    if (extras == o.end() || !extras->is_object() || !extras->contains("targetNames")) return;
    const json& names = (*extras)["targetNames"];
    const auto is_string = [](const json& name) { return name.is_string(); };
    if (!names.is_array() || !std::all_of(names.begin(), names.end(), is_string)) {
      wrong(path, "extras.targetNames", "a list of strings");
    }
  }

  void check_node(const json& o, const std::string& path) const {
    index(o, "mesh", path);
    index(o, "skin", path);
    indices(o, "children", path);
    numbers(o, "matrix", path, 16);
    numbers(o, "translation", path, 3);
    numbers(o, "rotation", path, 4);
    numbers(o, "scale", path, 3);
    weights(o, path);
    string(o, "name", path);
  }

  const std::string& where_;
};

}  // namespace

void check_gltf_schema(const json& root, const std::string& where) { Schema(where).check(root); }

}  // namespace bisque
