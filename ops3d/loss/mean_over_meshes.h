// Internal. The reduction of mesh losses.
#pragma once
#include <ATen/core/Tensor.h>

namespace bisque {

class Meshes;

/// The mean over all meshes of the mean of their values; a mesh without values adds 0. `values` is [R], `mesh_idx` [R]
/// the mesh of each. 0 if there is no mesh.
at::Tensor mean_over_meshes(const at::Tensor& values, const at::Tensor& mesh_idx, const Meshes& meshes);

}  // namespace bisque
