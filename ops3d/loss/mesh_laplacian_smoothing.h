// A loss that smooths meshes.
#pragma once
#include <ATen/core/Tensor.h>

namespace bisque {

class Meshes;

enum class LaplacianMethod {
  kUniform,  // the mean of the neighbours - v
  kCot,      // the mean of the neighbours, weighted by cotangents (cot_laplacian), - v
  kCotCurv,  // the mean curvature normal: sum of cotangent (neighbour - v) / (4 times the area of the faces around v)
};

/// The mean over all meshes of the mean over their verts of the length of the Laplacian, given by `method`.
///
/// Returns a scalar of the dtype of verts, differentiable by them; the weights and areas count as constants. A mesh
/// without verts adds 0; a batch without faces or without meshes is 0. A Laplacian of length 0 has no gradient.
/// Deterministic on the CPU.
///
/// As in PyTorch3D: with kUniform and kCot a vertex without neighbours adds its distance from the origin; with kCot a
/// sum of weights that is not positive multiplies instead of dividing.
/// Nealen et al., Laplacian mesh optimization, GRAPHITE 2006; Desbrun et al., Implicit fairing, SIGGRAPH 1999.
at::Tensor mesh_laplacian_smoothing(const Meshes& meshes, LaplacianMethod method = LaplacianMethod::kUniform);

}  // namespace bisque
