#include <bisque/ops3d/io/gltf.h>

#include <algorithm>
#include <cmath>
#include <filesystem>
#include <map>
#include <optional>
#include <tuple>
#include <unordered_map>
#include <unordered_set>

#include <bisque/core/error.h>
#include <bisque/core/serialization/mapped_file.h>
#include <bisque/ops3d/io/gltf_accessor.h>
#include <bisque/ops3d/io/gltf_document.h>
#include <bisque/ops3d/io/gltf_nodes.h>
#include <bisque/ops3d/io/tinygltf.h>

namespace bisque {
namespace {

using AttributeMap = std::map<std::string, int>;

// What a primitive or a morph target counts in the budget of the file, beside its values: nodes may use it over and
// over.
constexpr uint64_t kBytesAPart = 64;

int attribute(const AttributeMap& attributes, const char* name) {
  const auto found = attributes.find(name);
  return found == attributes.end() ? -1 : found->second;
}

bool is_mirrored(const Matrix4& m) {
  return m[0] * (m[5] * m[10] - m[6] * m[9]) - m[4] * (m[1] * m[10] - m[2] * m[9]) +
             m[8] * (m[1] * m[6] - m[2] * m[5]) <
         0;
}

// Positions are moved, offsets are turned and scaled alone.
void transform_vectors(std::vector<float>& vectors, const Matrix4& m, bool is_position) {
  if (m == kIdentity) return;  // values stay as they are to the bit
  for (size_t i = 0; i < vectors.size(); i += 3) {
    const double x = vectors[i];
    const double y = vectors[i + 1];
    const double z = vectors[i + 2];
    for (size_t axis = 0; axis < 3; ++axis) {
      vectors[i + axis] =
          static_cast<float>(m[axis] * x + m[4 + axis] * y + m[8 + axis] * z + (is_position ? m[12 + axis] : 0));
    }
  }
}

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
      : model_(model), document_(document), where_(where), accessors_(model, document, where) {
    file_.mesh.warnings = document.warnings;
  }

  GltfFile build() {
    for (const GltfInstance& instance : gltf_instances(model_, where_, file_.mesh.warnings)) add_instance(instance);
    MeshData& mesh = file_.mesh;
    if (mesh.faces.empty()) fail(where_, ": has no triangles in its scene.");
    if (mesh.uvs.empty()) mesh.uv_faces.clear();
    if (mesh.group_names.empty()) mesh.face_groups.clear();
    return std::move(file_);
  }

 private:
  // The verts of primitives that share their accessors.
  struct Block {
    int32_t first_vert = 0;
    int32_t num_verts = 0;
    int32_t first_uv = -1;
  };
  using BlockKey = std::tuple<int, int, std::vector<int>>;  // POSITION, TEXCOORD_0, POSITION of the targets

  void add_instance(const GltfInstance& instance) {
    const tinygltf::Mesh& mesh = model_.meshes[static_cast<size_t>(instance.mesh)];
    const auto topology = document_.topologies.find(instance.mesh);
    const std::vector<std::string>& target_names = names_of_targets(mesh, instance.mesh);
    for (const tinygltf::Primitive& primitive : mesh.primitives) {
      accessors_.charge((1 + primitive.targets.size()) * kBytesAPart);
    }
    if (std::any_of(mesh.weights.begin(), mesh.weights.end(), [](double weight) { return weight != 0; })) {
      warn_once(": default weights of morph targets are left aside.");
    }
    std::map<BlockKey, Block> blocks;  // of this instance
    if (topology != document_.topologies.end() && !mesh.primitives.empty()) {
      const GltfTopology& original = topology->second;
      add_topology(original, add_block(mesh.primitives[0], target_names, instance, original.verts), instance);
      return;
    }
    for (const tinygltf::Primitive& primitive : mesh.primitives) {
      if (primitive.mode < TINYGLTF_MODE_TRIANGLES || primitive.mode > TINYGLTF_MODE_TRIANGLE_FAN) {
        warn_once(": primitives of points or lines are left aside.");
        continue;
      }
      const BlockKey key = key_of(primitive);
      auto found = blocks.find(key);
      if (found == blocks.end())
        found = blocks.emplace(key, add_block(primitive, target_names, instance, std::nullopt)).first;
      add_faces(primitive, found->second, instance);
    }
  }

