// The CUDA kernel of the gradient: a thread an entry. Sums are in fixed point, so that they do not depend on the order
// of the threads.
#include <bisque/ops3d/rasterize_points/rasterize_points_kernels.h>
#include <bisque/core/ops/each.cuh>
#include <bisque/core/ops/fixed_point_sum.cuh>

namespace bisque {
namespace point_raster {
namespace {

/// Calls use(sum, addend) for the three addends of each entry that has a point.
template <class T, class Use>
__device__ void for_each_addend(const RasterizePointsBackward<T>& params, const Viewport<T>& viewport,
                                BadValue* reports, const Use& use) {
  const int64_t entries = params.N * params.H * params.W * params.K;
  for (int64_t entry = grid_first(); entry < entries; entry += grid_step()) {
    const int64_t point = params.idx[entry];
    if (point == -1) continue;
    if (const BadValue bad = check_index(params.idx, entry, params.P, -1); bad.array) {
      report(reports, bad);
      continue;
    }
    const int64_t pixel = entry / params.K;
    const T x = viewport.x(static_cast<int32_t>(pixel % params.W));
    const T y = viewport.y(static_cast<int32_t>(pixel / params.W % params.H));
    T grad[3];
    entry_gradient(params, x, y, entry, grad);
    for (int axis = 0; axis < 3; ++axis) use(3 * point + axis, grad[axis]);
  }
}

template <class T>
__global__ void rasterize_points_largest(RasterizePointsBackward<T> params, Viewport<T> viewport, BadValue* reports) {
  for_each_addend(params, viewport, reports, [&](int64_t sum, T addend) { note_addend(params.largest + sum, addend); });
}

template <class T>
__global__ void rasterize_points_sum(RasterizePointsBackward<T> params, Viewport<T> viewport, FixedPointSum* sums,
                                     int bits) {
  for_each_addend(params, viewport, nullptr,
                  [&](int64_t sum, T addend) { add_in_fixed_point(sums + sum, addend, params.largest[sum], bits); });
}

}  // namespace
}  // namespace point_raster

template <class T>
void RasterizePointsBackward<T>::run(const OnCuda& on) const {
  using namespace point_raster;
  const int64_t entries = N * H * W * K;
  if (P == 0) return;
  if (entries == 0) return fill_zero(on, grad_points, 3 * P);
  const auto stream = static_cast<cudaStream_t>(on.stream);
  const Viewport<T> viewport(H, W);
  auto* const fixed_sums = reinterpret_cast<FixedPointSum*>(sums);
  const int bits = fixed_point_bits(entries);
  fill_zero(on, largest, 3 * P);
  fill_zero(on, sums, 6 * P);
  rasterize_points_largest<<<blocks_for(entries), kThreads, 0, stream>>>(*this, viewport, on.reports);
  rasterize_points_sum<<<blocks_for(entries), kThreads, 0, stream>>>(*this, viewport, fixed_sums, bits);
  finish_fixed_point_sums(on, fixed_sums, largest, grad_points, 3 * P, bits);
}

}  // namespace bisque

BISQUE_ON_CUDA(bisque::RasterizePointsBackward)
