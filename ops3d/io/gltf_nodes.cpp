#include <bisque/ops3d/io/gltf_nodes.h>

#include <algorithm>
#include <utility>

#include <bisque/core/error.h>
#include <bisque/ops3d/io/tinygltf.h>

namespace bisque {
namespace {

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
  SceneWalk(const tinygltf::Model& model, const std::string& where) : model_(model), where_(where) {
    scene_.transforms.resize(model.nodes.size(), kIdentity);
    scene_.is_placed.resize(model.nodes.size());
  }

  GltfScene run(std::vector<std::string>& warnings) {
    const std::vector<int> parentless = nodes_without_parent();
    walk(model_.scenes.empty() ? parentless : default_scene().nodes, true);
    warn_of_meshes_outside(warnings);
    walk(parentless, false);  // joints may be outside
    return std::move(scene_);
  }

 private:
  struct Open {
    int node;
    Matrix4 parent;
  };

  // Depth first and without recursion, because a malicious file may nest nodes deeply. Outside the scene no mesh is
  // added, and errors are ignored.
  void walk(const std::vector<int>& roots, bool in_scene) {
    std::vector<Open> open;
    const auto push = [&](const std::vector<int>& nodes, const Matrix4& parent) {
      for (auto node = nodes.rbegin(); node != nodes.rend(); ++node) open.push_back({*node, parent});
    };
    push(roots, kIdentity);
    while (!open.empty()) {
      const auto [index, parent] = open.back();
      open.pop_back();
      if (!in_scene && !is_new(index)) continue;
      const tinygltf::Node& node = visit(index);
      const Matrix4 transform = multiply(parent, local_transform(node));
      if (!is_finite(transform)) {
        if (!in_scene) continue;
        fail(where_, ": nodes[", index, "] has a transform that is not finite.");
      }
      scene_.transforms[static_cast<size_t>(index)] = transform;
      scene_.is_placed[static_cast<size_t>(index)] = true;
      if (in_scene && node.mesh >= 0) add_mesh(node, index, transform);
      push(node.children, transform);
    }
  }

  bool is_new(int index) const {
    return index >= 0 && static_cast<size_t>(index) < model_.nodes.size() &&
           !scene_.is_placed[static_cast<size_t>(index)];
  }

  const tinygltf::Node& visit(int index) const {
    if (index < 0 || static_cast<size_t>(index) >= model_.nodes.size()) {
      fail(where_, ": refers to node ", index, ", but the file has ", model_.nodes.size(), " nodes.");
    }
    if (!is_new(index)) fail(where_, ": nodes[", index, "] is in the node tree twice.");
    return model_.nodes[static_cast<size_t>(index)];
  }

  void add_mesh(const tinygltf::Node& node, int index, const Matrix4& transform) {
    if (static_cast<size_t>(node.mesh) >= model_.meshes.size()) {
      fail(where_, ": nodes[", index, "] refers to mesh ", node.mesh, ", but the file has ", model_.meshes.size(),
           " meshes.");
    }
    scene_.instances.push_back({node.mesh, index, node.skin, transform});
  }

  void warn_of_meshes_outside(std::vector<std::string>& warnings) const {
    for (size_t i = 0; i < model_.nodes.size(); ++i) {
      if (model_.nodes[i].mesh < 0 || scene_.is_placed[i]) continue;
      warnings.push_back(where_ + ": meshes outside the default scene are ignored, such as that of nodes[" +
                         std::to_string(i) + "].");
      return;
    }
  }

  const tinygltf::Scene& default_scene() const {
    const int scene = std::max(model_.defaultScene, 0);
    if (static_cast<size_t>(scene) >= model_.scenes.size()) {
      fail(where_, ": refers to scene ", scene, ", but the file has ", model_.scenes.size(), " scenes.");
    }
    return model_.scenes[static_cast<size_t>(scene)];
  }

  std::vector<int> nodes_without_parent() const {
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
  GltfScene scene_;
};

}  // namespace

GltfScene gltf_scene(const tinygltf::Model& model, const std::string& where, std::vector<std::string>& warnings) {
  if (!model.nodes.empty()) return SceneWalk(model, where).run(warnings);
  GltfScene scene;
  for (size_t i = 0; i < model.meshes.size(); ++i) scene.instances.push_back({static_cast<int>(i), -1, -1, kIdentity});
  return scene;
}

void turn_around(GltfScene& scene) {
  static constexpr Matrix4 kHalfTurn{-1, 0, 0, 0, 0, 1, 0, 0, 0, 0, -1, 0, 0, 0, 0, 1};
  for (GltfInstance& instance : scene.instances) instance.transform = multiply(kHalfTurn, instance.transform);
  for (Matrix4& transform : scene.transforms) transform = multiply(kHalfTurn, transform);
}

}  // namespace bisque