  static BlockKey key_of(const tinygltf::Primitive& primitive) {
    std::vector<int> targets;
    for (const AttributeMap& target : primitive.targets) targets.push_back(attribute(target, "POSITION"));
    return {attribute(primitive.attributes, "POSITION"), attribute(primitive.attributes, "TEXCOORD_0"), targets};
  }

  // The names in extras.targetNames, target_i where there is none; found once a mesh.
  const std::vector<std::string>& names_of_targets(const tinygltf::Mesh& mesh, int mesh_index) {
    const auto [found, is_new] = target_names_.try_emplace(mesh_index);
    if (is_new) found->second = find_names_of_targets(mesh, mesh_index);
    return found->second;
  }

  std::vector<std::string> find_names_of_targets(const tinygltf::Mesh& mesh, int mesh_index) const {
    size_t count = 0;
    for (const tinygltf::Primitive& primitive : mesh.primitives) count = std::max(count, primitive.targets.size());
    const auto names_in = [](const tinygltf::Value& extras) {
      std::vector<std::string> names;
      const tinygltf::Value& list = extras.IsObject() ? extras.Get("targetNames") : extras;
      for (size_t i = 0; list.IsArray() && i < list.ArrayLen(); ++i)
        names.push_back(list.Get(static_cast<int>(i)).Get<std::string>());
      return names;
    };
    std::vector<std::string> names = names_in(mesh.extras);
    for (const tinygltf::Primitive& primitive : mesh.primitives) {
      if (names.empty()) names = names_in(primitive.extras);
    }
    names.resize(count);
    std::unordered_set<std::string> used;
    for (size_t i = 0; i < count; ++i) {
      if (names[i].empty()) names[i] = "target_" + std::to_string(i);
      if (!used.insert(names[i]).second)
        fail(where_, ": meshes[", mesh_index, "] has two morph targets named \"", names[i], "\".");
    }
    return names;
  }

  // Appends positions, uvs and morph targets; only the first `limit` verts where it is set.
  Block add_block(const tinygltf::Primitive& primitive, const std::vector<std::string>& target_names,
                  const GltfInstance& instance, std::optional<int64_t> limit) {
    MeshData& mesh = file_.mesh;
    const int position = attribute(primitive.attributes, "POSITION");
    if (position < 0) fail(where_, ": a primitive of meshes[", instance.mesh, "] has no POSITION.");
    const int64_t count = accessors_.count(position);
    const int64_t num_verts = limit.value_or(count);
    if (num_verts < 0 || num_verts > count) {
      fail(where_, ": meshes[", instance.mesh, "] has ", count, " verts, but ", GltfTopology::kName, " names ",
           num_verts, ".");
    }
    if (mesh.num_verts() + num_verts > INT32_MAX) fail(where_, ": has more than 2^31 - 1 verts.");
    Block block{static_cast<int32_t>(mesh.num_verts()), static_cast<int32_t>(num_verts), -1};

    std::vector<float> verts = accessors_.floats(position, 3);
    verts.resize(static_cast<size_t>(num_verts) * 3);
    transform_vectors(verts, instance.transform, true);
    check_finite(verts, position);
    mesh.verts.insert(mesh.verts.end(), verts.begin(), verts.end());
    if (!limit) add_uvs(attribute(primitive.attributes, "TEXCOORD_0"), count, block);
    for (size_t i = 0; i < primitive.targets.size(); ++i) {
      add_morph(target_names[i], attribute(primitive.targets[i], "POSITION"), count, block, instance.transform);
    }
    return block;
  }

  void check_finite(const std::vector<float>& values, int accessor) const {
    if (!std::all_of(values.begin(), values.end(), [](float value) { return std::isfinite(value); })) {
      fail(where_, ": accessor ", accessor, " leaves the range of float under its node's transform.");
    }
  }

  void check_count(int accessor, int64_t expected) const {
    if (const int64_t count = accessors_.count(accessor); count != expected) {
      fail(where_, ": accessor ", accessor, " has ", count, " elements, expected ", expected, ", as many as verts.");
    }
  }

  void add_uvs(int accessor, int64_t num_verts, Block& block) {
    if (accessor < 0) return;
    check_count(accessor, num_verts);
    std::vector<float>& uvs = file_.mesh.uvs;
    block.first_uv = static_cast<int32_t>(uvs.size() / 2);
    const std::vector<float> values = accessors_.floats(accessor, 2);
    for (size_t i = 0; i < values.size(); i += 2) uvs.insert(uvs.end(), {values[i], 1 - values[i + 1]});
  }

