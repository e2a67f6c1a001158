#include <bisque/renderer/models/glb_writer.h>

#include <algorithm>
#include <cstring>
#include <span>
#include <unordered_map>
#include <unordered_set>

#include <nlohmann/json.hpp>

#include <bisque/core/error.h>
#include <bisque/core/serialization/atomic_file.h>
#include <bisque/ops3d/io/gltf_document.h>
#include <bisque/renderer/models/model_check.h>
#include <bisque/renderer/models/normal_verts.h>

namespace bisque {
namespace {

using nlohmann::json;

// Constants of the glTF standard.
constexpr uint32_t kMagic = 0x46546C67;
constexpr int kUnsignedInt = 5125;
constexpr int kUnsignedByte = 5121;
constexpr int kFloat = 5126;

// A .glb repeats every shape for every group, and every offset for every uv of its vertex; this limits the growth of a
// small model.
constexpr uint64_t kMaxTargets = uint64_t{1} << 18;
constexpr uint64_t kMaxRepeats = 16;
constexpr uint64_t kMinOffsets = uint64_t{1} << 22;

// The buffer of the file, and the accessors that describe it.
class GlbBuffer {
 public:
  template <class T>
  int add_view(std::span<const T> values) {
    views_.push_back({{"buffer", 0}, {"byteOffset", bytes_.size()}, {"byteLength", values.size_bytes()}});
    const auto data = std::as_bytes(values);
    bytes_.insert(bytes_.end(), data.begin(), data.end());  // all values have 4 bytes, so that all views are aligned
    return static_cast<int>(views_.size()) - 1;
  }

  int add_integers(std::span<const uint32_t> values) {
    return add_accessor({{"bufferView", add_view(values)},
                         {"componentType", kUnsignedInt},
                         {"type", "SCALAR"},
                         {"count", values.size()}});
  }

  int add_floats(std::span<const float> values, size_t components) {
    json accessor{{"bufferView", add_view(values)},
                  {"componentType", kFloat},
                  {"type", components == 16 ? "MAT4" : "VEC" + std::to_string(components)},
                  {"count", values.size() / components}};
    if (components == 3) add_bounds(accessor, values, false);
    return add_accessor(accessor);
  }

  int add_joints(std::span<const uint32_t> values) {
    return add_accessor({{"bufferView", add_view(values)},
                         {"componentType", kUnsignedByte},
                         {"type", "VEC4"},
                         {"count", values.size()}});
  }

  // `count` vectors that are zero except those at `verts`.
  int add_sparse(const MorphTarget& morph, size_t count) {
    json accessor{{"componentType", kFloat}, {"type", "VEC3"}, {"count", count}};
    if (!morph.verts.empty()) {
      accessor["sparse"] = {
          {"count", morph.verts.size()},
          {"indices", {{"bufferView", add_view(std::span(morph.verts))}, {"componentType", kUnsignedInt}}},
          {"values", {{"bufferView", add_view(std::span(morph.offsets))}}}};
    }
    add_bounds(accessor, morph.offsets, morph.verts.size() < count);
    return add_accessor(accessor);
  }

  const std::vector<std::byte>& bytes() const { return bytes_; }
  const json& accessors() const { return accessors_; }
  const json& views() const { return views_; }

 private:
  int add_accessor(json accessor) {
    accessors_.push_back(std::move(accessor));
    return static_cast<int>(accessors_.size()) - 1;
  }

  // The standard requires the bounds of all positions.
  static void add_bounds(json& accessor, std::span<const float> values, bool with_zero) {
    std::vector<float> low(values.begin(),
                           values.begin() + std::min<ptrdiff_t>(3, static_cast<ptrdiff_t>(values.size())));
    if (with_zero || low.empty()) low = {0, 0, 0};
    std::vector<float> high = low;
    for (size_t i = 0; i < values.size(); ++i) {
      low[i % 3] = std::min(low[i % 3], values[i]);
      high[i % 3] = std::max(high[i % 3], values[i]);
    }
    accessor["min"] = low;
    accessor["max"] = high;
  }

