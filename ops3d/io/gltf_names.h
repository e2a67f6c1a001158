// Internal. The names of a glTF file's morph targets, and the shapes that VRM expressions add.
#pragma once
#include <cstddef>
#include <string>
#include <vector>

#include <bisque/ops3d/io/gltf_vrm.h>

namespace tinygltf {
class Model;
}

namespace bisque {

/// The weight of a morph target in a shape that mixes several.
struct TargetShare {
  size_t mixture = 0;  // index into GltfTargetNames::mixtures
  double weight = 1;
};

/// A morph target of a mesh.
struct NamedTarget {
  std::string name;
  std::vector<TargetShare> shares;
};

struct GltfTargetNames {
  std::vector<std::vector<NamedTarget>> targets;  // by mesh and index; the names of a mesh are unique
  std::vector<std::string> mixtures;              // names of shapes that are weighted sums of targets
};

/// Names come from extras.targetNames of the mesh or of its first primitive that has them. A target without a name gets
/// that of the VRM expression that consists only of it (of one target in each mesh), otherwise it is target_i. An
/// expression over unnamed targets that mixes several, or uses a part of one, becomes a separate shape. Targets of one
/// name in a mesh get a suffix: jawOpen, jawOpen_2. Both are reported in `warnings`.
GltfTargetNames name_targets(const tinygltf::Model& model, const GltfVrm& vrm, const std::string& where,
                             std::vector<std::string>& warnings);

}  // namespace bisque
