// Internal. Skins in their rest pose: the position of each vertex given by the joints.
#pragma once
#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include <bisque/ops3d/io/gltf_accessor.h>
#include <bisque/ops3d/io/gltf_nodes.h>

namespace tinygltf {
struct Primitive;
}

namespace bisque {

/// Transforms the verts of a primitive to the scene.
struct GltfPose {
  std::vector<Matrix4> transforms;  // one for all verts, or one per vertex
  std::vector<float> head_weights;  // weight for the head: one for all verts, or one per vertex

  const Matrix4& transform(size_t vert) const { return transforms.size() == 1 ? transforms[0] : transforms[vert]; }
  float head_weight(size_t vert) const { return head_weights.size() == 1 ? head_weights[0] : head_weights[vert]; }
};

/// Poses the primitives of one file. Its arguments must outlive it.
class GltfSkins {
 public:
  GltfSkins(const tinygltf::Model& model, const GltfDocument& document, const GltfScene& scene, int head_joint,
            const std::string& where, GltfAccessors& accessors);

  /// The pose of a primitive with `count` verts: each vertex follows the joints of JOINTS_n, by WEIGHTS_n divided by
  /// their sum. A primitive without them, or without a skin, follows its node. Error: a skin, node or joint that does
  /// not exist; fewer inverse bind matrices than joints.
  GltfPose pose(const GltfInstance& instance, const tinygltf::Primitive& primitive, int64_t count);

 private:
  struct Joints {
    std::vector<Matrix4> transforms;  // from the mesh to the scene, by joint
    std::vector<bool> is_head;
    bool all_equal = false;
  };
  const Joints& joints_of(const GltfInstance& instance);
  Joints read_joints(int skin);
  std::vector<Matrix4> inverse_bind_matrices(int skin);
  GltfPose pose_of_joints(const Joints& joints, int skin, const std::vector<std::vector<int>>& accessors,
                          int64_t count);

  const tinygltf::Model& model_;
  const GltfDocument& document_;
  const GltfScene& scene_;
  const std::string& where_;
  GltfAccessors& accessors_;
  std::vector<bool> under_head_;  // by node
  std::map<int, Joints> joints_;  // by skin
};

}  // namespace bisque
