// The CUDA kernel of the gradient: a thread an entry, summed by atomics, whose order differs from run to run.
#include <bisque/ops3d/rasterize_meshes/rasterize_meshes_backward_math.h>
#include <bisque/core/ops/launch.cuh>

namespace bisque {
namespace raster {
namespace {

/// Fetches the corners of a face. Returns false where its number or a vertex's is out of range.
template <class T>
__device__ bool fetch_face(const RasterizeMeshesBackwardParams<T>& params, const Frame<T>& frame, int64_t face,
                           int64_t index[3], Vertex<T> corner[3]) {
  if (face < 0 || face >= params.num_faces) return false;
  for (int k = 0; k < 3; ++k) {
    index[k] = params.faces[3 * face + k];
    if (index[k] < 0 || index[k] >= params.num_verts) return false;
    corner[k] = place_vertex(frame, params.verts + 3 * index[k]);
  }
  return true;
}

template <class R, class T>
__device__ void add_entry(const RasterizeMeshesBackwardParams<T>& params, const Frame<T>& frame,
                          const Vertex<T>* const corners[3], const int64_t index[3], T pixel_x, T pixel_y,
                          int64_t entry) {
  R grad[9];
  if (!entry_gradient(params, frame, corners, pixel_x, pixel_y, entry, grad)) return;
  for (int i = 0; i < 9; ++i) {
    if (grad[i] != 0) atomicAdd(params.grad_verts + 3 * index[i / 3] + i % 3, static_cast<T>(grad[i]));
  }
}

template <class T>
__global__ void rasterize_backward(RasterizeMeshesBackwardParams<T> params, Frame<T> frame) {
  const int64_t pixels = params.num_meshes * params.height * params.width;
  for (int64_t entry = grid_first(); entry < pixels * params.faces_per_pixel; entry += grid_step()) {
    const int64_t pixel = entry / params.faces_per_pixel;
    int64_t index[3];
    Vertex<T> corner[3];
    if (!fetch_face(params, frame, params.pix_to_face[entry], index, corner)) continue;
    const Vertex<T>* const corners[3] = {&corner[0], &corner[1], &corner[2]};
    const T pixel_x = pixel % params.width - T(0.5) * (frame.width - 1);
    const T pixel_y = pixel / params.width % params.height - T(0.5) * (frame.height - 1);
    // Thin or cut faces need double, as in the forward pass; all others are served by T.
    if (FaceAtPixel<T>(corners, frame, pixel_x, pixel_y, false).hard) {
      add_entry<double>(params, frame, corners, index, pixel_x, pixel_y, entry);
    } else {
      add_entry<T>(params, frame, corners, index, pixel_x, pixel_y, entry);
    }
  }
}

}  // namespace
}  // namespace raster

template <class T>
void rasterize_meshes_backward_cuda_kernel(const RasterizeMeshesBackwardParams<T>& params, void* stream) {
  const auto cuda_stream = static_cast<cudaStream_t>(stream);
  cudaMemsetAsync(params.grad_verts, 0, static_cast<size_t>(3 * params.num_verts) * sizeof(T), cuda_stream);
  const int64_t entries = params.num_meshes * params.height * params.width * params.faces_per_pixel;
  if (entries == 0) return;
  const raster::Frame<T> frame(params.height, params.width, params.perspective_correct, params.z_clip,
                               params.clip_barycentric_coords);
  raster::rasterize_backward<<<blocks_for(entries), kThreads, 0, cuda_stream>>>(params, frame);
}

template void rasterize_meshes_backward_cuda_kernel(const RasterizeMeshesBackwardParams<float>&, void*);
template void rasterize_meshes_backward_cuda_kernel(const RasterizeMeshesBackwardParams<double>&, void*);

}  // namespace bisque
