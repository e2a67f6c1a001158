// A loss that flattens edges.
#pragma once
#include <ATen/core/Tensor.h>

namespace bisque {

class Meshes;

/// The mean over all meshes of the mean over their pairs of faces with a common edge of 1 - cos(angle between the
/// normals): 0 where two faces lie in a plane, 2 where one lies on the other.
///
/// An edge of k faces has k (k - 1) / 2 pairs, a boundary edge none. How the corners of a face are ordered does not
/// matter. Returns a scalar of the dtype of verts. A mesh without pairs adds 0; without meshes it is 0. A pair with a
/// face without an area has the value 1 and no gradient. Differentiable by the verts. Deterministic on the CPU.
at::Tensor mesh_normal_consistency(const Meshes& meshes);

}  // namespace bisque
