// Internal. The meshes of a glTF scene, and where its nodes are.
#pragma once
#include <string>
#include <vector>

#include <bisque/ops3d/io/matrix4.h>

namespace tinygltf {
class Model;
}

namespace bisque {

/// A use of a mesh.
struct GltfInstance {
  int mesh = 0;
  int node = -1;  // -1 in a file without nodes
  int skin = -1;
  Matrix4 transform = kIdentity;  // of the node, to the scene
};

struct GltfScene {
  std::vector<GltfInstance> instances;
  std::vector<Matrix4> transforms;  // of each node, to the scene
  std::vector<bool> is_placed;      // by node: whether it has a transform, being in a tree of nodes
};

/// The meshes of the default scene (of the first where none is named, of all nodes where there is no scene, of all
/// meshes where there is no node), in the order of the node tree. Warns of meshes outside the scene.
/// Error: a node, mesh or scene that does not exist, a node that is in the tree twice.
GltfScene gltf_scene(const tinygltf::Model& model, const std::string& where, std::vector<std::string>& warnings);

/// Turns all of it by half a turn about the y axis.
void turn_around(GltfScene& scene);

}  // namespace bisque
