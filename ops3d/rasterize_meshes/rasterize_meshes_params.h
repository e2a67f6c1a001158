// The bridge between the glue and the kernels of rasterize_meshes: no torch, no CUDA.
#pragma once
#include <cstdint>

#include <bisque/core/ops/host_device.h>

namespace bisque {

inline constexpr int64_t kRasterMaxSide = 65536;                     // pixels; larger pictures leave the 32-bit grid
inline constexpr int64_t kRasterMaxFacesPerMesh = INT64_C(1) << 29;  // face numbers are kept in 32 bits
inline constexpr int64_t kRasterMaxFacesPerPixel = 65536;            // lists of a tile are indexed by 32 bits

template <class T>
struct RasterizeMeshesParams {
  const T* verts;                         // [V, 3] x_ndc, y_ndc, z_view, packed
  const int64_t* faces;                   // [F, 3] indices into verts, packed
  const int64_t* mesh_to_face_first_idx;  // [N]
  const int64_t* num_faces_per_mesh;      // [N] each range lies within [0, F)
  int64_t num_verts, num_faces;
  int64_t num_meshes, height, width;  // height and width at most kRasterMaxSide
  int64_t faces_per_pixel;            // K, in [1, kRasterMaxFacesPerPixel]
  double blur_radius;                 // squared distance in NDC; finite, at least 0
  bool perspective_correct, clip_barycentric_coords, cull_backfaces;
  double z_clip;         // the near plane; negative: none
  int64_t* pix_to_face;  // [N, H, W, K]
  T* zbuf;               // [N, H, W, K]
  T* bary_coords;        // [N, H, W, K, 3]
  T* dists;              // [N, H, W, K], or null: not wanted
};

/// True where [first, first + count) is a range of faces that a mesh may have.
BISQUE_HOST_DEVICE inline bool names_faces(int64_t first, int64_t count, int64_t num_faces) {
  return first >= 0 && count >= 0 && count <= kRasterMaxFacesPerMesh && first <= num_faces - count;
}

/// The K nearest faces of each pixel. Returns the first face that names a vertex outside [0, V), with the results left
/// unwritten, or -1.
template <class T>
int64_t rasterize_meshes_cpu_kernel(const RasterizeMeshesParams<T>& params);

// --- CUDA -----------------------------------------------------------------------------------------------------------

inline constexpr int kRasterCudaTile = 16;  // pixels, both ways: a thread a pixel

/// Device memory that the CUDA kernels use.
template <class T>
struct RasterizeMeshesScratch {
  T* verts;          // [V, 4], placed
  int64_t* tiles;    // [N * tiles + 1], tiles of kRasterCudaTile: where the entries of each begin
  int64_t* status;   // [3], see RasterizeMeshesStatus
  int32_t* entries;  // faces (within the mesh) of each tile, in no order
};

/// What the device found; -1: none.
struct RasterizeMeshesStatus {
  int error;                     // a cudaError_t
  int64_t entries;               // how many
  int64_t bad_mesh;              // the first whose range of faces lies outside [0, F)
  int64_t bad_first, bad_count;  // that range
  int64_t bad_face;              // the first that names a vertex outside [0, V)
};

/// Places vertices and counts the faces of each tile; waits for the device. `stream` is a cudaStream_t.
template <class T>
RasterizeMeshesStatus rasterize_meshes_cuda_count(const RasterizeMeshesParams<T>& params,
                                                  const RasterizeMeshesScratch<T>& scratch, void* stream);

/// Lists the faces of each tile.
template <class T>
void rasterize_meshes_cuda_fill(const RasterizeMeshesParams<T>& params, const RasterizeMeshesScratch<T>& scratch,
                                void* stream);

/// Writes the results.
template <class T>
void rasterize_meshes_cuda_draw(const RasterizeMeshesParams<T>& params, const RasterizeMeshesScratch<T>& scratch,
                                void* stream);

}  // namespace bisque
