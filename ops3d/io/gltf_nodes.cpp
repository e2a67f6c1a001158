#include <bisque/ops3d/io/gltf_nodes.h>

#include <algorithm>
#include <cmath>
#include <utility>

#include <bisque/core/error.h>
#include <bisque/ops3d/io/tinygltf.h>

namespace bisque {
namespace {

Matrix4 multiply(const Matrix4& a, const Matrix4& b) {
  Matrix4 product{};
  for (size_t column = 0; column < 4; ++column) {
    for (size_t row = 0; row < 4; ++row) {
      for (size_t k = 0; k < 4; ++k) product[column * 4 + row] += a[k * 4 + row] * b[column * 4 + k];
    }
  }
  return product;
}

// Translation * rotation * scale; the rotation is a unit quaternion x, y, z, w.
Matrix4 local_transform(const tinygltf::Node& node) {
  if (node.matrix.size() == 16) {
    Matrix4 matrix;
    std::copy(node.matrix.begin(), node.matrix.end(), matrix.begin());
    return matrix;
  }
  Matrix4 matrix = kIdentity;
  if (node.rotation.size() == 4) {
    const double x = node.rotation[0];
    const double y = node.rotation[1];
    const double z = node.rotation[2];
    const double w = node.rotation[3];
    matrix = {1 - 2 * (y * y + z * z),
              2 * (x * y + z * w),
              2 * (x * z - y * w),
              0,
              2 * (x * y - z * w),
              1 - 2 * (x * x + z * z),
              2 * (y * z + x * w),
              0,
              2 * (x * z + y * w),
              2 * (y * z - x * w),
              1 - 2 * (x * x + y * y),
              0,
              0,
              0,
              0,
              1};
  }
  for (size_t column = 0; column < 3 && node.scale.size() == 3; ++column) {
    for (size_t row = 0; row < 3; ++row) matrix[column * 4 + row] *= node.scale[column];
  }
  for (size_t row = 0; row < 3 && node.translation.size() == 3; ++row) matrix[12 + row] = node.translation[row];
  return matrix;
}

class SceneWalk {
 public:
  SceneWalk(const tinygltf::Model& model, const std::string& where)
      : model_(model), where_(where), visited_(model.nodes.size()) {}

  // Depth first and without recursion, as a hostile file may nest nodes without end.
  std::vector<GltfInstance> run() {
    std::vector<std::pair<int, Matrix4>> open;
    const auto push = [&](const std::vector<int>& nodes, const Matrix4& parent) {
      for (auto node = nodes.rbegin(); node != nodes.rend(); ++node) open.emplace_back(*node, parent);
    };
    push(roots(), kIdentity);
    while (!open.empty()) {
      const auto [index, parent] = open.back();
      open.pop_back();
      const tinygltf::Node& node = visit(index);
      const Matrix4 transform = multiply(parent, local_transform(node));
      if (!std::all_of(transform.begin(), transform.end(), [](double value) { return std::isfinite(value); })) {
        fail(where_, ": nodes[", index, "] has a transform that is not finite.");
      }
      if (node.mesh >= 0) add_mesh(node, index, transform);
      push(node.children, transform);
    }
    return std::move(instances_);
  }

  bool was_visited(size_t node) const { return visited_[node]; }

 private:
  const tinygltf::Node& visit(int index) {
    if (index < 0 || static_cast<size_t>(index) >= model_.nodes.size()) {
      fail(where_, ": refers to node ", index, ", but the file has ", model_.nodes.size(), " nodes.");
    }
    if (visited_[static_cast<size_t>(index)]) fail(where_, ": nodes[", index, "] is in the node tree twice.");
    visited_[static_cast<size_t>(index)] = true;
    return model_.nodes[static_cast<size_t>(index)];
  }

  void add_mesh(const tinygltf::Node& node, int index, const Matrix4& transform) {
    if (static_cast<size_t>(node.mesh) >= model_.meshes.size()) {
      fail(where_, ": nodes[", index, "] refers to mesh ", node.mesh, ", but the file has ", model_.meshes.size(),
           " meshes.");
    }
    // A skin moves its mesh from the joints alone (glTF 2.0, 3.7.3.3); without it the verts stay as modelled.
    instances_.push_back({node.mesh, node.skin >= 0 ? kIdentity : transform});
  }

  std::vector<int> roots() const {
    if (!model_.scenes.empty()) {
      const int scene = std::max(model_.defaultScene, 0);
      if (static_cast<size_t>(scene) >= model_.scenes.size()) {
        fail(where_, ": refers to scene ", scene, ", but the file has ", model_.scenes.size(), " scenes.");
      }
      return model_.scenes[static_cast<size_t>(scene)].nodes;
    }
    std::vector<bool> is_child(model_.nodes.size());
    for (const tinygltf::Node& node : model_.nodes) {
      for (const int child : node.children) {
        if (child >= 0 && static_cast<size_t>(child) < is_child.size()) is_child[static_cast<size_t>(child)] = true;
      }
    }
    std::vector<int> nodes;
    for (size_t i = 0; i < is_child.size(); ++i) {
      if (!is_child[i]) nodes.push_back(static_cast<int>(i));
    }
    return nodes;
  }

  const tinygltf::Model& model_;
  const std::string& where_;
  std::vector<bool> visited_;
  std::vector<GltfInstance> instances_;
};

}  // namespace

std::vector<GltfInstance> gltf_instances(const tinygltf::Model& model, const std::string& where,
                                         std::vector<std::string>& warnings) {
  if (model.nodes.empty()) {
    std::vector<GltfInstance> instances;
    for (size_t i = 0; i < model.meshes.size(); ++i) instances.push_back({static_cast<int>(i), kIdentity});
    return instances;
  }
  SceneWalk walk(model, where);
  std::vector<GltfInstance> instances = walk.run();
  for (size_t i = 0; i < model.nodes.size(); ++i) {
    if (model.nodes[i].mesh >= 0 && !walk.was_visited(i)) {
      warnings.push_back(where + ": meshes outside the default scene are left aside, such as that of nodes[" +
                         std::to_string(i) + "].");
      break;
    }
  }
  return instances;
}

}  // namespace bisque
