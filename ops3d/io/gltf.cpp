#include <bisque/ops3d/io/gltf.h>

#include <algorithm>
#include <filesystem>
#include <map>
#include <optional>
#include <unordered_map>

#include <bisque/core/error.h>
#include <bisque/core/serialization/mapped_file.h>
#include <bisque/ops3d/io/gltf_accessor.h>
#include <bisque/ops3d/io/gltf_document.h>
#include <bisque/ops3d/io/gltf_head.h>
#include <bisque/ops3d/io/gltf_nodes.h>
#include <bisque/ops3d/io/gltf_verts.h>
#include <bisque/ops3d/io/tinygltf.h>

namespace bisque {
namespace {

// The cost of a primitive or a morph target in the budget of the file, besides its values: nodes may use it many times.
constexpr uint64_t kBytesAPart = 64;
// The size of a corner in the mesh: its vertex, its uv and its part of the face's group.
constexpr uint64_t kBytesACorner = 10;

// Corners of triangles, from the indices of a strip or a fan.
std::vector<uint32_t> to_triangles(const std::vector<uint32_t>& indices, int mode) {
  if (mode == TINYGLTF_MODE_TRIANGLES) return indices;
  std::vector<uint32_t> triangles;
  for (size_t i = 0; i + 2 < indices.size(); ++i) {
    if (mode == TINYGLTF_MODE_TRIANGLE_FAN) {
      triangles.insert(triangles.end(), {indices[0], indices[i + 1], indices[i + 2]});
    } else {
      triangles.insert(triangles.end(), {indices[i], indices[i + 1 + i % 2], indices[i + 2 - i % 2]});
    }
  }
  return triangles;
}

class GltfBuilder {
 public:
  GltfBuilder(const tinygltf::Model& model, const GltfDocument& document, const std::string& where)
      : model_(model),
        document_(document),
        where_(where),
        accessors_(model, document, where),
        file_(file_with(document.warnings)),
        scene_(make_scene()),
        names_(name_targets(model, document.vrm, where, file_.mesh.warnings)),
        verts_(model, document, scene_, names_, where, accessors_, file_.mesh) {}

  GltfFile build() {
    for (const Material& material : document_.materials) materials_.emplace(material.name, &material);
    for (const GltfInstance& instance : scene_.instances) add_instance(instance);
    verts_.finish();
    MeshData& mesh = file_.mesh;
    if (mesh.faces.empty()) fail(where_, ": has no triangles in its scene.");
    if (mesh.uvs.empty()) mesh.uv_faces.clear();
    if (mesh.group_names.empty()) mesh.face_groups.clear();
    return std::move(file_);
  }

 private:
  using AttributeMap = std::map<std::string, int>;
  // Shared by primitives with the same verts: their attributes that are read, and POSITION of the targets.
  using BlockKey = std::pair<AttributeMap, std::vector<int>>;

  static GltfFile file_with(const std::vector<std::string>& warnings) {
    GltfFile file;
    file.mesh.warnings = warnings;
    return file;
  }

  GltfScene make_scene() {
    GltfScene scene = gltf_scene(model_, where_, file_.mesh.warnings);
    if (faces_backwards(document_, scene)) turn_around(scene);
    return scene;
  }

