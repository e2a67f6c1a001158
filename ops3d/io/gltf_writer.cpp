#include <bisque/ops3d/io/gltf_writer.h>

#include <algorithm>
#include <cmath>
#include <map>
#include <span>
#include <string_view>
#include <tuple>
#include <unordered_set>

#include <nlohmann/json.hpp>

#include <bisque/core/error.h>
#include <bisque/core/serialization/atomic_file.h>
#include <bisque/ops3d/io/gltf_buffer.h>
#include <bisque/ops3d/io/gltf_material_writer.h>

namespace bisque {
namespace {

using nlohmann::json;

constexpr uint32_t kGlbMagic = 0x46546C67;

// A .glb repeats every target for every group, and every offset for every uv of its vertex; this limits the growth of a
// small mesh.
constexpr uint64_t kMaxTargets = uint64_t{1} << 18;
constexpr uint64_t kMaxRepeats = 16;
constexpr uint64_t kMinOffsets = uint64_t{1} << 22;

// A mesh with one index per corner: verts with several uvs or normals are appended once more for each additional pair.
struct SplitMesh {
  std::vector<uint32_t> corners;  // [F * 3] into the split verts
  std::vector<int32_t> origin;    // vertex of the mesh for each split one; those below V map to themselves
  std::vector<int32_t> uv;        // of each split vertex, -1 for none
  std::vector<int32_t> normal;    // the same
};

// Sets `index` if it is unset; whether it is the same as `other` now, or `other` is unset.
bool matches(int32_t& index, int32_t other) {
  if (index < 0) index = other;
  return other < 0 || other == index;
}

SplitMesh split_at_seams(const MeshData& mesh) {
  SplitMesh split;
  const auto num_verts = static_cast<size_t>(mesh.num_verts());
  const bool has_vert_normals = mesh.normal_faces.empty() && !mesh.normals.empty();
  for (size_t v = 0; v < num_verts; ++v) split.origin.push_back(static_cast<int32_t>(v));
  split.uv.resize(num_verts, -1);
  split.normal = has_vert_normals ? split.origin : std::vector<int32_t>(num_verts, -1);
  std::map<std::tuple<int32_t, int32_t, int32_t>, uint32_t> appended;  // by vertex, uv and normal
  for (size_t i = 0; i < mesh.faces.size(); ++i) {
    const int32_t vert = mesh.faces[i];
    const int32_t uv = mesh.uv_faces.empty() ? -1 : mesh.uv_faces[i];
    const int32_t normal = has_vert_normals ? vert : mesh.normal_faces.empty() ? -1 : mesh.normal_faces[i];
    auto corner = static_cast<uint32_t>(vert);
    const bool is_first = matches(split.uv[corner], uv) && matches(split.normal[corner], normal);
    if (!is_first) {
      const auto [found, is_new] = appended.emplace(std::tuple(vert, uv, normal), split.origin.size());
      corner = found->second;
      if (is_new) {
        split.origin.push_back(vert);
        split.uv.push_back(uv);
        split.normal.push_back(normal);
      }
    }
    split.corners.push_back(corner);
  }
  return split;
}

// The groups that have faces, with one more for faces without a group.
size_t num_primitives(const MeshData& mesh) {
  if (mesh.face_groups.empty()) return 1;
  return std::unordered_set<int32_t>(mesh.face_groups.begin(), mesh.face_groups.end()).size();
}

void check_repeats(const MeshData& mesh, const SplitMesh& split, const std::string& path) {
  const uint64_t num_targets = uint64_t{num_primitives(mesh)} * mesh.morphs.size();
  if (num_targets > kMaxTargets) {
    fail(path, ": has ", mesh.morphs.size(), " shapes and ", num_primitives(mesh),
         " groups, and a .glb holds every shape for every group, expected at most ", kMaxTargets, " in all.");
  }
  std::vector<uint32_t> targets_of(static_cast<size_t>(mesh.num_verts()));
  uint64_t num_offsets = 0;
  for (const MorphTarget& morph : mesh.morphs) {
    for (const int32_t vert : morph.verts) ++targets_of[static_cast<size_t>(vert)];
    num_offsets += morph.verts.size();
  }
  uint64_t num_split = 0;
  for (const int32_t vert : split.origin) num_split += targets_of[static_cast<size_t>(vert)];
  if (num_split > std::max(kMaxRepeats * num_offsets, kMinOffsets)) {
    fail(path, ": has ", num_offsets, " offsets of shapes, which its uv seams would repeat to ", num_split,
         ", expected at most ", kMaxRepeats, " times as many.");
  }
}

void check_finite_values(std::span<const float> values, const char* what, const std::string& path) {
  if (!std::all_of(values.begin(), values.end(), [](float value) { return std::isfinite(value); })) {
    fail(path, ": the mesh's ", what, " hold a value that is not finite, which glTF does not allow.");
  }
}

void check_materials(const MeshData& mesh, const std::string& path) {
  for (const Material& material : mesh.materials) {
    for (const auto& color : {material.ambient, material.diffuse, material.specular}) {
      check_finite_values(color, "materials", path);
    }
    const float numbers[] = {material.shininess, material.opacity, material.metallic, material.roughness};
    check_finite_values(numbers, "materials", path);
  }
  for (const Texture& texture : mesh.textures) {
    check_finite_values(texture.scale, "textures", path);
    check_finite_values(texture.offset, "textures", path);
  }
}

void check_morphs(const MeshData& mesh, const std::string& path) {
  for (const MorphTarget& morph : mesh.morphs) {
    int64_t last = -1;
    for (const int32_t vert : morph.verts) {
      if (vert <= last || vert >= mesh.num_verts()) {
        fail(path, ": a morph target moves vertex ", vert, ", expected increasing indices below ", mesh.num_verts(),
             ".");
      }
      last = vert;
    }
    if (morph.offsets.size() != morph.verts.size() * 3) {
      fail(path, ": a morph target has ", morph.offsets.size(), " values for ", morph.verts.size(),
           " verts, expected 3 for each.");
    }
    check_finite_values(morph.offsets, "morph targets", path);
  }
}

void check_writable(const MeshData& mesh, const std::string& path) {
  check_mesh_arrays(mesh);
  if (mesh.faces.empty()) fail(path, ": the mesh has no faces, which a .glb file needs.");
  check_finite_values(mesh.verts, "verts", path);
  check_finite_values(mesh.uvs, "uvs", path);
  check_finite_values(mesh.normals, "normals", path);
  check_finite_values(mesh.colors.values, "colors", path);
  check_finite_values(mesh.head_weights, "head weights", path);
  check_finite_values(mesh.head_joint, "head joint", path);
  check_materials(mesh, path);
  check_morphs(mesh, path);
}

class GlbWriter {
 public:
  GlbWriter(const MeshData& mesh, const std::vector<GltfCorrective>& correctives, const std::string& path)
      : mesh_(mesh), correctives_(correctives), path_(path), split_(split_at_seams(mesh)) {
    check_repeats(mesh, split_, path);
  }

