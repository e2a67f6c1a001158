// The arrays of a mesh file as tensors, and back.
#pragma once
#include <ATen/core/Tensor.h>

#include <bisque/ops3d/io/mesh_data.h>

namespace bisque {

/// A mesh or point cloud. A tensor that a mesh lacks is undefined, except faces, which then are [0, 3].
struct MeshTensors {
  at::Tensor verts;         // [V, 3] float32
  at::Tensor faces;         // [F, 3] int64
  at::Tensor normals;       // [V, 3] float32, or [N, 3] with normal_faces
  at::Tensor colors;        // [V, 3] or [V, 4] float32
  at::Tensor face_colors;   // [F, 3] or [F, 4] float32
  at::Tensor uvs;           // [T, 2] float32, origin at the lower left
  at::Tensor uv_faces;      // [F, 3] int64, indices into uvs, -1 where a corner has none
  at::Tensor normal_faces;  // [F, 3] int64, indices into normals, -1 where a corner has none
};

/// Copies the arrays, which load_mesh reads, to the CPU.
///
///   const MeshTensors mesh = to_tensors(load_mesh("head.ply"));
MeshTensors to_tensors(const MeshData& mesh);

/// The opposite, for save_mesh. Tensors may be on any device, of any floating or integer dtype. Not differentiable.
/// Error: another shape, an index out of range.
MeshData to_mesh_data(const MeshTensors& tensors);

}  // namespace bisque
