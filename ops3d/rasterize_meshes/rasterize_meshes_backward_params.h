// The bridge between the glue and the kernels of rasterize_meshes' gradient: no torch, no CUDA.
#pragma once
#include <cstdint>

namespace bisque {

template <class T>
struct RasterizeMeshesBackwardParams {
  const T* grad_zbuf;          // [N, H, W, K]
  const T* grad_bary_coords;   // [N, H, W, K, 3]
  const T* grad_dists;         // [N, H, W, K], or null
  const T* verts;              // [V, 3]
  const int64_t* faces;        // [F, 3]
  const int64_t* pix_to_face;  // [N, H, W, K]; not trusted
  const T* dists;              // [N, H, W, K], or null; their signs say what is inside
  int64_t num_verts, num_faces;
  int64_t num_meshes, height, width, faces_per_pixel;
  bool perspective_correct, clip_barycentric_coords;
  double z_clip;
  T* grad_verts;  // [V, 3]
};

/// What a kernel could not use, or -1: an entry of pix_to_face that names no face, a face that names no vertex.
struct RasterizeMeshesBackwardErrors {
  int64_t entry = -1, face = -1;
};

/// Where there are errors, grad_verts is left unwritten.
template <class T>
RasterizeMeshesBackwardErrors rasterize_meshes_backward_cpu_kernel(const RasterizeMeshesBackwardParams<T>& params);

/// Entries that name no face and faces that name no vertex are skipped. `stream` is a cudaStream_t.
template <class T>
void rasterize_meshes_backward_cuda_kernel(const RasterizeMeshesBackwardParams<T>& params, void* stream);

}  // namespace bisque