  void add_morph(const std::string& name, int accessor, int64_t num_verts, const Block& block,
                 const Matrix4& transform) {
    MorphTarget& morph = morph_named(name);
    if (accessor < 0) return;  // it moves normals alone
    check_count(accessor, num_verts);
    SparseVectors offsets = accessors_.sparse_vectors(accessor);
    const auto end = std::lower_bound(offsets.indices.begin(), offsets.indices.end(), block.num_verts);
    offsets.indices.erase(end, offsets.indices.end());
    offsets.values.resize(offsets.indices.size() * 3);
    transform_vectors(offsets.values, transform, false);
    check_finite(offsets.values, accessor);
    for (const int32_t index : offsets.indices) morph.verts.push_back(block.first_vert + index);
    morph.offsets.insert(morph.offsets.end(), offsets.values.begin(), offsets.values.end());
  }

  MorphTarget& morph_named(const std::string& name) {
    std::vector<MorphTarget>& morphs = file_.mesh.morphs;
    const auto [found, is_new] = morph_index_.emplace(name, morphs.size());
    if (is_new) morphs.push_back({name, {}, {}});
    return morphs[found->second];
  }

  void add_faces(const tinygltf::Primitive& primitive, const Block& block, const GltfInstance& instance) {
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
      fail(where_, ": a primitive of meshes[", instance.mesh, "] has ", indices.size(),
           " corners, which make no whole triangles.");
    std::vector<uint32_t> corners = to_triangles(indices, primitive.mode);
    if (is_mirrored(instance.transform)) flip(corners);

    MeshData& mesh = file_.mesh;
    for (const uint32_t corner : corners) {
      const auto index = static_cast<int32_t>(corner);
      mesh.faces.push_back(block.first_vert + index);
      mesh.uv_faces.push_back(block.first_uv < 0 ? -1 : block.first_uv + index);
    }
    mesh.face_groups.insert(mesh.face_groups.end(), corners.size() / 3, group_of(primitive.material));
  }

  // glTF 2.0, 3.7.4: a transform that mirrors turns the faces around.
  template <class T>
  static void flip(std::vector<T>& corners) {
    for (size_t i = 0; i < corners.size(); i += 3) std::swap(corners[i + 1], corners[i + 2]);
  }

  void check_indices(const std::vector<uint32_t>& indices, uint32_t end, int accessor) const {
    const auto bad = std::find_if(indices.begin(), indices.end(), [&](uint32_t index) { return index >= end; });
    if (bad != indices.end())
      fail(where_, ": accessor ", accessor, " holds index ", *bad, ", expected less than ", end, ".");
  }

  int32_t group_of(int material) {
    if (material < 0) return -1;
    if (static_cast<size_t>(material) >= model_.materials.size()) {
      fail(where_, ": refers to material ", material, ", but the file has ", model_.materials.size(), " materials.");
    }
    const std::string& name = model_.materials[static_cast<size_t>(material)].name;
    return group_named(name.empty() ? "material_" + std::to_string(material) : name);
  }

  int32_t group_named(const std::string& name) {
    std::vector<std::string>& names = file_.mesh.group_names;
    const auto [found, is_new] = group_index_.emplace(name, static_cast<int32_t>(names.size()));
    if (is_new) names.push_back(name);
    return found->second;
  }

  // Integers of BISQUE_topology: indices below `end`, or -1 where `none` is allowed.
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

  void add_topology(const GltfTopology& topology, const Block& block, const GltfInstance& instance) {
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
    if (is_mirrored(instance.transform)) {
      flip(faces);
      flip(uv_faces);
    }
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
  std::map<int, std::vector<std::string>> target_names_;  // by mesh
  std::unordered_map<std::string, size_t> morph_index_;
  std::unordered_map<std::string, int32_t> group_index_;
};

GltfFile build_gltf(std::span<const std::byte> bytes, const std::string& where,
                    const std::optional<std::string>& folder) {
  const GltfDocument document = open_gltf_document(bytes, where, folder);
  tinygltf::Model model;
  std::string error;
  std::string warning;
  const bool loaded = tinygltf::TinyGLTF().LoadASCIIFromString(&model, &error, &warning, document.json.data(),
                                                               static_cast<unsigned int>(document.json.size()), "");
  // It also reports things that it then leaves out of the model, without failing.
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