  std::vector<std::byte> bytes_;
  json accessors_ = json::array();
  json views_ = json::array();
};

// A mesh with one index per corner: verts with several uvs are appended once more for each additional one.
struct SplitMesh {
  std::vector<uint32_t> corners;  // [F * 3] into the split verts
  std::vector<int32_t> origin;    // vertex of the model for each split one; those below V map to themselves
  std::vector<float> uvs;         // [split verts, 2] from the upper left; empty if the model has none
};

SplitMesh split_at_seams(const BlendshapeData& model) {
  SplitMesh split;
  const auto num_verts = static_cast<size_t>(model.num_verts());
  for (size_t v = 0; v < num_verts; ++v) split.origin.push_back(static_cast<int32_t>(v));
  std::vector<int32_t> uv_of(num_verts, -1);
  std::unordered_map<uint64_t, uint32_t> appended;  // by vertex and uv
  for (size_t i = 0; i < model.faces.size(); ++i) {
    const int32_t vert = model.faces[i];
    const int32_t uv = model.uv_faces.empty() ? -1 : model.uv_faces[i];
    int32_t& first_uv = uv_of[static_cast<size_t>(vert)];
    if (first_uv < 0) first_uv = uv;
    auto corner = static_cast<uint32_t>(vert);
    if (uv >= 0 && uv != first_uv) {
      const uint64_t key = static_cast<uint64_t>(vert) << 32 | static_cast<uint32_t>(uv);
      const auto [found, is_new] = appended.emplace(key, static_cast<uint32_t>(split.origin.size()));
      corner = found->second;
      if (is_new) {
        split.origin.push_back(vert);
        uv_of.push_back(uv);
      }
    }
    split.corners.push_back(corner);
  }
  for (size_t v = 0; v < uv_of.size() && !model.uvs.empty(); ++v) {
    const auto uv = static_cast<size_t>(uv_of[v]);
    if (uv_of[v] < 0)
      split.uvs.insert(split.uvs.end(), {0, 0});
    else
      split.uvs.insert(split.uvs.end(), {model.uvs[uv * 2], 1 - model.uvs[uv * 2 + 1]});
  }
  return split;
}

// The groups that have faces, with one more for faces without a group.
size_t num_primitives(const BlendshapeData& model) {
  if (model.face_groups.empty()) return 1;
  return std::unordered_set<int32_t>(model.face_groups.begin(), model.face_groups.end()).size();
}

void check_repeats(const BlendshapeData& model, const SplitMesh& split, const std::string& path) {
  const uint64_t num_targets = uint64_t{num_primitives(model)} * model.shape_names.size();
  if (num_targets > kMaxTargets) {
    fail(path, ": has ", model.shape_names.size(), " shapes and ", num_primitives(model),
         " groups, and a .glb holds every shape for every group, expected at most ", kMaxTargets,
         " in all; .safetensors holds such a model.");
  }
  uint64_t num_offsets = 0;
  for (const int32_t vert : split.origin) {
    const int64_t* first = model.vert_offsets.data() + vert;
    num_offsets += static_cast<uint64_t>(first[1] - first[0]);
  }
  if (num_offsets > std::max(kMaxRepeats * model.delta_shape.size(), kMinOffsets)) {
    fail(path, ": has ", model.delta_shape.size(), " offsets of shapes, which its uv seams would repeat to ",
         num_offsets, ", expected at most ", kMaxRepeats, " times as many; .safetensors holds such a model.");
  }
}

class GlbWriter {
 public:
  GlbWriter(const BlendshapeData& model, const std::string& path) : model_(model), split_(split_at_seams(model)) {
    check_repeats(model, split_, path);
  }

