// The CUDA kernel of the gradient: a thread an entry, in two passes over the entries. The first finds the largest term
// of each sum, the second adds the terms by atomics in fixed point, whose unit follows from that: integers have one sum
// in any order, so that the result is the same in each run.
#include <bisque/ops3d/rasterize_meshes/rasterize_meshes_backward_math.h>
#include <bisque/core/ops/each.cuh>

#include <type_traits>

namespace bisque {
namespace raster {
namespace {

using FixedPoint = unsigned long long;  // what atomics take; a sum is read as int64

/// The bits of numbers that are not negative rise with them; infinity and then NaN come last.
template <class T>
using Bits = std::conditional_t<sizeof(T) == 4, uint32_t, unsigned long long>;
__device__ uint32_t bits_of(float x) { return __float_as_uint(x); }
__device__ unsigned long long bits_of(double x) { return static_cast<unsigned long long>(__double_as_longlong(x)); }

template <class T>
__device__ bool is_finite(T x) {
  return x - x == 0;
}

/// Where terms are added up.
template <class T>
struct Sums {
  RasterizeMeshesBackward<T> params;
  int bits;  // of a term: as many as cannot overflow

  /// The exponent of a sum's unit, a power of two.
  __device__ int unit(int64_t i) const {
    int exponent;
    frexp(static_cast<double>(params.largest[i]), &exponent);  // below 2^exponent
    return exponent - bits;
  }
  __device__ void find_largest(int64_t i, T term) const {
    atomicMax(reinterpret_cast<Bits<T>*>(params.largest) + i, bits_of(term < 0 ? -term : term));
  }
  /// NaN and infinity are the same in any order, so they are added as they are.
  __device__ void add(int64_t i, T term) const {
    if (is_finite(params.largest[i])) {
      const auto units = static_cast<long long>(nearbyint(ldexp(static_cast<double>(term), -unit(i))));
      atomicAdd(reinterpret_cast<FixedPoint*>(params.sums) + i, static_cast<FixedPoint>(units));
    } else if (!is_finite(term)) {
      atomicAdd(params.grad_verts + i, term);
    }
  }
  __device__ void finish(int64_t i) const {
    if (!is_finite(params.largest[i])) return;
    params.grad_verts[i] = static_cast<T>(ldexp(static_cast<double>(params.sums[i]), unit(i)));
  }
};

enum class Pass { kFindLargest, kAdd };

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
    const T term = static_cast<T>(grad[i]);
    if (term == 0) continue;
    const int64_t at = 3 * index[i / 3] + i % 3;
    pass == Pass::kAdd ? sums.add(at, term) : sums.find_largest(at, term);
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

template <class T>
__global__ void rasterize_finish_sums(Sums<T> sums) {
  for (int64_t i = grid_first(); i < 3 * sums.params.V; i += grid_step()) sums.finish(i);
}

/// The bits of a term such that the sum of `terms` of them fits 63 bits.
int bits_of_term(int64_t terms) {
  int bits = 62;
  for (; terms > 0; terms /= 2) --bits;
  return bits;
}

}  // namespace
}  // namespace raster

template <class T>
void RasterizeMeshesBackward<T>::run(const OnCuda& on) const {
  using namespace raster;
  const auto stream = static_cast<cudaStream_t>(on.stream);
  fill_zero(on, grad_verts, 3 * V);
  const int64_t entries = N * H * W * K;
  if (entries == 0 || V == 0) return;
  fill_zero(on, largest, 3 * V);
  fill_zero(on, sums, 3 * V);
  const Viewport<T> viewport(H, W, perspective_correct, z_clip, clip_barycentric_coords);
  const Sums<T> add{*this, bits_of_term(3 * entries)};  // a face may have a vertex three times
  for (const Pass pass : {Pass::kFindLargest, Pass::kAdd}) {
    rasterize_backward<<<blocks_for(entries), kThreads, 0, stream>>>(add, pass, viewport, on.reports);
  }
  rasterize_finish_sums<<<blocks_for(3 * V), kThreads, 0, stream>>>(add);
}

}  // namespace bisque

BISQUE_ON_CUDA(bisque::RasterizeMeshesBackward)
