// How many faces rasterize_meshes leaves out because of their shape.
#pragma once
#include <ATen/core/Tensor.h>

#include <bisque/ops3d/rasterize_meshes/rasterize_meshes.h>

namespace bisque {

struct DegenerateFaces {
  at::Tensor num_not_finite;    // [N]
  at::Tensor num_without_area;  // [N]
};

/// Counts the faces of each mesh that rasterize_meshes never draws, whatever the picture shows.
///
///   verts                   [V, 3]  float32 or float64; this and the other arguments are those of rasterize_meshes:
///   faces                   [F, 3]  int64
///   mesh_to_face_first_idx  [N]     int64
///   num_faces_per_mesh      [N]     int64
///   mesh_to_vert_offset     [N]     int64; none: zeros
///   returns  num_not_finite    [N]  int64, faces with a vertex that is NaN or infinite, or becomes so in pixels
///            num_without_area  [N]  int64, other faces whose area is 0 when their vertices (after the cut at the near
///                                   plane) are snapped to 1/4096 pixel
///
/// Of the options, height, width, perspective_correct and z_clip are used. Faces behind the near plane are not counted,
/// nor are culled ones; faces outside of the picture are. The op is separate, so that rasterizing costs nothing for it.
///
/// Not differentiable: the results are integers. Deterministic, and the same on the CPU and on CUDA. N, V and F may be
/// 0. Error: those of rasterize_meshes; CUDA does not count what is out of bounds.
inline DegenerateFaces count_degenerate_faces(const at::Tensor& verts, const at::Tensor& faces,
                                              const at::Tensor& mesh_to_face_first_idx,
                                              const at::Tensor& num_faces_per_mesh,
                                              const RasterizeMeshesOptions& options = {},
                                              const std::optional<at::Tensor>& mesh_to_vert_offset = std::nullopt) {
  using T = at::Tensor;
  static const auto op = find_op<std::tuple<T, T>(const T&, const T&, const T&, const T&, int64_t, int64_t, bool,
                                                  double, const std::optional<T>&)>("bisque::count_degenerate_faces");
  const auto [num_not_finite, num_without_area] =
      op.call(verts, faces, mesh_to_face_first_idx, num_faces_per_mesh, options.height, options.width,
              options.perspective_correct, options.z_clip, mesh_to_vert_offset);
  return {num_not_finite, num_without_area};
}

}  // namespace bisque