  json build() {
    json root{{"asset", {{"version", "2.0"}, {"generator", "bisque"}}},
              {"scene", 0},
              {"scenes", {{{"nodes", {0}}}}},
              {"nodes", {{{"mesh", 0}}}}};
    json targets = json::array();
    const json attributes = this->attributes();
    for (const MorphTarget& morph : mesh_.morphs) targets.push_back({{"POSITION", add_morph(morph)}});
    json mesh{{"primitives", primitives(attributes, targets)}};
    if (!targets.empty()) {
      std::vector<std::string> names;
      for (const MorphTarget& morph : mesh_.morphs) names.push_back(morph.name);
      mesh["extras"] = {{"targetNames", names}};
      mesh["weights"] = std::vector<int>(names.size());
    }
    if (keeps_topology()) {
      root["extensionsUsed"] = {GltfTopology::kName};
      mesh["extensions"] = {{GltfTopology::kName, topology()}};
    }
    root["meshes"].push_back(std::move(mesh));
    if (!mesh_.head_weights.empty()) add_skin(root);
    add_gltf_materials(mesh_, path_, buffer_, root);
    root["accessors"] = buffer_.accessors();
    root["bufferViews"] = buffer_.views();
    root["buffers"] = {{{"byteLength", buffer_.bytes().size()}}};
    return root;
  }

