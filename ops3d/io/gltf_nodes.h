// Internal. The meshes of a glTF scene, and the positions of its nodes.
#pragma once
#include <string>
#include <vector>

#include <bisque/ops3d/io/matrix4.h>

namespace tinygltf {
class Model;
}

namespace bisque {

/// An instance of a mesh.
struct GltfInstance {
  int mesh = 0;
  int node = -1;  // -1 in a file without nodes
  int skin = -1;
  Matrix4 transform = kIdentity;  // from the node to the scene
};

struct GltfScene {
  std::vector<GltfInstance> instances;
  std::vector<Matrix4> transforms;  // from each node to the scene
  std::vector<bool> is_placed;      // by node: whether it is in a tree of nodes and so has a transform
};

/// The meshes of the default scene (of the first if none is set, of all nodes if there is no scene, all meshes if there
/// is no node), in the order of the node tree. Warns about meshes outside the scene. Error: a node, mesh or scene that
/// does not exist, a node that is in the tree twice.
GltfScene gltf_scene(const tinygltf::Model& model, const std::string& where, std::vector<std::string>& warnings);

/// Turns the whole scene by half a turn about the y axis.
void turn_around(GltfScene& scene);

}  // namespace bisque
