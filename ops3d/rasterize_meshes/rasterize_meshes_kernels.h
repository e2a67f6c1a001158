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
  const int64_t* mesh_to_vert_offset;  // [N], or null
  int64_t* pix_to_face;                // [N, height, width, faces_per_pixel]
  T* zbuf;                             // [N, height, width, faces_per_pixel]
  T* bary_coords;                      // [N, height, width, faces_per_pixel, 3]
  T* dists;                            // [N, height, width, faces_per_pixel], or null
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
  const int64_t* mesh_to_vert_offset;  // [N], or null
  T* grad_verts;                       // [V, 3]
  // Scratch of CUDA:
  T* largest;     // [V, 3] the largest term of each sum, without its sign
  int64_t* sums;  // [V, 3, 2] in fixed point
  int64_t V, F, N, H, W, K;

  void run(const OnCpu& on) const;
  void run(const OnCuda& on) const;
};

}  // namespace bisque

namespace bisque::raster {

/// What is added to the vertex indices of a mesh's faces.
template <class P>
BISQUE_HOST_DEVICE inline int64_t vert_offset(const P& p, int64_t mesh) {
  return p.mesh_to_vert_offset == nullptr ? 0 : p.mesh_to_vert_offset[mesh];
}

template <class P>
BISQUE_HOST_DEVICE inline BadValue check_vert_offset(const P& p, int64_t mesh) {
  return p.mesh_to_vert_offset == nullptr ? BadValue{} : check_index(p.mesh_to_vert_offset, mesh, p.V + 1);
}

/// A vertex index of a mesh's face; `position` is its place in `faces`. The offset is that of the mesh.
template <class P>
BISQUE_HOST_DEVICE inline BadValue check_corner(const P& p, int64_t position, int64_t offset) {
  return check_index(p.faces, position, p.V - offset);
}

/// Whether the faces of a mesh are a range of all faces, and its offset one of the vertices.
template <class P>
BISQUE_HOST_DEVICE inline BadValue check_mesh(const P& p, int64_t mesh) {
  const int64_t most = p.F < kRasterMaxFacesPerMesh ? p.F : kRasterMaxFacesPerMesh;
  BadValue bad = check_index(p.num_faces_per_mesh, mesh, most + 1);
  if (!bad.array) bad = check_index(p.mesh_to_face_first_idx, mesh, p.F - p.num_faces_per_mesh[mesh] + 1);
  return bad.array ? bad : check_vert_offset(p, mesh);
}

}  // namespace bisque::raster
