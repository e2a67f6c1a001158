// The meshes of a glTF scene with their transforms.
#pragma once
#include <array>
#include <string>
#include <vector>

namespace tinygltf {
class Model;
}

namespace bisque {

/// A column-major affine transform, as glTF writes it.
using Matrix4 = std::array<double, 16>;

inline constexpr Matrix4 kIdentity{1, 0, 0, 0, 0, 1, 0, 0, 0, 0, 1, 0, 0, 0, 0, 1};

struct GltfInstance {
  int mesh = 0;
  Matrix4 transform = kIdentity;
};

/// The meshes of the default scene (of the first where none is named, of all nodes where there is no scene, of all
/// meshes where there is no node), in the order of the node tree. Warns of meshes outside the scene.
/// Error: a node, mesh or scene that does not exist, a node that is in the tree twice.
std::vector<GltfInstance> gltf_instances(const tinygltf::Model& model, const std::string& where,
                                         std::vector<std::string>& warnings);

}  // namespace bisque
