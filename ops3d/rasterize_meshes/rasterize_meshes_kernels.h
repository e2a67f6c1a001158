// rasterize_meshes and its gradient: the params, and what is checked of faces on CPU and CUDA. No torch, no CUDA.
#pragma once
#include <array>
#include <cstdint>

#include <bisque/core/ops/each.h>

namespace bisque {

inline constexpr int64_t kRasterMaxSide = 65536;                     // pixels; larger pictures leave the 32-bit grid
inline constexpr int64_t kRasterMaxFacesPerMesh = INT64_C(1) << 29;  // face numbers are kept in 32 bits

template <class T>
struct RasterizeMeshes {
  const T* verts;                         // [V, 3] x_ndc, y_ndc, z_view, packed
  const int64_t* faces;                   // [F, 3] indices into verts, packed
  const int64_t* mesh_to_face_first_idx;  // [N]
  const int64_t* num_faces_per_mesh;      // [N]
  int64_t height, width, faces_per_pixel;
  double blur_radius;  // squared distance in NDC
  bool perspective_correct, clip_barycentric_coords, cull_backfaces;
  double z_clip;  // the near plane; negative: none
  bool with_dists;
  int64_t* pix_to_face;  // [N, height, width, faces_per_pixel]
  T* zbuf;               // [N, height, width, faces_per_pixel]
  T* bary_coords;        // [N, height, width, faces_per_pixel, 3]
  T* dists;              // [N, height, width, faces_per_pixel], or null
  // Scratch of CUDA:
  T* placed;              // [V, 4] vertices in pixels
  int64_t* tile_offsets;  // [N * tiles + 1], tiles of 16 x 16 pixels: where the faces of each begin
  int64_t* found;         // [8], see raster::Found
  int32_t* tile_faces;    // [num_tile_faces] faces (within the mesh) of each tile, in no order
  int64_t V, F, N, num_tile_faces;

  void run(const OnCpu& on) const;
  std::array<int64_t, 1> count(const OnCuda& on) const;
  void run(const OnCuda& on) const;
};

template <class T>
struct RasterizeMeshesBackward {
  const T* grad_zbuf;          // [N, H, W, K]
  const T* grad_bary_coords;   // [N, H, W, K, 3]
  const T* grad_dists;         // [N, H, W, K], or null
  const T* verts;              // [V, 3]
  const int64_t* faces;        // [F, 3]
  const int64_t* pix_to_face;  // [N, H, W, K]
  const T* dists;              // [N, H, W, K], or null; their signs say what is inside
  bool perspective_correct, clip_barycentric_coords;
  double z_clip;
  bool with_dists;
  T* grad_verts;  // [V, 3]
  int64_t V, F, N, H, W, K;

  void run(const OnCpu& on) const;
  void run(const OnCuda& on) const;
};

}  // namespace bisque

namespace bisque::raster {

/// Whether the faces of a mesh are a range of all faces.
template <class P>
BISQUE_HOST_DEVICE inline BadValue check_face_range(const P& p, int64_t mesh) {
  const int64_t most = p.F < kRasterMaxFacesPerMesh ? p.F : kRasterMaxFacesPerMesh;
  const BadValue bad = check_index(p.num_faces_per_mesh, mesh, most + 1);
  return bad.array ? bad : check_index(p.mesh_to_face_first_idx, mesh, p.F - p.num_faces_per_mesh[mesh] + 1);
}

}  // namespace bisque::raster
