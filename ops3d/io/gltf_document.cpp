#include <bisque/ops3d/io/gltf_document.h>

#include <algorithm>
#include <cstring>
#include <filesystem>
#include <string_view>

#include <nlohmann/json.hpp>

#include <bisque/core/error.h>
#include <bisque/core/serialization/json.h>
#include <bisque/core/serialization/mapped_file.h>
#include <bisque/core/serialization/text.h>
#include <bisque/ops3d/io/gltf_extensions.h>
#include <bisque/ops3d/io/gltf_materials.h>
#include <bisque/ops3d/io/gltf_schema.h>
#include <bisque/ops3d/io/gltf_uri.h>

namespace bisque {
namespace {

using nlohmann::json;

constexpr size_t kGlbHeaderBytes = 12;
constexpr size_t kChunkHeaderBytes = 8;
constexpr JsonLimits kJsonLimits{size_t{256} << 20, 64};

struct Container {
  std::string_view json;
  std::optional<std::span<const std::byte>> bin;
};

uint32_t read_u32(std::span<const std::byte> bytes, size_t at) {
  uint32_t value = 0;
  std::memcpy(&value, bytes.data() + at, sizeof(value));
  return value;
}

Container split_glb(std::span<const std::byte> bytes, const std::string& where) {
  if (bytes.size() < kGlbHeaderBytes) fail(where, ": ends within the .glb header.");
  if (const uint32_t version = read_u32(bytes, 4); version != 2) fail(where, ": is glTF ", version, ", expected 2.");
  const size_t length = read_u32(bytes, 8);
  if (length > bytes.size()) fail(where, ": has ", bytes.size(), " bytes, but its .glb header declares ", length, ".");
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
      container.json = text_of(data);
    else if (type == kGlbBinChunk && !container.bin)
      container.bin = data;
    at += size;
  }
  return container;
}

class BufferLoader {
 public:
  BufferLoader(const Container& container, const std::string& where, const std::optional<std::string>& folder)
      : container_(container), where_(where), folder_(folder) {}

  void load(const json& root, GltfDocument& document) const {
    if (!root.contains("buffers")) return;
    for (const json& buffer : root["buffers"]) {
      const std::string path = where_ + ": buffers[" + std::to_string(document.buffers.size()) + "]";
      if (is_fallback(buffer)) {
        document.buffers.emplace_back();
        continue;
      }
      const auto length = buffer["byteLength"].get<uint64_t>();
      const auto bytes = data_of(buffer, path, document);
      if (length > bytes.size()) fail(path, " declares ", length, " bytes, but its data has ", bytes.size(), ".");
      document.buffers.push_back(bytes.first(length));
    }
  }

 private:
  // Data of a fallback are for readers without the extension, and may be missing.
  static bool is_fallback(const json& buffer) {
    const json extension = buffer.value(json::json_pointer("/extensions/EXT_meshopt_compression"), json());
    return extension.is_object() && extension.value("fallback", json()) == true;
  }

  std::span<const std::byte> data_of(const json& buffer, const std::string& path, GltfDocument& document) const {
    if (!buffer.contains("uri")) {
      if (!document.buffers.empty() || !container_.bin)
        fail(path, " has no data (no uri, and no BIN chunk that is its own).");
      return *container_.bin;
    }
    const auto& uri = buffer["uri"].get_ref<const std::string&>();
    if (is_data_uri(uri)) {
      const auto owner = std::make_shared<const std::vector<std::byte>>(decode_data_uri(uri, path));
      document.owners.push_back(owner);
      return *owner;
    }
    const auto file = MappedFile::open(external_path(uri, path));
    document.owners.push_back(file);
    return file->bytes();
  }

  std::string external_path(const std::string& uri, const std::string& path) const {
    const std::string name = name_in_folder(uri);
    if (name.empty()) {
      fail(path, " is at ", quoted_text(uri), ", expected a file in the folder of the .gltf file.");
    }
    if (!folder_) fail(path, " is in another file, ", quoted_text(uri), ", which cannot be read from here.");
    return (std::filesystem::path(*folder_) / name).string();
  }

  const Container& container_;
  const std::string& where_;
  const std::optional<std::string>& folder_;
};

// tinygltf requires data for all indices; those compressed by Draco have none.
void drop_decoded_indices(json& mesh) {
  if (!mesh.contains("primitives")) return;
  for (json& primitive : mesh["primitives"]) {
    if (primitive.contains("extensions") && primitive["extensions"].contains(kDracoExtension)) {
      primitive.erase("indices");
    }
  }
}

// Only the parts that geometry needs are kept, so tinygltf reads no more than was checked.
std::string geometry_of(const json& root) {
  json kept = json::object();
  for (const char* key : {"asset", "scene", "scenes", "nodes", "meshes", "accessors", "bufferViews"}) {
    if (root.contains(key)) kept[key] = root[key];
  }
  if (kept.contains("meshes")) {
    for (json& mesh : kept["meshes"]) drop_decoded_indices(mesh);
  }
  for (const char* key : {"nodes", "meshes", "accessors", "bufferViews"}) {
    if (!kept.contains(key)) continue;
    for (json& item : kept[key]) item.erase("extensions");
  }
  return kept.dump();
}

}  // namespace

GltfDocument open_gltf_document(std::span<const std::byte> bytes, const std::string& where,
                                const std::optional<std::string>& folder) {
  const bool is_glb = text_of(bytes).starts_with("glTF");
  const Container container = is_glb ? split_glb(bytes, where) : Container{text_of(bytes), std::nullopt};
  const json root = parse_json(container.json, where, kJsonLimits);
  check_gltf_schema(root, where);
  GltfDocument document;
  BufferLoader(container, where, folder).load(root, document);
  read_gltf_extensions(root, where, document);
  read_gltf_materials(root, where, folder, document);
  if (root.contains("animations") && !root["animations"].empty()) {
    document.warnings.push_back(where + ": its animations are ignored.");
  }
  document.json = geometry_of(root);
  return document;
}

}  // namespace bisque
