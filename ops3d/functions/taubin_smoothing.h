// Smoothing of meshes.
#pragma once
#include <cstdint>

namespace bisque {

class Meshes;

struct TaubinSmoothingOptions {
  double lambd = 0.53;  // of the step that shrinks
  double mu = -0.53;    // of the step that grows again
  int64_t num_iter = 10;
};

/// Taubin smoothing: in each iteration all verts move by lambd, then by mu of the way to the mean of their neighbours.
/// A neighbour weighs 1 / (its distance), as of norm_laplacian.
///
/// Returns the same meshes with other verts, which are differentiable by those that were given. A vertex without
/// neighbours does not move (in PyTorch3D it becomes NaN). Deterministic on the CPU. Meshes may be empty.
/// Error: num_iter below 0.
/// Taubin, Curve and surface smoothing without shrinkage, ICCV 1995.
Meshes taubin_smoothing(const Meshes& meshes, const TaubinSmoothingOptions& options = {});

}  // namespace bisque
