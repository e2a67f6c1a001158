// Meshes of the surfaces of voxels.
#pragma once
#include <ATen/core/Tensor.h>

#include <tuple>

#include <bisque/core/plugin/op.h>

namespace bisque {

/// Where the grid of voxels lies in [-1, 1], along each axis.
enum class CubifyAlign : int64_t {
  kTopLeft,  // the least corner of the first voxel at -1, of the last at 1: the last voxel reaches beyond 1
  kCorner,   // the least corner of the first voxel at -1, the greatest of the last at 1
  kCenter,   // the centre of the first voxel at -1, of the last at 1
};

struct CubifyOptions {
  CubifyAlign align = CubifyAlign::kTopLeft;
  bool return_face_voxels = false;
};

struct CubifyMeshes {
  at::Tensor verts;        // [sum V, 3]  x, y, z in the dtype of voxels; those of the first mesh, then of the next
  at::Tensor faces;        // [sum F, 3]  int64, indices within their own mesh
  at::Tensor face_voxels;  // [sum F]     int64, of each face the index in voxels.flatten(); [0] if not asked for
  at::Tensor num_verts;    // [N]         int64, and
  at::Tensor num_faces;    // [N]         int64: what to split verts and faces by
};

/// A mesh of the sides of all solid voxels that have an empty neighbour: two triangles per side.
///
///   voxels   [N, D, H, W]  float32 or float64: x runs along W, y along H, z along D; a voxel is solid where its value
///                          is at least thresh. Outside of the grid all is empty
///   thresh                 any number, in the dtype of voxels; a comparison with NaN is false
///   options                align: where the grid lies; for kTopLeft and kCenter an axis of one voxel is scaled as if it
///                          had two. face_voxels gather features of voxels for the faces, with their gradient
///   returns                CubifyMeshes, above
///
/// Voxels share the vertices of their common corners, and no vertex is listed twice or belongs to no face. Where voxels
/// touch along an edge alone, four sides meet there. Faces are counter-clockwise seen from outside. Vertices lie in the
/// order y, x, z within their mesh; faces in the order y, x, z of their voxels, then of the sides x - 1, y + 1, z - 1,
/// y - 1, x + 1, z + 1.
///
/// Not differentiable. Deterministic for any number of threads, and on CUDA bit for bit as on the CPU. CUDA waits for
/// the stream, since the sizes of the results depend on the values; for the same reason a meta tensor is refused. Any
/// size may be 0. Scratch is about 0.75 bytes a voxel. Errors: shape or dtype of voxels, another align.
/// Source: PyTorch3D's cubify.
inline CubifyMeshes cubify(const at::Tensor& voxels, double thresh, const CubifyOptions& options = {}) {
  static const auto op = find_op<std::tuple<at::Tensor, at::Tensor, at::Tensor, at::Tensor, at::Tensor>(
      const at::Tensor&, double, int64_t, bool)>("bisque::cubify");
  auto [verts, faces, face_voxels, num_verts, num_faces] =
      op.call(voxels, thresh, static_cast<int64_t>(options.align), options.return_face_voxels);
  return {verts, faces, face_voxels, num_verts, num_faces};
}

}  // namespace bisque
