// The bridge between the glue and the kernels of rasterize_meshes: no torch, no CUDA.
#pragma once
#include <cstdint>

namespace bisque {

inline constexpr int64_t kRasterMaxSide = 65536;                     // pixels; larger pictures leave the 32-bit grid
inline constexpr int64_t kRasterMaxFacesPerMesh = INT64_C(1) << 29;  // face numbers are kept in 32 bits

template <class T>
struct RasterizeMeshesParams {
  const T* verts;                         // [V, 3] x_ndc, y_ndc, z_view, packed
  const int64_t* faces;                   // [F, 3] indices into verts, packed
  const int64_t* mesh_to_face_first_idx;  // [N]
  const int64_t* num_faces_per_mesh;      // [N] each range lies within [0, F)
  int64_t num_verts, num_faces;
  int64_t num_meshes, height, width;  // height and width at most kRasterMaxSide
  bool perspective_correct, cull_backfaces;
  double z_clip;         // the near plane; negative: none
  int64_t* pix_to_face;  // [N, H, W, 1]
  T* zbuf;               // [N, H, W, 1]
  T* bary_coords;        // [N, H, W, 1, 3]
  T* dists;              // [N, H, W, 1], or null: not wanted
};

/// The nearest face of each pixel. Returns the first face that names a vertex outside [0, V), with the results left
/// unwritten, or -1.
template <class T>
int64_t rasterize_meshes_cpu_kernel(const RasterizeMeshesParams<T>& params);

}  // namespace bisque