  json build() {
    json attributes{{"POSITION", buffer_.add_floats(split_values(model_.neutral), 3)}};
    if (!split_.uvs.empty()) attributes["TEXCOORD_0"] = buffer_.add_floats(split_.uvs, 2);
    if (has_creases()) attributes["NORMAL"] = buffer_.add_floats(split_values(neutral_normals(model_)), 3);
    const bool has_skin = !model_.head_weights.empty();
    if (has_skin) add_weights(attributes);
    json targets = json::array();
    for (const MorphTarget& morph : morph_targets(model_)) targets.push_back({{"POSITION", add_morph(morph)}});
    json mesh{{"extensions", {{GltfTopology::kName, topology()}}}, {"primitives", primitives(attributes, targets)}};
    if (!targets.empty()) {
      mesh["extras"] = {{"targetNames", model_.shape_names}};
      mesh["weights"] = std::vector<int>(model_.shape_names.size());
    }
    json root{{"asset", {{"version", "2.0"}, {"generator", "bisque"}}},
              {"extensionsUsed", {GltfTopology::kName}},
              {"scene", 0},
              {"scenes", {{{"nodes", {0}}}}},
              {"nodes", {{{"mesh", 0}}}},
              {"meshes", {mesh}}};
    if (has_skin) add_skin(root);
    root["accessors"] = buffer_.accessors();
    root["bufferViews"] = buffer_.views();
    root["buffers"] = {{{"byteLength", buffer_.bytes().size()}}};
    for (const std::string& name : model_.group_names) {
      root["materials"].push_back({{"name", name}, {"pbrMetallicRoughness", {{"metallicFactor", 0}}}});
    }
    return root;
  }

  const std::vector<std::byte>& bytes() const { return buffer_.bytes(); }

 private:
  // Three values per split vertex.
  std::vector<float> split_values(const Array<float>& values) const {
    std::vector<float> split;
    for (const int32_t vert : split_.origin) {
      const float* from = values.data() + static_cast<size_t>(vert) * 3;
      split.insert(split.end(), from, from + 3);
    }
    return split;
  }

  // Without normals, a reader treats vertices along a seam as smooth.
  bool has_creases() const {
    const std::vector<int32_t> smooth = find_normal_verts(model_);
    return !std::equal(smooth.begin(), smooth.end(), model_.normal_verts.begin(), model_.normal_verts.end());
  }

  // The joints 0 (the head) and 1 (the body) of a skin.
  void add_weights(json& attributes) {
    std::vector<float> weights;
    for (const int32_t vert : split_.origin) {
      const float head = model_.head_weights[static_cast<size_t>(vert)];
      weights.insert(weights.end(), {head, 1 - head, 0, 0});
    }
    const std::vector<uint32_t> joints(split_.origin.size(), 0x0100);
    attributes["JOINTS_0"] = buffer_.add_joints(joints);
    attributes["WEIGHTS_0"] = buffer_.add_floats(weights, 4);
  }

  // Nodes 1 and 2 are the joints body and head, in the rest pose of the vertices.
  void add_skin(json& root) {
    const auto& [x, y, z] = model_.head_joint;
    const std::vector<float> inverse{1, 0, 0, 0, 0, 1, 0, 0, 0, 0, 1, 0, -x, -y, -z, 1,  //
                                     1, 0, 0, 0, 0, 1, 0, 0, 0, 0, 1, 0, 0,  0,  0,  1};
    root["skins"] = {{{"joints", {2, 1}}, {"inverseBindMatrices", buffer_.add_floats(inverse, 16)}}};
    root["nodes"][0]["skin"] = 0;
    root["nodes"].push_back({{"name", "body"}, {"children", {2}}});
    root["nodes"].push_back({{"name", "head"}, {"translation", {x, y, z}}});
    root["scenes"][0]["nodes"].push_back(1);
  }

