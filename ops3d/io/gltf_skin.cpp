#include <bisque/ops3d/io/gltf_skin.h>

#include <algorithm>
#include <cmath>

#include <bisque/core/error.h>
#include <bisque/ops3d/io/tinygltf.h>

namespace bisque {
namespace {

constexpr size_t kJointsPerSet = 4;
constexpr double kRoundedSum = 1e-6;  // tolerance of the sum of float weights

// A node and its descendants; a file may nest them deeply or in cycles.
std::vector<bool> nodes_under(const tinygltf::Model& model, int top) {
  std::vector<bool> under(model.nodes.size());
  std::vector<int> open;
  if (top >= 0) open.push_back(top);
  while (!open.empty()) {
    const int node = open.back();
    open.pop_back();
    if (node < 0 || static_cast<size_t>(node) >= under.size() || under[static_cast<size_t>(node)]) continue;
    under[static_cast<size_t>(node)] = true;
    const std::vector<int>& children = model.nodes[static_cast<size_t>(node)].children;
    open.insert(open.end(), children.begin(), children.end());
  }
  return under;
}

// The accessors JOINTS_0, WEIGHTS_0, JOINTS_1, ..., a pair for each complete set.
std::vector<std::vector<int>> joint_sets(const tinygltf::Primitive& primitive) {
  std::vector<std::vector<int>> sets;
  for (;;) {
    const std::string set = std::to_string(sets.size());
    const auto joints = primitive.attributes.find("JOINTS_" + set);
    const auto weights = primitive.attributes.find("WEIGHTS_" + set);
    if (joints == primitive.attributes.end() || weights == primitive.attributes.end()) return sets;
    sets.push_back({joints->second, weights->second});
  }
}

}  // namespace

GltfSkins::GltfSkins(const tinygltf::Model& model, const GltfDocument& document, const GltfScene& scene, int head_joint,
                     const std::string& where, GltfAccessors& accessors)
    : model_(model),
      document_(document),
      scene_(scene),
      where_(where),
      accessors_(accessors),
      under_head_(nodes_under(model, head_joint)) {}

GltfPose GltfSkins::pose(const GltfInstance& instance, const tinygltf::Primitive& primitive, int64_t count) {
  const std::vector<std::vector<int>> sets = joint_sets(primitive);
  if (instance.skin < 0 || sets.empty()) {
    const bool is_head = instance.node >= 0 && under_head_[static_cast<size_t>(instance.node)];
    return {{instance.transform}, {is_head ? 1.0F : 0.0F}};
  }
  return pose_of_joints(joints_of(instance), instance.skin, sets, count);
}

const GltfSkins::Joints& GltfSkins::joints_of(const GltfInstance& instance) {
  if (static_cast<size_t>(instance.skin) >= document_.skins.size()) {
    fail(where_, ": nodes[", instance.node, "] refers to skin ", instance.skin, ", but the file has ",
         document_.skins.size(), " skins.");
  }
  const auto found = joints_.find(instance.skin);
  return found == joints_.end() ? joints_.emplace(instance.skin, read_joints(instance.skin)).first->second
                                : found->second;
}

GltfSkins::Joints GltfSkins::read_joints(int skin) {
  const std::vector<int>& nodes = document_.skins[static_cast<size_t>(skin)].joints;
  if (nodes.empty()) fail(where_, ": skins[", skin, "] has no joints.");
  accessors_.charge(nodes.size() * sizeof(Matrix4));
  const std::vector<Matrix4> inverse_bind = inverse_bind_matrices(skin);
  Joints joints;
  for (size_t i = 0; i < nodes.size(); ++i) {
    const auto node = static_cast<size_t>(nodes[i]);
    if (node >= scene_.is_placed.size() || !scene_.is_placed[node]) {
      fail(where_, ": skins[", skin, "] refers to node ", nodes[i], ", which is in no tree of the file's ",
           scene_.is_placed.size(), " nodes.");
    }
    joints.transforms.push_back(multiply(scene_.transforms[node], inverse_bind[i]));
    if (!is_finite(joints.transforms.back())) fail(where_, ": skins[", skin, "] has a transform that is not finite.");
    joints.is_head.push_back(under_head_[node]);
  }
  const auto equals_first = [&](const auto& list) {
    return std::all_of(list.begin(), list.end(), [&](const auto& item) { return item == list.front(); });
  };
  joints.all_equal = equals_first(joints.transforms) &&
                     std::equal(joints.is_head.begin() + 1, joints.is_head.end(), joints.is_head.begin());
  return joints;
}

std::vector<Matrix4> GltfSkins::inverse_bind_matrices(int skin) {
  const GltfSkin& source = document_.skins[static_cast<size_t>(skin)];
  std::vector<Matrix4> matrices(source.joints.size(), kIdentity);
  if (source.inverse_bind_matrices < 0) return matrices;
  const std::vector<float> values = accessors_.floats(source.inverse_bind_matrices, 16);
  if (values.size() < matrices.size() * 16) {
    fail(where_, ": skins[", skin, "] has ", matrices.size(), " joints, but ", values.size() / 16,
         " inverse bind matrices.");
  }
  for (size_t i = 0; i < matrices.size(); ++i) {
    std::copy_n(values.begin() + static_cast<ptrdiff_t>(i * 16), 16, matrices[i].begin());
    for (size_t column = 0; column < 4; ++column) matrices[i][column * 4 + 3] = column == 3 ? 1 : 0;
  }
  return matrices;
}

GltfPose GltfSkins::pose_of_joints(const Joints& joints, int skin, const std::vector<std::vector<int>>& accessors,
                                   int64_t count) {
  if (joints.all_equal) return {{joints.transforms[0]}, {joints.is_head[0] ? 1.0F : 0.0F}};
  const auto num_verts = static_cast<size_t>(count);
  accessors_.charge(num_verts * (sizeof(Matrix4) + sizeof(double) + sizeof(float)));
  GltfPose pose{std::vector<Matrix4>(num_verts, Matrix4{}), std::vector<float>(num_verts)};
  std::vector<double> sums(num_verts);
  std::vector<double> head(num_verts);
  const auto add = [&](size_t vert, size_t joint, double weight) {
    for (size_t k = 0; k < 16; ++k) pose.transforms[vert][k] += weight * joints.transforms[joint][k];
    if (joints.is_head[joint]) head[vert] += weight;
    sums[vert] += weight;
  };
  for (const std::vector<int>& set : accessors) {
    const std::vector<float> indices = accessors_.floats(set[0], kJointsPerSet);
    const std::vector<float> weights = accessors_.floats(set[1], kJointsPerSet);
    for (size_t i = 0; i < 2; ++i) {
      if (const size_t found = (i == 0 ? indices : weights).size() / kJointsPerSet; found != num_verts) {
        fail(where_, ": accessor ", set[i], " has ", found, " elements, expected ", num_verts, ", one per vertex.");
      }
    }
    for (size_t i = 0; i < indices.size(); ++i) {
      if (!(weights[i] > 0)) continue;
      const float index = indices[i];
      if (!(index >= 0 && index < static_cast<float>(joints.transforms.size()) && index == std::floor(index))) {
        fail(where_, ": accessor ", set[0], " names joint ", index, " at element ", i / kJointsPerSet, ", but skins[",
             skin, "] has ", joints.transforms.size(), " joints.");
      }
      add(i / kJointsPerSet, static_cast<size_t>(index), static_cast<double>(weights[i]));
    }
  }
  for (size_t vert = 0; vert < num_verts; ++vert) {
    if (sums[vert] == 0) add(vert, 0, 1);  // a vertex without weights follows the first joint
    for (double& value : pose.transforms[vert]) value /= sums[vert];
    const bool is_whole = std::abs(sums[vert] - 1) < kRoundedSum;
    pose.head_weights[vert] = static_cast<float>(is_whole ? head[vert] : head[vert] / sums[vert]);
  }
  return pose;
}

}  // namespace bisque