  const std::vector<std::byte>& bytes() const { return buffer_.bytes(); }

 private:
  bool has_uvs() const { return !mesh_.uvs.empty() && !mesh_.uv_faces.empty(); }

  json attributes() {
    json attributes{{"POSITION", buffer_.add_floats(gathered(mesh_.verts, split_.origin, 3), 3)}};
    if (has_uvs()) attributes["TEXCOORD_0"] = add_uvs();
    if (!mesh_.normals.empty()) {
      attributes["NORMAL"] = buffer_.add_floats(gathered(mesh_.normals, split_.normal, 3), 3);
    }
    if (!mesh_.colors.empty()) {
      const auto channels = static_cast<size_t>(mesh_.colors.channels);
      attributes["COLOR_0"] = buffer_.add_floats(gathered(mesh_.colors.values, split_.origin, channels), channels);
    }
    if (!mesh_.head_weights.empty()) add_weights(attributes);
    return attributes;
  }

  // Rows of `values`, zeros where the index is -1.
  static std::vector<float> gathered(const std::vector<float>& values, const std::vector<int32_t>& indices,
                                     size_t width) {
    std::vector<float> rows(indices.size() * width);
    for (size_t i = 0; i < indices.size(); ++i) {
      if (indices[i] >= 0) std::copy_n(&values[static_cast<size_t>(indices[i]) * width], width, &rows[i * width]);
    }
    return rows;
  }

  int add_uvs() {
    std::vector<float> uvs = gathered(mesh_.uvs, split_.uv, 2);
    for (size_t i = 0; i < split_.uv.size(); ++i) {
      if (split_.uv[i] >= 0) uvs[i * 2 + 1] = 1 - uvs[i * 2 + 1];
    }
    return buffer_.add_floats(uvs, 2);
  }

  // The joints 0 (the head) and 1 (the body) of a skin.
  void add_weights(json& attributes) {
    std::vector<float> weights;
    for (const int32_t vert : split_.origin) {
      const float head = mesh_.head_weights[static_cast<size_t>(vert)];
      weights.insert(weights.end(), {head, 1 - head, 0, 0});
    }
    const std::vector<uint32_t> joints(split_.origin.size(), 0x0100);
    attributes["JOINTS_0"] = buffer_.add_joints(joints);
    attributes["WEIGHTS_0"] = buffer_.add_floats(weights, 4);
  }

  // Nodes 1 and 2 are the joints body and head, in the rest pose of the vertices.
  void add_skin(json& root) {
    const auto& [x, y, z] = mesh_.head_joint;
    const std::vector<float> inverse{1, 0, 0, 0, 0, 1, 0, 0, 0, 0, 1, 0, -x, -y, -z, 1,  //
                                     1, 0, 0, 0, 0, 1, 0, 0, 0, 0, 1, 0, 0,  0,  0,  1};
    root["skins"] = {{{"joints", {2, 1}}, {"inverseBindMatrices", buffer_.add_floats(inverse, 16)}}};
    root["nodes"][0]["skin"] = 0;
    root["nodes"].push_back({{"name", "body"}, {"children", {2}}});
    root["nodes"].push_back({{"name", "head"}, {"translation", {x, y, z}}});
    root["scenes"][0]["nodes"].push_back(1);
  }

  int add_morph(const MorphTarget& morph) {
    const size_t count = split_.origin.size();
    if (morph.verts.empty()) return buffer_.add_sparse(morph, count);
    std::vector<float> dense(count * 3);
    for (size_t i = 0; i < morph.verts.size(); ++i) {
      std::copy_n(&morph.offsets[i * 3], 3, &dense[static_cast<size_t>(morph.verts[i]) * 3]);
    }
    MorphTarget split{morph.name, morph.verts, morph.offsets};
    for (size_t v = static_cast<size_t>(mesh_.num_verts()); v < count; ++v) {
      float* offset = &dense[v * 3];
      std::copy_n(&dense[static_cast<size_t>(split_.origin[v]) * 3], 3, offset);
      if (offset[0] == 0 && offset[1] == 0 && offset[2] == 0) continue;
      split.verts.push_back(static_cast<int32_t>(v));
      split.offsets.insert(split.offsets.end(), offset, offset + 3);
    }
    const bool is_sparse = split.verts.size() * 4 < count * 3;  // 4 values per entry against 3 per vertex
    return is_sparse ? buffer_.add_sparse(split, count) : buffer_.add_floats(dense, 3);
  }

