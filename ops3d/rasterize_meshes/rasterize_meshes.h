// The K nearest faces at each pixel of a picture.
#pragma once
#include <ATen/core/Tensor.h>

#include <optional>
#include <tuple>

#include <bisque/core/plugin/op.h>

namespace bisque {

struct RasterizeMeshesOptions {
  int64_t height = 512;
  int64_t width = 512;
  int64_t faces_per_pixel = 1;      // K, from 1 to 65536
  double blur_radius = 0;           // a face also takes pixels outside it nearer than this: a squared distance in NDC
  bool perspective_correct = true;  // interpolate as in 3D; else linearly on the screen
  bool clip_barycentric_coords = false;  // no negative coordinates: what lies outside a face gets values of its outline
  bool cull_backfaces = false;           // leave out faces that are clockwise on the screen
  double z_clip = -1;                    // near plane in view space; negative: that of the camera's position
  bool with_dists = true;                // else dists is empty
  // PyTorch3D's settings for its speed and memory. They have no effect: no face is dropped whatever they are.
  std::optional<int64_t> bin_size = std::nullopt;
  std::optional<int64_t> max_faces_per_bin = std::nullopt;
};

/// Rasterizes N triangle meshes: for each pixel the K faces nearest to the camera that take it, their depth there,
/// where on the face the pixel lies, and how far from its outline.
///
///   verts                   [V, 3]          float32 or float64, packed: x and y in NDC, z in view space. +X is left,
///                                           +Y up, +Z away from the camera; the shorter side of the picture spans
///                                           [-1, 1]; pixel (0, 0) is the upper left
///   faces                   [F, 3]          int64, packed, indices into verts
///   mesh_to_face_first_idx  [N]             int64 and
///   num_faces_per_mesh      [N]             int64: mesh n has faces first[n] up to first[n] + count[n]
///   mesh_to_vert_offset     [N]             int64, added to the vertex indices of the faces of mesh n; none: zeros
///   returns  pix_to_face    [N, H, W, K]    int64, index into faces
///            zbuf           [N, H, W, K]    depth in view space, rising along K
///            bary_coords    [N, H, W, K, 3] barycentric coordinates in the whole face, even where z_clip cuts it
///            dists          [N, H, W, K]    squared distance in NDC to the nearest edge (of the part that z_clip
///                                           leaves), negative inside
///   All are -1 where no face is.
///
/// Meshes may share faces. V views of a mesh with P vertices are V meshes with the same range of faces: verts are the
/// V P projected vertices, and the offset of view v is v P. Memory is then that of the verts and the results; faces are
/// not copied.
///
/// A face takes the pixels whose centres it covers and, with blur_radius > 0, those outside it at a squared distance
/// below blur_radius. Coverage is exact: vertices are snapped to 1/4096 pixel and a pixel centre on a shared edge
/// belongs to one of its faces. Values are interpolated from the vertices as given, outside a face extrapolated; where
/// the depth that is so found is negative, the face does not take the pixel. clip_barycentric_coords sets negative
/// coordinates to 0 and scales the others to a sum of 1; zbuf follows. Faces are ordered by zbuf; among equal depths
/// the lower face index comes first.
///
/// The near plane: with perspective_correct, faces are cut at z_clip, or at 1e-8 where that is farther, so that a face
/// that lies partly behind the camera is drawn in part. (x and y of a vertex behind it are those of the same division
/// by its negative z. A vertex at z = 0 has none, and its faces are not drawn.) Without perspective_correct, depth is
/// linear on the screen, as with an orthographic camera, and pixels nearer than z_clip are left out; a negative z_clip
/// leaves out faces with a vertex at z < 1e-8, which is right for perspective cameras: their vertices behind the camera
/// would appear on the wrong side.
///
/// Faces without an area on the grid, and those with NaN or infinite vertices, are not drawn; count_degenerate_faces
/// counts them. The result is the same for any number of threads, any SIMD width, and on CUDA. (With K = 1 and neither
/// blur nor clipping, the CPU compares depths on the snapped face: of faces that are as deep but for a rounding, it may
/// find another than the first of K = 2.) Any of N, V, F, H, W may be 0; H and W are at most 65536, and a mesh has at
/// most 2^29 faces.
///
/// Gradient: of zbuf, bary_coords and dists to verts, with the faces of each pixel held fixed (so none arises from a
/// face coming in or leaving but through dists: Liu et al., "Soft Rasterizer", ICCV 2019). Of edges that are as near
/// but for a relative 1e-5, dists has the gradient of the first. Within slivers thinner than
/// 1/128 pixel it is taken at the snapped vertices. Deterministic: on the CPU the same for any number of threads, on
/// CUDA the same in each run. CUDA adds up in fixed point, with an error below 2^-61 3 N H W K of the largest term of a
/// sum; a second pass finds that term.
///
/// Error: shapes, dtypes or devices that do not match, a size, option, face range or offset out of bounds, a face with
/// a bad index. On CUDA these are found on the device, and the call waits for it (it does anyway, for the length of its
/// lists).
inline std::tuple<at::Tensor, at::Tensor, at::Tensor, at::Tensor> rasterize_meshes(
    const at::Tensor& verts, const at::Tensor& faces, const at::Tensor& mesh_to_face_first_idx,
    const at::Tensor& num_faces_per_mesh, const RasterizeMeshesOptions& options = {},
    const std::optional<at::Tensor>& mesh_to_vert_offset = std::nullopt) {
  using T = at::Tensor;
  static const auto op =
      find_op<std::tuple<T, T, T, T>(const T&, const T&, const T&, const T&, int64_t, int64_t, int64_t, double, bool,
                                     bool, bool, double, bool, const std::optional<T>&)>("bisque::rasterize_meshes");
  return op.call(verts, faces, mesh_to_face_first_idx, num_faces_per_mesh, options.height, options.width,
                 options.faces_per_pixel, options.blur_radius, options.perspective_correct,
                 options.clip_barycentric_coords, options.cull_backfaces, options.z_clip, options.with_dists,
                 mesh_to_vert_offset);
}

}  // namespace bisque
