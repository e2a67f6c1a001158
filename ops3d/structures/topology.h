// Data derived from a mesh's faces, computed once per topology.
#pragma once
#include <ATen/core/Tensor.h>

namespace bisque {

/// The faces around each vertex, as input of vertex_normals.
struct VertFaces {
  at::Tensor vert_faces_offsets;  // [V + 1] int64
  at::Tensor vert_faces;          // [3 F] int64, by vertex, then by face
};

/// `faces` is [F, 3] int64 with indices in [0, num_verts). Error: another shape or dtype, an index out of range.
VertFaces vert_faces_of(const at::Tensor& faces, int64_t num_verts);

}  // namespace bisque
