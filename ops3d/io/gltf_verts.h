// Internal. Collects the verts and attributes of a glTF file's primitives into one mesh.
#pragma once
#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <unordered_map>
#include <utility>
#include <vector>

#include <bisque/ops3d/io/gltf_names.h>
#include <bisque/ops3d/io/gltf_skin.h>
#include <bisque/ops3d/io/mesh_data.h>

namespace bisque {

/// The verts that one instance of a primitive added to the mesh.
struct GltfBlock {
  int32_t first_vert = 0;
  int32_t num_verts = 0;
  int32_t first_uv = -1;       // -1 where it has none
  std::vector<bool> mirrored;  // one for all verts, or one per vertex

  bool is_mirrored(size_t vert) const { return mirrored.size() == 1 ? mirrored[0] : mirrored[vert]; }
};

class GltfVerts {
 public:
  /// The arguments must outlive it; it appends verts, uvs, normals, colours, morph targets and head weights to `mesh`.
  GltfVerts(const tinygltf::Model& model, const GltfDocument& document, const GltfScene& scene,
            const GltfTargetNames& names, const std::string& where, GltfAccessors& accessors, MeshData& mesh);

  /// Appends the posed verts of a primitive; only the first `limit` of them, and no uvs, if it is set. Error: an
  /// accessor that is missing, out of range or has another length than the others.
  GltfBlock add(const GltfInstance& instance, const tinygltf::Primitive& primitive, std::optional<int64_t> limit);

  /// Adds the shapes that mix several targets, and drops attributes that no primitive had. Call it last.
  void finish();

 private:
  // Offsets of the targets in a mixture, by vertex in input order.
  using Mixture = std::vector<std::pair<int32_t, std::array<float, 3>>>;

  void add_uvs(int accessor, int64_t num_verts, GltfBlock& block);
  void add_normals(int accessor, int64_t num_verts, const GltfBlock& block, const GltfPose& pose);
  void add_colors(int accessor, int64_t num_verts, const GltfBlock& block);
  void finish_colors();
  void add_head_weights(const GltfBlock& block, const GltfPose& pose);
  void add_morph(const NamedTarget& target, int accessor, int64_t num_verts, const GltfBlock& block,
                 const GltfPose& pose);
  void add_shares(const NamedTarget& target, const SparseVectors& offsets, const GltfBlock& block);
  void add_mixtures();
  MorphTarget& morph_named(const std::string& name);
  void check_count(int accessor, int64_t expected) const;
  void check_finite(const std::vector<float>& values, int accessor) const;

  const GltfScene& scene_;
  const GltfTargetNames& names_;
  const std::string& where_;
  GltfAccessors& accessors_;
  MeshData& mesh_;
  bool has_alpha_ = false;  // in colours
  int head_joint_;
  GltfSkins skins_;
  std::unordered_map<std::string, size_t> morph_index_;
  std::vector<Mixture> mixtures_;
};

}  // namespace bisque
