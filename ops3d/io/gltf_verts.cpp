#include <bisque/ops3d/io/gltf_verts.h>

#include <algorithm>
#include <cmath>

#include <bisque/core/error.h>
#include <bisque/ops3d/io/gltf_head.h>
#include <bisque/ops3d/io/tinygltf.h>

namespace bisque {
namespace {

int accessor_of(const std::map<std::string, int>& attributes, const char* name) {
  const auto found = attributes.find(name);
  return found == attributes.end() ? -1 : found->second;
}

}  // namespace

GltfVerts::GltfVerts(const tinygltf::Model& model, const GltfDocument& document, const GltfScene& scene,
                     const GltfTargetNames& names, const std::string& where, GltfAccessors& accessors, MeshData& mesh)
    : scene_(scene),
      names_(names),
      where_(where),
      accessors_(accessors),
      mesh_(mesh),
      head_joint_(find_head_joint(model, document, scene)),
      skins_(model, document, scene, head_joint_, where, accessors),
      mixtures_(names.mixtures.size()) {}

GltfBlock GltfVerts::add(const GltfInstance& instance, const tinygltf::Primitive& primitive,
                         std::optional<int64_t> limit) {
  const int position = accessor_of(primitive.attributes, "POSITION");
  if (position < 0) fail(where_, ": a primitive of meshes[", instance.mesh, "] has no POSITION.");
  const int64_t count = accessors_.count(position);
  const int64_t num_verts = limit.value_or(count);
  if (num_verts < 0 || num_verts > count) {
    fail(where_, ": meshes[", instance.mesh, "] has ", count, " verts, but ", GltfTopology::kName, " names ", num_verts,
         ".");
  }
  if (mesh_.num_verts() + num_verts > INT32_MAX) fail(where_, ": has more than 2^31 - 1 verts.");
  GltfBlock block{static_cast<int32_t>(mesh_.num_verts()), static_cast<int32_t>(num_verts), -1, {}};

  std::vector<float> verts = accessors_.floats(position, 3);
  const GltfPose pose = skins_.pose(instance, primitive, count);
  for (const Matrix4& transform : pose.transforms) block.mirrored.push_back(is_mirrored(transform));
  verts.resize(static_cast<size_t>(num_verts) * 3);
  for (size_t v = 0; v < static_cast<size_t>(num_verts); ++v) transform_position(pose.transform(v), &verts[v * 3]);
  check_finite(verts, position);
  mesh_.verts.insert(mesh_.verts.end(), verts.begin(), verts.end());
  if (!limit) add_uvs(accessor_of(primitive.attributes, "TEXCOORD_0"), count, block);
  add_normals(accessor_of(primitive.attributes, "NORMAL"), count, block, pose);
  add_colors(accessor_of(primitive.attributes, "COLOR_0"), count, block);
  add_head_weights(block, pose);
  const std::vector<NamedTarget>& targets = names_.targets[static_cast<size_t>(instance.mesh)];
  for (size_t i = 0; i < primitive.targets.size(); ++i) {
    add_morph(targets[i], accessor_of(primitive.targets[i], "POSITION"), count, block, pose);
  }
  return block;
}

void GltfVerts::check_finite(const std::vector<float>& values, int accessor) const {
  if (!std::all_of(values.begin(), values.end(), [](float value) { return std::isfinite(value); })) {
    fail(where_, ": accessor ", accessor, " leaves the range of float under its node's transform.");
  }
}

void GltfVerts::check_count(int accessor, int64_t expected) const {
  if (const int64_t count = accessors_.count(accessor); count != expected) {
    fail(where_, ": accessor ", accessor, " has ", count, " elements, expected ", expected, ", one per vertex.");
  }
}

void GltfVerts::add_uvs(int accessor, int64_t num_verts, GltfBlock& block) {
  if (accessor < 0) return;
  check_count(accessor, num_verts);
  block.first_uv = static_cast<int32_t>(mesh_.uvs.size() / 2);
  const std::vector<float> values = accessors_.floats(accessor, 2);
  for (size_t i = 0; i < values.size(); i += 2) mesh_.uvs.insert(mesh_.uvs.end(), {values[i], 1 - values[i + 1]});
}

// Verts without a normal get zeros if others have one.
void GltfVerts::add_normals(int accessor, int64_t num_verts, const GltfBlock& block, const GltfPose& pose) {
  if (accessor < 0) return;
  check_count(accessor, num_verts);
  std::vector<float> normals = accessors_.normals(accessor);
  normals.resize(static_cast<size_t>(block.num_verts) * 3);
  for (size_t v = 0; v < normals.size() / 3; ++v) transform_normal(pose.transform(v), &normals[v * 3]);
  mesh_.normals.resize(static_cast<size_t>(block.first_vert) * 3);
  mesh_.normals.insert(mesh_.normals.end(), normals.begin(), normals.end());
}

// Of RGBA, until finish_colors(). Verts without a colour are white if others have one.
void GltfVerts::add_colors(int accessor, int64_t num_verts, const GltfBlock& block) {
  if (accessor < 0) return;
  check_count(accessor, num_verts);
  const int components = accessors_.components(accessor) == 4 ? 4 : 3;
  const std::vector<float> values = accessors_.floats(accessor, components);
  std::vector<float>& colors = mesh_.colors.values;
  colors.resize(static_cast<size_t>(block.first_vert) * 4, 1);
  for (size_t v = 0; v < static_cast<size_t>(block.num_verts); ++v) {
    const float* color = &values[v * static_cast<size_t>(components)];
    colors.insert(colors.end(), {color[0], color[1], color[2], components == 4 ? color[3] : 1});
  }
  has_alpha_ |= components == 4;
}

void GltfVerts::finish_colors() {
  std::vector<float>& colors = mesh_.colors.values;
  if (colors.empty()) return;
  colors.resize(static_cast<size_t>(mesh_.num_verts()) * 4, 1);
  mesh_.colors.channels = has_alpha_ ? 4 : 3;
  if (has_alpha_) return;
  for (size_t v = 0; v < colors.size() / 4; ++v) std::copy_n(&colors[v * 4], 3, &colors[v * 3]);
  colors.resize(colors.size() / 4 * 3);
}

void GltfVerts::add_head_weights(const GltfBlock& block, const GltfPose& pose) {
  if (head_joint_ < 0) return;
  for (size_t v = 0; v < static_cast<size_t>(block.num_verts); ++v) mesh_.head_weights.push_back(pose.head_weight(v));
}

void GltfVerts::add_morph(const NamedTarget& target, int accessor, int64_t num_verts, const GltfBlock& block,
                          const GltfPose& pose) {
  MorphTarget& morph = morph_named(target.name);
  if (accessor < 0) return;  // it only moves normals
  check_count(accessor, num_verts);
  SparseVectors offsets = accessors_.sparse_vectors(accessor);
  const auto end = std::lower_bound(offsets.indices.begin(), offsets.indices.end(), block.num_verts);
  offsets.indices.erase(end, offsets.indices.end());
  offsets.values.resize(offsets.indices.size() * 3);
  for (size_t i = 0; i < offsets.indices.size(); ++i) {
    transform_offset(pose.transform(static_cast<size_t>(offsets.indices[i])), &offsets.values[i * 3]);
  }
  check_finite(offsets.values, accessor);
  for (const int32_t index : offsets.indices) morph.verts.push_back(block.first_vert + index);
  morph.offsets.insert(morph.offsets.end(), offsets.values.begin(), offsets.values.end());
  add_shares(target, offsets, block);
}

void GltfVerts::add_shares(const NamedTarget& target, const SparseVectors& offsets, const GltfBlock& block) {
  for (const TargetShare& share : target.shares) {
    accessors_.charge(offsets.indices.size() * sizeof(Mixture::value_type) * 2);
    const auto weight = static_cast<float>(share.weight);
    for (size_t i = 0; i < offsets.indices.size(); ++i) {
      const float* offset = &offsets.values[i * 3];
      mixtures_[share.mixture].push_back(
          {block.first_vert + offsets.indices[i], {offset[0] * weight, offset[1] * weight, offset[2] * weight}});
    }
  }
}

MorphTarget& GltfVerts::morph_named(const std::string& name) {
  std::vector<MorphTarget>& morphs = mesh_.morphs;
  const auto [found, is_new] = morph_index_.emplace(name, morphs.size());
  if (is_new) morphs.push_back({name, {}, {}});
  return morphs[found->second];
}

void GltfVerts::add_mixtures() {
  for (size_t i = 0; i < mixtures_.size(); ++i) {
    Mixture& terms = mixtures_[i];
    if (terms.empty()) continue;
    std::stable_sort(terms.begin(), terms.end(), [](const auto& a, const auto& b) { return a.first < b.first; });
    MorphTarget& morph = morph_named(names_.mixtures[i]);
    for (const auto& [vert, offset] : terms) {
      if (morph.verts.empty() || morph.verts.back() != vert) {
        morph.verts.push_back(vert);
        morph.offsets.insert(morph.offsets.end(), {0, 0, 0});
      }
      for (size_t axis = 0; axis < 3; ++axis) morph.offsets[morph.offsets.size() - 3 + axis] += offset[axis];
    }
    terms = {};
  }
}

void GltfVerts::finish() {
  add_mixtures();
  if (!mesh_.normals.empty()) mesh_.normals.resize(mesh_.verts.size());
  finish_colors();
  const auto is_positive = [](float weight) { return weight > 0; };
  if (!std::any_of(mesh_.head_weights.begin(), mesh_.head_weights.end(), is_positive)) {
    mesh_.head_weights.clear();
    return;
  }
  const Matrix4& head = scene_.transforms[static_cast<size_t>(head_joint_)];
  for (size_t axis = 0; axis < 3; ++axis) mesh_.head_joint[axis] = static_cast<float>(head[12 + axis]);
  const auto is_finite = [](float value) { return std::isfinite(value); };
  if (!std::all_of(mesh_.head_joint.begin(), mesh_.head_joint.end(), is_finite)) {
    fail(where_, ": nodes[", head_joint_, "], the head's joint, leaves the range of float.");
  }
}

}  // namespace bisque