  void add_instance(const GltfInstance& instance) {
    const tinygltf::Mesh& mesh = model_.meshes[static_cast<size_t>(instance.mesh)];
    const auto topology = document_.topologies.find(instance.mesh);
    for (const tinygltf::Primitive& primitive : mesh.primitives) {
      accessors_.charge((1 + primitive.targets.size()) * kBytesAPart);
    }
    warn_of_weights(instance, mesh);
    if (topology != document_.topologies.end() && !mesh.primitives.empty()) {
      const GltfTopology& original = topology->second;
      add_topology(original, verts_.add(instance, mesh.primitives[0], original.verts));
      return;
    }
    std::map<BlockKey, GltfBlock> blocks;  // for this instance
    for (size_t i = 0; i < mesh.primitives.size(); ++i) {
      const tinygltf::Primitive& primitive = mesh.primitives[i];
      if (primitive.mode < TINYGLTF_MODE_TRIANGLES || primitive.mode > TINYGLTF_MODE_TRIANGLE_FAN) {
        warn_once(": primitives of points or lines are ignored.");
        continue;
      }
      if (instance.skin >= 0 && !primitive.attributes.contains("JOINTS_0")) {
        warn_once(": a primitive of a skinned mesh has no joints and follows its node.");
      }
      const std::vector<uint32_t>* decoded = decoded_corners(instance.mesh, static_cast<int>(i));
      const BlockKey key = key_of(primitive);
      auto found = blocks.find(key);
      if (found == blocks.end()) found = blocks.emplace(key, verts_.add(instance, primitive, std::nullopt)).first;
      add_faces(decoded != nullptr ? *decoded : corners_of(primitive, found->second, instance.mesh), found->second,
                primitive.material);
    }
  }

  // A node's weights replace those of its mesh.
  void warn_of_weights(const GltfInstance& instance, const tinygltf::Mesh& mesh) {
    const bool has_own = instance.node >= 0 && !model_.nodes[static_cast<size_t>(instance.node)].weights.empty();
    const std::vector<double>& weights =
        has_own ? model_.nodes[static_cast<size_t>(instance.node)].weights : mesh.weights;
    if (std::any_of(weights.begin(), weights.end(), [](double weight) { return weight != 0; })) {
      warn_once(": default weights of morph targets are ignored.");
    }
  }

  static BlockKey key_of(const tinygltf::Primitive& primitive) {
    BlockKey key;
    for (const auto& [name, accessor] : primitive.attributes) {
      const bool is_read = name == "POSITION" || name == "NORMAL" || name == "TEXCOORD_0" || name == "COLOR_0" ||
                           name.starts_with("JOINTS_") || name.starts_with("WEIGHTS_");
      if (is_read) key.first.emplace(name, accessor);
    }
    for (const AttributeMap& target : primitive.targets) {
      const auto position = target.find("POSITION");
      key.second.push_back(position == target.end() ? -1 : position->second);
    }
    return key;
  }

  // The corners of a Draco-compressed primitive, decoded once; null for others.
  const std::vector<uint32_t>* decoded_corners(int mesh, int primitive) {
    const std::pair key(mesh, primitive);
    const auto compressed = document_.draco_primitives.find(key);
    if (compressed == document_.draco_primitives.end()) return nullptr;
    auto found = decoded_corners_.find(key);
    if (found == decoded_corners_.end()) {
      const std::string path =
          where_ + ": meshes[" + std::to_string(mesh) + "].primitives[" + std::to_string(primitive) + "]";
      const AttributeMap& attributes =
          model_.meshes[static_cast<size_t>(mesh)].primitives[static_cast<size_t>(primitive)].attributes;
      found = decoded_corners_.emplace(key, accessors_.decode(compressed->second, attributes, path)).first;
    }
    return &found->second;
  }

  std::vector<uint32_t> corners_of(const tinygltf::Primitive& primitive, const GltfBlock& block, int mesh) {
    std::vector<uint32_t> indices;
    if (primitive.indices >= 0) {
      indices = accessors_.integers(primitive.indices);
    } else {
      accessors_.charge(static_cast<uint64_t>(block.num_verts) * sizeof(uint32_t));
      indices.resize(static_cast<size_t>(block.num_verts));
      for (size_t i = 0; i < indices.size(); ++i) indices[i] = static_cast<uint32_t>(i);
    }
    check_indices(indices, static_cast<uint32_t>(block.num_verts), primitive.indices);
    const bool whole = primitive.mode == TINYGLTF_MODE_TRIANGLES ? indices.size() % 3 == 0 : indices.size() >= 3;
    if (!whole)
      fail(where_, ": a primitive of meshes[", mesh, "] has ", indices.size(),
           " corners, which is not a multiple of 3.");
    return to_triangles(indices, primitive.mode);
  }

