#include <bisque/ops3d/io/gltf_document.h>

#include <algorithm>
#include <array>
#include <cstring>
#include <filesystem>
#include <string_view>

#include <nlohmann/json.hpp>

#include <bisque/core/error.h>
#include <bisque/core/serialization/json.h>
#include <bisque/core/serialization/mapped_file.h>

namespace bisque {
namespace {

using nlohmann::json;

constexpr size_t kGlbHeaderBytes = 12;
constexpr size_t kChunkHeaderBytes = 8;
constexpr JsonLimits kJsonLimits{size_t{256} << 20, 64};

// Extensions that a file may require and that leave positions and topology as they are.
constexpr std::array<std::string_view, 8> kHarmlessExtensions{
    "KHR_mesh_quantization", "KHR_materials_",      "KHR_texture_", "EXT_texture_",
    "MSFT_texture_dds",      "KHR_lights_punctual", "VRM",          "BISQUE_"};

struct Container {
  std::string_view json;
  std::optional<std::span<const std::byte>> bin;
};

std::string_view as_text(std::span<const std::byte> bytes) {
  return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
}

uint32_t read_u32(std::span<const std::byte> bytes, size_t at) {
  uint32_t value = 0;
  std::memcpy(&value, bytes.data() + at, sizeof(value));
  return value;
}

Container split_glb(std::span<const std::byte> bytes, const std::string& where) {
  if (bytes.size() < kGlbHeaderBytes) fail(where, ": ends within the .glb header.");
  if (const uint32_t version = read_u32(bytes, 4); version != 2) fail(where, ": is glTF ", version, ", expected 2.");
  const size_t length = read_u32(bytes, 8);
  if (length > bytes.size()) fail(where, ": has ", bytes.size(), " bytes, but its .glb header names ", length, ".");
  Container container;
  for (size_t at = kGlbHeaderBytes; at < length;) {
    const size_t chunk = at;
    if (length - at < kChunkHeaderBytes) fail(where, ": byte ", chunk, ": ends within a .glb chunk header.");
    const size_t size = read_u32(bytes, at);
    const uint32_t type = read_u32(bytes, at + 4);
    at += kChunkHeaderBytes;
    if (size > length - at)
      fail(where, ": byte ", chunk, ": has a .glb chunk of ", size, " bytes, but ", length - at, " remain.");
    const auto data = bytes.subspan(at, size);
    if (chunk == kGlbHeaderBytes && type != kGlbJsonChunk) fail(where, ": the first .glb chunk is not JSON.");
    if (chunk == kGlbHeaderBytes)
      container.json = as_text(data);
    else if (type == kGlbBinChunk && !container.bin)
      container.bin = data;
    at += size;
  }
  return container;
}

// Checks of the values that geometry depends on. `path` names a value in messages: accessors[3].
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
    });
    each(root, "accessors", [this](const json& o, const std::string& path) { check_accessor(o, path); });
    each(root, "meshes", [this](const json& o, const std::string& path) { check_mesh(o, path); });
    each(root, "nodes", [this](const json& o, const std::string& path) { check_node(o, path); });
    each(root, "scenes", [this](const json& o, const std::string& path) { indices(o, "nodes", path); });
    each(root, "materials", [this](const json& o, const std::string& path) { string(o, "name", path); });
  }

 private:
  [[noreturn]] void wrong(const std::string& path, const char* key, const char* expected) const {
    fail(where_, ": ", path, path.empty() ? "" : ".", key, " is not ", expected, ".");
  }

  const json* member(const json& o, const char* key, const std::string& path, bool required) const {
    const auto found = o.find(key);
    if (found == o.end() && required) fail(where_, ": ", path, " has no ", key, ".");
    return found == o.end() ? nullptr : &*found;
  }

  void integer(const json& o, const char* key, const std::string& path, bool required = false) const {
    const json* value = member(o, key, path, required);
    if (value != nullptr && !value->is_number_unsigned()) wrong(path, key, "an integer from 0 up");
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

  void numbers(const json& o, const char* key, const std::string& path, size_t count) const {
    const json* list = member(o, key, path, false);
    const auto is_number = [](const json& value) { return value.is_number(); };
    if (list != nullptr &&
        !(list->is_array() && list->size() == count && std::all_of(list->begin(), list->end(), is_number))) {
      wrong(path, key,
            count == 16  ? "a list of 16 numbers"
            : count == 4 ? "a list of 4 numbers"
                         : "a list of 3 numbers");
    }
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
      const auto fits = [&](std::string_view prefix) { return text.starts_with(prefix); };
      if (std::none_of(kHarmlessExtensions.begin(), kHarmlessExtensions.end(), fits)) {
        fail(where_, ": requires the extension ", text, ", which is not read.");
      }
    }
  }

  void check_accessor(const json& o, const std::string& path) const {
    index(o, "bufferView", path);
    integer(o, "byteOffset", path);
    index(o, "componentType", path, true);
    integer(o, "count", path, true);
    member(o, "type", path, true);
    string(o, "type", path);
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
    check_target_names(o, path);
    each(
        o, "primitives",
        [this](const json& primitive, const std::string& primitive_path) {
          for (const char* key : {"indices", "material", "mode"}) index(primitive, key, primitive_path);
          index_map(*object(primitive, "attributes", primitive_path, true), primitive_path + ".attributes");
          check_target_names(primitive, primitive_path);
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
  }

  const std::string& where_;
};

// A%20b.bin -> A b.bin
std::string decode_percent(std::string_view uri) {
  const auto hex = [](char c) {
    return c >= '0' && c <= '9' ? c - '0' : (c | 32) >= 'a' && (c | 32) <= 'f' ? (c | 32) - 'a' + 10 : -1;
  };
  std::string text;
  for (size_t i = 0; i < uri.size(); ++i) {
    if (uri[i] == '%' && i + 2 < uri.size() && hex(uri[i + 1]) >= 0 && hex(uri[i + 2]) >= 0) {
      text += static_cast<char>(hex(uri[i + 1]) * 16 + hex(uri[i + 2]));
      i += 2;
    } else {
      text += uri[i];
    }
  }
  return text;
}

std::optional<std::vector<std::byte>> decode_base64(std::string_view text) {
  static constexpr std::string_view kDigits = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
  std::array<int, 256> value;
  value.fill(-1);
  for (size_t i = 0; i < kDigits.size(); ++i) value[static_cast<uint8_t>(kDigits[i])] = static_cast<int>(i);
  while (text.ends_with('=')) text.remove_suffix(1);
  std::vector<std::byte> bytes;
  bytes.reserve(text.size() / 4 * 3 + 2);
  uint32_t bits = 0;
  int count = 0;
  for (const char c : text) {
    const int digit = value[static_cast<uint8_t>(c)];
    if (digit < 0) return std::nullopt;
    bits = bits << 6 | static_cast<uint32_t>(digit);
    count += 6;
    if (count < 8) continue;
    count -= 8;
    bytes.push_back(static_cast<std::byte>(bits >> count));
  }
  return bytes;
}

class BufferLoader {
 public:
  BufferLoader(const Container& container, const std::string& where, const std::optional<std::string>& folder)
      : container_(container), where_(where), folder_(folder) {}

  void load(const json& root, GltfDocument& document) const {
    if (!root.contains("buffers")) return;
    for (const json& buffer : root["buffers"]) {
      const std::string path = where_ + ": buffers[" + std::to_string(document.buffers.size()) + "]";
      const auto length = buffer["byteLength"].get<uint64_t>();
      const auto bytes = data_of(buffer, path, document);
      if (length > bytes.size()) fail(path, " names ", length, " bytes, but its data has ", bytes.size(), ".");
      document.buffers.push_back(bytes.first(length));
    }
  }

 private:
  std::span<const std::byte> data_of(const json& buffer, const std::string& path, GltfDocument& document) const {
    if (!buffer.contains("uri")) {
      if (!document.buffers.empty() || !container_.bin)
        fail(path, " has no data (no uri, and no BIN chunk that is its own).");
      return *container_.bin;
    }
    const auto& uri = buffer["uri"].get_ref<const std::string&>();
    if (uri.starts_with("data:")) return decode_data_uri(uri, path, document);
    const auto file = MappedFile::open(external_path(uri, path));
    document.owners.push_back(file);
    return file->bytes();
  }

  static std::span<const std::byte> decode_data_uri(std::string_view uri, const std::string& path,
                                                    GltfDocument& document) {
    static constexpr std::string_view kBase64 = ";base64,";
    const size_t comma = uri.find(',');
    const std::string_view header = comma == std::string_view::npos ? "" : uri.substr(0, comma + 1);
    if (!header.ends_with(kBase64)) fail(path, " has a data: uri that is not base64.");
    auto bytes = decode_base64(uri.substr(comma + 1));
    if (!bytes) fail(path, " has a data: uri with characters that are not base64.");
    const auto owner = std::make_shared<const std::vector<std::byte>>(std::move(*bytes));
    document.owners.push_back(owner);
    return *owner;
  }

  std::string external_path(const std::string& uri, const std::string& path) const {
    const std::filesystem::path name = decode_percent(uri);
    const bool leaves = std::find(name.begin(), name.end(), "..") != name.end();
    if (uri.find(':') != std::string::npos || name.empty() || name.is_absolute() || leaves ||
        name.string().find('\0') != std::string::npos) {
      fail(path, " lies at \"", uri, "\", expected a file in the folder of the .gltf file.");
    }
    if (!folder_) fail(path, " lies in another file, \"", uri, "\", which cannot be read from here.");
    return (std::filesystem::path(*folder_) / name).string();
  }

  const Container& container_;
  const std::string& where_;
  const std::optional<std::string>& folder_;
};

int index_or_none(const json& o, const char* key) { return o.contains(key) ? o[key].get<int>() : -1; }

GltfTopology read_topology(const json& o) {
  GltfTopology topology;
  topology.verts = o.at("verts").get<int64_t>();
  topology.faces = o.at("faces").get<int>();
  topology.uvs = index_or_none(o, "uvs");
  topology.uv_faces = index_or_none(o, "uvFaces");
  topology.face_groups = index_or_none(o, "faceGroups");
  if (o.contains("groupNames")) topology.group_names = o["groupNames"].get<std::vector<std::string>>();
  for (const json& corrective : o.value("correctives", json::array())) {
    topology.correctives.push_back(
        {corrective.at("shape").get<std::string>(), corrective.at("factors").get<std::vector<std::string>>()});
  }
  return topology;
}

void read_topologies(const json& root, const std::string& where, GltfDocument& document) {
  if (!root.contains("meshes")) return;
  for (size_t i = 0; i < root["meshes"].size(); ++i) {
    const json& mesh = root["meshes"][i];
    if (!mesh.contains("extensions") || !mesh["extensions"].contains(GltfTopology::kName)) continue;
    try {
      document.topologies.emplace(static_cast<int>(i), read_topology(mesh["extensions"][GltfTopology::kName]));
    } catch (const json::exception&) {
      fail(where, ": meshes[", i, "].extensions.", GltfTopology::kName, " has a value of the wrong type.");
    }
  }
}

// Only what geometry needs is left, so that tinygltf reads no more than was checked.
std::string geometry_of(const json& root) {
  json kept = json::object();
  for (const char* key : {"asset", "scene", "scenes", "nodes", "meshes", "accessors", "bufferViews"}) {
    if (root.contains(key)) kept[key] = root[key];
  }
  if (root.contains("materials")) {
    for (const json& material : root["materials"]) {
      kept["materials"].push_back(material.contains("name") ? json{{"name", material["name"]}} : json::object());
    }
  }
  return kept.dump();
}

}  // namespace

GltfDocument open_gltf_document(std::span<const std::byte> bytes, const std::string& where,
                                const std::optional<std::string>& folder) {
  const bool is_glb = as_text(bytes).starts_with("glTF");
  const Container container = is_glb ? split_glb(bytes, where) : Container{as_text(bytes), std::nullopt};
  const json root = parse_json(container.json, where, kJsonLimits);
  Schema(where).check(root);
  GltfDocument document;
  BufferLoader(container, where, folder).load(root, document);
  read_topologies(root, where, document);
  for (const char* key : {"skins", "animations"}) {
    if (root.contains(key) && !root[key].empty())
      document.warnings.push_back(where + ": its " + key + " are left aside.");
  }
  document.json = geometry_of(root);
  return document;
}

}  // namespace bisque
