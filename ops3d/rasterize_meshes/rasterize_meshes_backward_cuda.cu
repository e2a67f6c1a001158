// The CUDA kernel of the gradient: a thread an entry, summed by atomics, whose order differs from run to run.
#include <bisque/ops3d/rasterize_meshes/rasterize_meshes_backward_math.h>
#include <bisque/core/ops/each.cuh>

namespace bisque {
namespace raster {
namespace {

/// Fetches the corners of the face of an entry. Returns an index that is out of range.
template <class T>
__device__ BadValue fetch_face(const RasterizeMeshesBackward<T>& params, const Viewport<T>& viewport, int64_t entry,
                               int64_t index[3], Vertex<T> corner[3]) {
  BadValue bad = check_index(params.pix_to_face, entry, params.F, -1);
  if (bad.array) return bad;
  for (int k = 0; k < 3; ++k) {
    const int64_t at = 3 * params.pix_to_face[entry] + k;
    bad = check_index(params.faces, at, params.V);
    if (bad.array) return bad;
    index[k] = params.faces[at];
    corner[k] = place_vertex(viewport, params.verts + 3 * index[k]);
  }
  return {};
}

template <class R, class T>
__device__ void add_entry(const RasterizeMeshesBackward<T>& params, const Viewport<T>& viewport,
                          const Vertex<T>* const corners[3], const int64_t index[3], T pixel_x, T pixel_y,
                          int64_t entry) {
  R grad[9];
  if (!entry_gradient(params, viewport, corners, pixel_x, pixel_y, entry, grad)) return;
  for (int i = 0; i < 9; ++i) {
    if (grad[i] != 0) atomicAdd(params.grad_verts + 3 * index[i / 3] + i % 3, static_cast<T>(grad[i]));
  }
}

template <class T>
__global__ void rasterize_backward(RasterizeMeshesBackward<T> params, Viewport<T> viewport, BadValue* reports) {
  const int64_t pixels = params.N * params.H * params.W;
  for (int64_t entry = grid_first(); entry < pixels * params.K; entry += grid_step()) {
    const int64_t pixel = entry / params.K;
    int64_t index[3];
    Vertex<T> corner[3];
    if (params.pix_to_face[entry] == -1) continue;
    if (const BadValue bad = fetch_face(params, viewport, entry, index, corner); bad.array) {
      report(reports, bad);
      continue;
    }
    const Vertex<T>* const corners[3] = {&corner[0], &corner[1], &corner[2]};
    const T pixel_x = pixel % params.W - T(0.5) * (viewport.width - 1);
    const T pixel_y = pixel / params.W % params.H - T(0.5) * (viewport.height - 1);
    // Thin or cut faces need double, as in the forward pass; all others are served by T.
    if (FaceAtPixel<T>(corners, viewport, pixel_x, pixel_y, false).needs_double) {
      add_entry<double>(params, viewport, corners, index, pixel_x, pixel_y, entry);
    } else {
      add_entry<T>(params, viewport, corners, index, pixel_x, pixel_y, entry);
    }
  }
}

}  // namespace
}  // namespace raster

template <class T>
void RasterizeMeshesBackward<T>::run(const OnCuda& on) const {
  const auto stream = static_cast<cudaStream_t>(on.stream);
  fill_zero(on, grad_verts, 3 * V);
  const int64_t entries = N * H * W * K;
  if (entries == 0) return;
  const raster::Viewport<T> viewport(H, W, perspective_correct, z_clip, clip_barycentric_coords);
  raster::rasterize_backward<<<blocks_for(entries), kThreads, 0, stream>>>(*this, viewport, on.reports);
}

}  // namespace bisque

BISQUE_ON_CUDA(bisque::RasterizeMeshesBackward)