  int add_morph(const MorphTarget& morph) {
    if (morph.verts.empty()) return buffer_.add_sparse(morph, split_.origin.size());
    std::vector<float> dense(split_.origin.size() * 3);
    for (size_t i = 0; i < morph.verts.size(); ++i) {
      std::copy_n(&morph.offsets[i * 3], 3, &dense[static_cast<size_t>(morph.verts[i]) * 3]);
    }
    MorphTarget split{morph.name, morph.verts, morph.offsets};
    for (size_t v = static_cast<size_t>(model_.num_verts()); v < split_.origin.size(); ++v) {
      float* offset = &dense[v * 3];
      std::copy_n(&dense[static_cast<size_t>(split_.origin[v]) * 3], 3, offset);
      if (offset[0] == 0 && offset[1] == 0 && offset[2] == 0) continue;
      split.verts.push_back(static_cast<int32_t>(v));
      split.offsets.insert(split.offsets.end(), offset, offset + 3);
    }
    const bool is_sparse =
        split.verts.size() * 4 < split_.origin.size() * 3;  // 4 values per entry against 3 per vertex
    return is_sparse ? buffer_.add_sparse(split, split_.origin.size()) : buffer_.add_floats(dense, 3);
  }

  // One for each group that has faces, and one for faces without a group.
  json primitives(const json& attributes, const json& targets) {
    std::vector<std::vector<uint32_t>> corners(model_.group_names.size() + 1);
    for (size_t f = 0; f < static_cast<size_t>(model_.num_faces()); ++f) {
      const int32_t group = model_.face_groups.empty() ? -1 : model_.face_groups[f];
      auto& list = corners[group < 0 ? model_.group_names.size() : static_cast<size_t>(group)];
      list.insert(list.end(), &split_.corners[f * 3], &split_.corners[f * 3] + 3);
    }
    json primitives = json::array();
    for (size_t group = 0; group < corners.size(); ++group) {
      if (corners[group].empty()) continue;
      json primitive{{"attributes", attributes}, {"indices", buffer_.add_integers(corners[group])}};
      if (group < model_.group_names.size()) primitive["material"] = group;
      if (!targets.empty()) primitive["targets"] = targets;
      primitives.push_back(std::move(primitive));
    }
    return primitives;
  }

  int add_indices(const Array<int32_t>& indices) {
    return buffer_.add_integers({reinterpret_cast<const uint32_t*>(indices.data()), indices.size()});
  }

  json topology() {
    json topology{{"verts", model_.num_verts()}, {"faces", add_indices(model_.faces)}};
    if (!model_.uvs.empty()) {
      topology["uvs"] = buffer_.add_floats({model_.uvs.data(), model_.uvs.size()}, 2);
      topology["uvFaces"] = add_indices(model_.uv_faces);
    }
    if (!model_.group_names.empty()) {
      topology["faceGroups"] = add_indices(model_.face_groups);
      topology["groupNames"] = model_.group_names;
    }
    const auto name_of = [this](int32_t shape) { return model_.shape_names[static_cast<size_t>(shape)]; };
    for (const Corrective& corrective : model_.correctives) {
      std::vector<std::string> factors;
      for (const int32_t factor : corrective.factors) factors.push_back(name_of(factor));
      topology["correctives"].push_back({{"shape", name_of(corrective.shape)}, {"factors", factors}});
    }
    return topology;
  }

  const BlendshapeData& model_;
  const SplitMesh split_;
  GlbBuffer buffer_;
};

}  // namespace

void write_glb(const std::string& path, const BlendshapeData& model) {
  check_model(model, path);
  GlbWriter writer(model, path);
  std::string text;
  try {
    text = writer.build().dump();
  } catch (const json::exception&) {
    fail(path, ": a name of the model is not UTF-8.");
  }
  text.append((4 - text.size() % 4) % 4, ' ');
  const std::vector<std::byte>& bin = writer.bytes();
  const uint64_t length = 12 + 8 + text.size() + 8 + bin.size();
  if (length > UINT32_MAX) fail(path, ": would take ", length, " bytes, but a .glb file holds at most 4 GiB.");
  const auto u32 = [](size_t value) { return static_cast<uint32_t>(value); };
  const uint32_t header[] = {kMagic, 2, u32(length), u32(text.size()), kGlbJsonChunk};
  const uint32_t bin_header[] = {u32(bin.size()), kGlbBinChunk};
  AtomicFile file(path);
  file.write(std::as_bytes(std::span(header)));
  file.write(text);
  file.write(std::as_bytes(std::span(bin_header)));
  file.write(bin);
  file.commit();
}

}  // namespace bisque