  void add_faces(std::vector<uint32_t> corners, const GltfBlock& block, int material) {
    accessors_.charge(corners.size() * kBytesACorner);
    flip_mirrored(block, corners, corners);
    MeshData& mesh = file_.mesh;
    for (const uint32_t corner : corners) {
      const auto index = static_cast<int32_t>(corner);
      mesh.faces.push_back(block.first_vert + index);
      mesh.uv_faces.push_back(block.first_uv < 0 ? -1 : block.first_uv + index);
    }
    mesh.face_groups.insert(mesh.face_groups.end(), corners.size() / 3, group_of(material));
  }

  // glTF 2.0, 3.7.4: a mirroring transform reverses the faces. `corners` holds the verts of the faces; `turned` is the
  // same array or a parallel one.
  template <class Corner, class T>
  static void flip_mirrored(const GltfBlock& block, const std::vector<Corner>& corners, std::vector<T>& turned) {
    for (size_t i = 0; i + 2 < turned.size(); i += 3) {
      if (block.is_mirrored(static_cast<size_t>(corners[i]))) std::swap(turned[i + 1], turned[i + 2]);
    }
  }

  void check_indices(const std::vector<uint32_t>& indices, uint32_t end, int accessor) const {
    const auto bad = std::find_if(indices.begin(), indices.end(), [&](uint32_t index) { return index >= end; });
    if (bad != indices.end())
      fail(where_, ": accessor ", accessor, " holds index ", *bad, ", expected less than ", end, ".");
  }

  int32_t group_of(int material) {
    if (material < 0) return -1;
    const size_t count = document_.materials.size();
    if (static_cast<size_t>(material) >= count) {
      fail(where_, ": refers to material ", material, ", but the file has ", count, " materials.");
    }
    return group_of(document_.materials[static_cast<size_t>(material)]);
  }

  int32_t group_of(const Material& material) {
    MeshData& mesh = file_.mesh;
    const auto [found, is_new] = group_index_.emplace(material.name, static_cast<int32_t>(mesh.group_names.size()));
    if (!is_new) return found->second;
    mesh.group_names.push_back(material.name);
    mesh.materials.push_back(material);
    if (material.texture >= 0) mesh.materials.back().texture = used_texture(material.texture);
    return found->second;
  }

  // A group of BISQUE_topology.
  int32_t group_named(const std::string& name) {
    const auto found = materials_.find(name);
    return group_of(found == materials_.end() ? Material{.name = name} : *found->second);
  }

  // The index in the mesh of a texture of the document.
  int32_t used_texture(int32_t texture) {
    std::vector<Texture>& textures = file_.mesh.textures;
    const auto [found, is_new] = texture_index_.emplace(texture, static_cast<int32_t>(textures.size()));
    if (is_new) textures.push_back(document_.textures[static_cast<size_t>(texture)]);
    return found->second;
  }

  // Integers of BISQUE_topology: indices below `end`, or -1 if `none` is allowed.
  std::vector<int32_t> topology_indices(int accessor, int64_t end, bool none) {
    const std::vector<uint32_t> values = accessors_.integers(accessor);
    std::vector<int32_t> indices;
    indices.reserve(values.size());
    for (const uint32_t value : values) {
      if (value >= end && !(none && value == UINT32_MAX)) {
        fail(where_, ": accessor ", accessor, " of ", GltfTopology::kName, " holds index ", value,
             ", expected less than ", end, ".");
      }
      indices.push_back(static_cast<int32_t>(value));
    }
    return indices;
  }

  void check_length(int accessor, size_t found, size_t expected) const {
    if (found != expected)
      fail(where_, ": accessor ", accessor, " of ", GltfTopology::kName, " has ", found, " elements, expected ",
           expected, ".");
  }

