#include <bisque/ops3d/io/gltf_extensions.h>

#include <nlohmann/json.hpp>

#include <bisque/core/error.h>
#include <bisque/core/serialization/text.h>
#include <bisque/ops3d/io/gltf_schema.h>

namespace bisque {
namespace {

using nlohmann::json;

const json* extension_of(const json& o, const char* name) {
  const auto extensions = o.find("extensions");
  if (extensions == o.end() || !extensions->is_object()) return nullptr;
  const auto found = extensions->find(name);
  return found == extensions->end() ? nullptr : &*found;
}

// Calls read(item, index) for each item of a list of the file.
template <class Read>
void each_item(const json& root, const char* key, const Read& read) {
  if (!root.contains(key)) return;
  for (size_t i = 0; i < root[key].size(); ++i) read(root[key][i], static_cast<int>(i));
}

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
  each_item(root, "meshes", [&](const json& mesh, int index) {
    const json* topology = extension_of(mesh, GltfTopology::kName);
    if (topology == nullptr) return;
    try {
      document.topologies.emplace(index, read_topology(*topology));
    } catch (const json::exception&) {
      fail(where, ": meshes[", index, "].extensions.", GltfTopology::kName, " has a value of the wrong type.");
    }
  });
}

void read_skins(const json& root, GltfDocument& document) {
  each_item(root, "skins", [&](const json& skin, int) {
    document.skins.push_back({skin["joints"].get<std::vector<int>>(), index_or_none(skin, "inverseBindMatrices")});
  });
}

MeshoptMode meshopt_mode(const std::string& name, const std::string& path) {
  if (name == "ATTRIBUTES") return MeshoptMode::kAttributes;
  if (name == "TRIANGLES") return MeshoptMode::kTriangles;
  if (name == "INDICES") return MeshoptMode::kIndices;
  fail(path, "mode is ", quoted_text(name), ", expected ATTRIBUTES, TRIANGLES or INDICES.");
}

MeshoptFilter meshopt_filter(const std::string& name, const std::string& path) {
  if (name == "NONE") return MeshoptFilter::kNone;
  if (name == "OCTAHEDRAL") return MeshoptFilter::kOctahedral;
  if (name == "QUATERNION") return MeshoptFilter::kQuaternion;
  if (name == "EXPONENTIAL") return MeshoptFilter::kExponential;
  fail(path, "filter is ", quoted_text(name), ", expected NONE, OCTAHEDRAL, QUATERNION or EXPONENTIAL.");
}

void read_meshopt_views(const json& root, const std::string& where, GltfDocument& document) {
  each_item(root, "bufferViews", [&](const json& view, int index) {
    const json* o = extension_of(view, kMeshoptExtension);
    if (o == nullptr) return;
    const std::string path =
        where + ": bufferViews[" + std::to_string(index) + "].extensions." + kMeshoptExtension + ".";
    MeshoptView compressed;
    compressed.buffer = (*o)["buffer"].get<int>();
    compressed.offset = o->value("byteOffset", uint64_t{0});
    compressed.length = (*o)["byteLength"].get<uint64_t>();
    compressed.stride = (*o)["byteStride"].get<uint64_t>();
    compressed.count = (*o)["count"].get<uint64_t>();
    compressed.mode = meshopt_mode((*o)["mode"].get<std::string>(), path);
    compressed.filter = meshopt_filter(o->value("filter", std::string("NONE")), path);
    document.meshopt_views.emplace(index, compressed);
  });
}

void read_draco_primitives(const json& root, GltfDocument& document) {
  each_item(root, "meshes", [&](const json& mesh, int mesh_index) {
    each_item(mesh, "primitives", [&](const json& primitive, int index) {
      const json* o = extension_of(primitive, kDracoExtension);
      if (o == nullptr) return;
      document.draco_primitives.emplace(
          std::pair(mesh_index, index),
          GltfDracoPrimitive{(*o)["bufferView"].get<int>(), (*o)["attributes"].get<std::map<std::string, int>>()});
    });
  });
}

}  // namespace

void read_gltf_extensions(const json& root, const std::string& where, GltfDocument& document) {
  read_skins(root, document);
  read_topologies(root, where, document);
  read_meshopt_views(root, where, document);
  read_draco_primitives(root, document);
  document.vrm = read_vrm(root, where, document.warnings);
}

}  // namespace bisque
