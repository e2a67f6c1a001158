// Subdivision of meshes.
#pragma once
#include <ATen/core/Tensor.h>

#include <utility>

namespace bisque {

class Meshes;

/// Splits each face into four at the middles of its edges.
///
///   meshes   N meshes of any sizes
///   feats    [sum V, D]  features of the packed verts, float32 or float64
///   returns  the meshes: those with V verts, E edges and F faces have V + E verts and 4 F faces
///            feats [sum V + sum E, D]: those given, and for the middle of an edge the mean of its ends
///
/// The verts of a mesh are those given, then the middles of its edges in the order of edges_packed. Its faces are those
/// at the first corners of all faces, at the second, at the third, then those in the middle, as of PyTorch3D. Faces
/// keep their orientation. verts and feats are differentiable. Deterministic on the CPU. Meshes may be empty. Error:
/// feats of another length.
Meshes subdivide_meshes(const Meshes& meshes);
std::pair<Meshes, at::Tensor> subdivide_meshes(const Meshes& meshes, const at::Tensor& feats);

}  // namespace bisque
