// The embedded demo head: a human head with the 52 ARKit blendshapes, made by code.
#pragma once
#include <bisque/ops3d/io/mesh_data.h>

namespace bisque {

/// A sculpted head in centimetres: +Y up, looking along +Z, the subject's left at +X, the origin in the middle of the
/// head. The mesh is mirror symmetric about x = 0; its morphs are the 52 ARKit shapes by their ARKit names, in ARKit's
/// order. Groups are named by part (M_Face, M_Ears, M_GumsTongue, M_Teeth, M_ScleraLeft, M_IrisLeft, M_ScleraRight,
/// M_IrisRight); the eyeballs are separate closed balls that no shape moves, turned by eye rotations alone.
/// Every call returns the same bits.
MeshData make_demo_head();

}  // namespace bisque
