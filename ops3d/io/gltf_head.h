// Internal. Finds the head of an avatar, and its direction.
#pragma once
#include <bisque/ops3d/io/gltf_document.h>
#include <bisque/ops3d/io/gltf_nodes.h>

namespace bisque {

/// The node of the head's joint: the bone that VRM calls head, or a joint of the scene's skins with a known head name
/// (Head, mixamorig:Head, J_Bip_C_Head, CC_Base_Head, Bip01 Head, DEF-head, but not HeadTop_End); -1 without one.
int find_head_joint(const tinygltf::Model& model, const GltfDocument& document, const GltfScene& scene);

/// Whether a VRM avatar looks along -z, as in VRM 0: the bones of its left side are at smaller x than those of its
/// right side.
bool faces_backwards(const GltfDocument& document, const GltfScene& scene);

}  // namespace bisque