  // One for each group that has faces, and one for faces without a group.
  json primitives(const json& attributes, const json& targets) {
    const size_t num_groups = mesh_.group_names.size();
    std::vector<std::vector<uint32_t>> corners(num_groups + 1);
    for (size_t f = 0; f < static_cast<size_t>(mesh_.num_faces()); ++f) {
      const int32_t group = mesh_.face_groups.empty() ? -1 : mesh_.face_groups[f];
      auto& list = corners[group < 0 ? num_groups : static_cast<size_t>(group)];
      list.insert(list.end(), &split_.corners[f * 3], &split_.corners[f * 3] + 3);
    }
    json primitives = json::array();
    for (size_t group = 0; group < corners.size(); ++group) {
      if (corners[group].empty()) continue;
      json primitive{{"attributes", attributes}, {"indices", buffer_.add_integers(corners[group])}};
      if (group < num_groups) primitive["material"] = group;
      if (!targets.empty()) primitive["targets"] = targets;
      primitives.push_back(std::move(primitive));
    }
    return primitives;
  }

  // The reader finds materials by their names.
  bool keeps_topology() const {
    const std::unordered_set<std::string_view> names(mesh_.group_names.begin(), mesh_.group_names.end());
    return mesh_.normal_faces.empty() && (mesh_.materials.empty() || names.size() == mesh_.group_names.size());
  }

  int add_indices(const std::vector<int32_t>& indices) {
    return buffer_.add_integers({reinterpret_cast<const uint32_t*>(indices.data()), indices.size()});
  }

  json topology() {
    json topology{{"verts", mesh_.num_verts()}, {"faces", add_indices(mesh_.faces)}};
    if (has_uvs()) {
      topology["uvs"] = buffer_.add_floats(mesh_.uvs, 2);
      topology["uvFaces"] = add_indices(mesh_.uv_faces);
    }
    if (!mesh_.face_groups.empty()) {
      topology["faceGroups"] = add_indices(mesh_.face_groups);
      topology["groupNames"] = mesh_.group_names;
    }
    for (const GltfCorrective& corrective : correctives_) {
      topology["correctives"].push_back({{"shape", corrective.shape}, {"factors", corrective.factors}});
    }
    return topology;
  }

  const MeshData& mesh_;
  const std::vector<GltfCorrective>& correctives_;
  const std::string& path_;
  const SplitMesh split_;
  GltfBuffer buffer_;
};

}  // namespace

void write_glb(const std::string& path, const MeshData& mesh, const std::vector<GltfCorrective>& correctives) {
  check_writable(mesh, path);
  GlbWriter writer(mesh, correctives, path);
  std::string text;
  const json root = writer.build();
  try {
    text = root.dump();
  } catch (const json::exception&) {
    fail(path, ": a name of the mesh is not UTF-8.");
  }
  text.append((4 - text.size() % 4) % 4, ' ');
  const std::vector<std::byte>& bin = writer.bytes();
  const uint64_t length = 12 + 8 + text.size() + 8 + bin.size();
  if (length > UINT32_MAX) fail(path, ": would take ", length, " bytes, but a .glb file holds at most 4 GiB.");
  const auto u32 = [](size_t value) { return static_cast<uint32_t>(value); };
  const uint32_t header[] = {kGlbMagic, 2, u32(length), u32(text.size()), kGlbJsonChunk};
  const uint32_t bin_header[] = {u32(bin.size()), kGlbBinChunk};
  AtomicFile file(path);
  file.write(std::as_bytes(std::span(header)));
  file.write(text);
  file.write(std::as_bytes(std::span(bin_header)));
  file.write(bin);
  file.commit();
}

}  // namespace bisque
