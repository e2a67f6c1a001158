// The nearest face at each pixel of a picture.
#pragma once
#include <ATen/core/Tensor.h>

#include <tuple>

#include <bisque/core/plugin/op.h>

namespace bisque {

struct RasterizeMeshesOptions {
  int64_t height = 512;
  int64_t width = 512;
  bool perspective_correct = true;  // interpolate as in 3D; else linearly on the screen
  bool cull_backfaces = false;      // leave out faces that are clockwise on the screen
  double z_clip = -1;               // near plane in view space; negative: none
  bool with_dists = true;           // else dists is empty
};

/// Rasterizes N triangle meshes: for each pixel the face nearest to the camera, its depth and where on the face the
/// pixel lies.
///
///   verts                   [V, 3]          float32 or float64, packed: x and y in NDC, z in view space. +X is left,
///                                           +Y up, +Z away from the camera; the shorter side of the picture spans
///                                           [-1, 1]; pixel (0, 0) is the upper left
///   faces                   [F, 3]          int64, packed, indices into verts
///   mesh_to_face_first_idx  [N]             int64 and
///   num_faces_per_mesh      [N]             int64: mesh n has faces first[n] up to first[n] + count[n]
///   returns  pix_to_face    [N, H, W, 1]    int64, index into faces
///            zbuf           [N, H, W, 1]    depth in view space
///            bary_coords    [N, H, W, 1, 3] barycentric coordinates in the whole face, even where z_clip cuts it
///            dists          [N, H, W, 1]    squared distance in NDC to the nearest edge, negative inside
///   All are -1 where no face is.
///
/// Coverage is exact: vertices are snapped to 1/4096 pixel and a pixel centre on a shared edge belongs to one of its
/// faces. Values are interpolated from the vertices as given. Among equal depths the lower face index wins. A face that
/// z_clip cuts is drawn in part (perspective); without z_clip, a face with a vertex at z < 1e-8 is not drawn. Faces
/// with NaN or infinite vertices are not drawn. The result is the same for any number of threads and any SIMD width.
/// Any of N, V, F, H, W may be 0; H and W are at most 65536, and a mesh has at most 2^29 faces. Not differentiable yet.
/// Error: shapes, dtypes or devices that do not match, a size or face range out of bounds, a face that names no vertex.
inline std::tuple<at::Tensor, at::Tensor, at::Tensor, at::Tensor> rasterize_meshes(
    const at::Tensor& verts, const at::Tensor& faces, const at::Tensor& mesh_to_face_first_idx,
    const at::Tensor& num_faces_per_mesh, const RasterizeMeshesOptions& options = {}) {
  using T = at::Tensor;
  static const auto op = find_op<std::tuple<T, T, T, T>(const T&, const T&, const T&, const T&, int64_t, int64_t, bool,
                                                        bool, double, bool)>("bisque::rasterize_meshes");
  return op.call(verts, faces, mesh_to_face_first_idx, num_faces_per_mesh, options.height, options.width,
                 options.perspective_correct, options.cull_backfaces, options.z_clip, options.with_dists);
}

}  // namespace bisque
