// The built-in demo head: a procedural human head with the 52 ARKit blendshapes.
#pragma once
#include <bisque/ops3d/io/mesh_data.h>

namespace bisque {

/// A sculpted head in centimetres: +Y up, looking along +Z, the subject's left at +X, the origin in the middle of the
/// head. The mesh is mirror symmetric about x = 0; its morphs are the 52 ARKit shapes with ARKit's names and order.
/// Groups are named by part (M_Face, M_Ears, M_GumsTongue, M_Teeth, M_ScleraLeft, M_IrisLeft, M_ScleraRight,
/// M_IrisRight); the eyeballs are separate closed balls that no shape moves; only eye rotations turn them. Every call
/// returns the same bits.
MeshData make_demo_head();

}  // namespace bisque