  void add_topology(const GltfTopology& topology, const GltfBlock& block) {
    MeshData& mesh = file_.mesh;
    std::vector<int32_t> faces = topology_indices(topology.faces, topology.verts, false);
    check_length(topology.faces, faces.size(), faces.size() / 3 * 3);
    std::vector<int32_t> uv_faces(faces.size(), -1);
    const auto first_uv = static_cast<int32_t>(mesh.uvs.size() / 2);
    if (topology.uvs >= 0) {
      const std::vector<float> uvs = accessors_.floats(topology.uvs, 2);
      mesh.uvs.insert(mesh.uvs.end(), uvs.begin(), uvs.end());
      uv_faces = topology_indices(topology.uv_faces, static_cast<int64_t>(uvs.size() / 2), true);
      check_length(topology.uv_faces, uv_faces.size(), faces.size());
    }
    std::vector<int32_t> groups(faces.size() / 3, -1);
    if (topology.face_groups >= 0) {
      groups = topology_indices(topology.face_groups, static_cast<int64_t>(topology.group_names.size()), true);
      check_length(topology.face_groups, groups.size(), faces.size() / 3);
    }
    std::vector<int32_t> group_map;
    for (const std::string& name : topology.group_names) group_map.push_back(group_named(name));
    flip_mirrored(block, faces, uv_faces);
    flip_mirrored(block, faces, faces);
    for (const int32_t corner : faces) mesh.faces.push_back(block.first_vert + corner);
    for (const int32_t corner : uv_faces) mesh.uv_faces.push_back(corner < 0 ? -1 : first_uv + corner);
    for (const int32_t group : groups)
      mesh.face_groups.push_back(group < 0 ? -1 : group_map[static_cast<size_t>(group)]);
    file_.correctives.insert(file_.correctives.end(), topology.correctives.begin(), topology.correctives.end());
  }

  void warn_once(const std::string& text) {
    std::vector<std::string>& warnings = file_.mesh.warnings;
    const std::string warning = where_ + text;
    if (std::find(warnings.begin(), warnings.end(), warning) == warnings.end()) warnings.push_back(warning);
  }

  const tinygltf::Model& model_;
  const GltfDocument& document_;
  const std::string& where_;
  GltfAccessors accessors_;
  GltfFile file_;
  GltfScene scene_;
  GltfTargetNames names_;
  GltfVerts verts_;
  std::map<std::pair<int, int>, std::vector<uint32_t>> decoded_corners_;  // by mesh and primitive
  std::unordered_map<std::string, const Material*> materials_;
  std::unordered_map<std::string, int32_t> group_index_;
  std::unordered_map<int32_t, int32_t> texture_index_;  // in the mesh, by index in the document
};

GltfFile build_gltf(std::span<const std::byte> bytes, const std::string& where,
                    const std::optional<std::string>& folder) {
  const GltfDocument document = open_gltf_document(bytes, where, folder);
  tinygltf::Model model;
  std::string error;
  std::string warning;
  const bool loaded = tinygltf::TinyGLTF().LoadASCIIFromString(&model, &error, &warning, document.json.data(),
                                                               static_cast<unsigned int>(document.json.size()), "");
  // It also reports errors in parts that it then omits from the model, without failing.
  if (!loaded || !error.empty()) fail(where, ": is not valid glTF (", error.substr(0, error.find('\n')), ").");
  return GltfBuilder(model, document, where).build();
}

}  // namespace

GltfFile read_gltf(const std::string& path) {
  const auto file = MappedFile::open(path);
  return build_gltf(file->bytes(), path, std::filesystem::path(path).parent_path().string());
}

GltfFile parse_gltf(std::span<const std::byte> bytes, const std::string& where) {
  return build_gltf(bytes, where, std::nullopt);
}

}  // namespace bisque
