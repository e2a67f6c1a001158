// The CUDA kernel of the gradient: a thread an entry, in two passes over the entries, so that sums in fixed point do
// not depend on the order of the threads.
#include <bisque/ops3d/rasterize_meshes/rasterize_meshes_backward_math.h>
#include <bisque/core/ops/each.cuh>
#include <bisque/core/ops/fixed_point_sum.cuh>

namespace bisque {
namespace raster {
namespace {

enum class Pass { kFindLargest, kAdd };

/// Where terms are added up.
template <class T>
struct Sums {
  RasterizeMeshesBackward<T> params;
  int bits;

  __host__ __device__ FixedPointSum* sums() const { return reinterpret_cast<FixedPointSum*>(params.sums); }
  __device__ void take(Pass pass, int64_t i, T term) const {
    if (pass == Pass::kFindLargest) return note_addend(params.largest + i, term);
    add_in_fixed_point(sums() + i, term, params.largest[i], bits);
  }
};

/// Fetches the corners of the face of an entry. Returns an index that is out of range.
template <class T>
__device__ BadValue fetch_face(const RasterizeMeshesBackward<T>& params, const Viewport<T>& viewport, int64_t mesh,
                               int64_t entry, int64_t index[3], Vertex<T> corner[3]) {
  BadValue bad = check_index(params.pix_to_face, entry, params.F, -1);
  if (!bad.array) bad = check_vert_offset(params, mesh);
  if (bad.array) return bad;
  const int64_t offset = vert_offset(params, mesh);
  for (int k = 0; k < 3; ++k) {
    const int64_t at = 3 * params.pix_to_face[entry] + k;
    bad = check_corner(params, at, offset);
    if (bad.array) return bad;
    index[k] = offset + params.faces[at];
    corner[k] = place_vertex(viewport, params.verts + 3 * index[k]);
  }
  return {};
}

template <class R, class T>
__device__ void add_entry(const Sums<T>& sums, Pass pass, const Viewport<T>& viewport,
                          const Vertex<T>* const corners[3], const int64_t index[3], T pixel_x, T pixel_y,
                          int64_t entry) {
  R grad[9];
  if (!entry_gradient(sums.params, viewport, corners, pixel_x, pixel_y, entry, grad)) return;
  for (int i = 0; i < 9; ++i) {
    sums.take(pass, 3 * index[i / 3] + i % 3, static_cast<T>(grad[i]));
  }
}

template <class T>
__global__ void rasterize_backward(Sums<T> sums, Pass pass, Viewport<T> viewport, BadValue* reports) {
  const RasterizeMeshesBackward<T>& params = sums.params;
  const int64_t pixels = params.N * params.H * params.W;
  for (int64_t entry = grid_first(); entry < pixels * params.K; entry += grid_step()) {
    const int64_t pixel = entry / params.K;
    int64_t index[3];
    Vertex<T> corner[3];
    if (params.pix_to_face[entry] == -1) continue;
    const int64_t mesh = pixel / (params.H * params.W);
    if (const BadValue bad = fetch_face(params, viewport, mesh, entry, index, corner); bad.array) {
      report(reports, bad);
      continue;
    }
    const Vertex<T>* const corners[3] = {&corner[0], &corner[1], &corner[2]};
    const T pixel_x = pixel % params.W - T(0.5) * (viewport.width - 1);
    const T pixel_y = pixel / params.W % params.H - T(0.5) * (viewport.height - 1);
    // Thin or cut faces need double, as in the forward pass; all others are served by T.
    if (FaceAtPixel<T>(corners, viewport, pixel_x, pixel_y, false).needs_double) {
      add_entry<double>(sums, pass, viewport, corners, index, pixel_x, pixel_y, entry);
    } else {
      add_entry<T>(sums, pass, viewport, corners, index, pixel_x, pixel_y, entry);
    }
  }
}

}  // namespace
}  // namespace raster

template <class T>
void RasterizeMeshesBackward<T>::run(const OnCuda& on) const {
  using namespace raster;
  const auto stream = static_cast<cudaStream_t>(on.stream);
  const int64_t entries = N * H * W * K;
  if (V == 0) return;
  if (entries == 0) return fill_zero(on, grad_verts, 3 * V);
  fill_zero(on, largest, 3 * V);
  fill_zero(on, sums, 6 * V);
  const Viewport<T> viewport(H, W, perspective_correct, z_clip, clip_barycentric_coords);
  const Sums<T> add{*this, fixed_point_bits(3 * entries)};  // a face may have a vertex three times
  for (const Pass pass : {Pass::kFindLargest, Pass::kAdd}) {
    rasterize_backward<<<blocks_for(entries), kThreads, 0, stream>>>(add, pass, viewport, on.reports);
  }
  finish_fixed_point_sums(on, add.sums(), largest, grad_verts, 3 * V, add.bits);
}

}  // namespace bisque

BISQUE_ON_CUDA(bisque::RasterizeMeshesBackward)
