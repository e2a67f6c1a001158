// A loss that keeps edges at a length.
#pragma once
#include <ATen/core/Tensor.h>

namespace bisque {

class Meshes;

/// The mean over all meshes of the mean over their edges of (length - target_length)^2.
///
/// Returns a scalar of the dtype of verts. A mesh without edges adds 0; without meshes it is 0. Differentiable by the
/// verts: an edge without length has no gradient. Deterministic on the CPU.
at::Tensor mesh_edge_loss(const Meshes& meshes, double target_length = 0);

}  // namespace bisque
