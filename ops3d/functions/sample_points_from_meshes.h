// Random points on the surfaces of a batch of meshes.
#pragma once
#include <ATen/core/Tensor.h>

#include <cstdint>

namespace bisque {

class Meshes;

struct SamplePointsFromMeshesOptions {
  int64_t num_samples = 10000;  // of each mesh, at least 0
  bool return_normals = false;
};

struct SurfaceSamples {
  at::Tensor samples;      // [N, S, 3]
  at::Tensor normals;      // [N, S, 3] unit normals of the samples' faces, or undefined where they are not asked for
  at::Tensor face_idx;     // [N, S] int64, the faces, as indices into faces_packed; -1 for a mesh without faces
  at::Tensor bary_coords;  // [N, S, 3] the weights of the corners, which also interpolate textures
};

/// S random points on the surface of each mesh, evenly distributed over its area (op sample_points_from_meshes, which
/// also says what faces without an area give). The random numbers are at::rand's: at::manual_seed makes them
/// repeatable.
///
/// Samples and normals are differentiable by the verts, and 0 for a mesh without faces. The normal of a face without an
/// area is 0. Errors: a batch of which no mesh is valid; verts that are NaN or infinite, for which CUDA waits;
/// a negative num_samples. Source: PyTorch3D's sample_points_from_meshes.
SurfaceSamples sample_points_from_meshes(const Meshes& meshes, const SamplePointsFromMeshesOptions& options = {});

/// The same with the caller's random numbers of [0, 1): `uniforms` [N, S, 3], of the dtype of the verts. Its size is
/// what num_samples is for the other.
SurfaceSamples sample_points_from_meshes(const Meshes& meshes, const at::Tensor& uniforms, bool return_normals = false);

}  // namespace bisque
