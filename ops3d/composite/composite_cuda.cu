// The gradient of features is summed in fixed point, so that it does not depend on the order of the threads.
#include <bisque/ops3d/composite/composite_kernels.h>
#include <bisque/core/ops/each.cuh>
#include <bisque/core/ops/fixed_point_sum.cuh>

namespace bisque {
namespace {

template <class P>
__global__ void composite_largest(P params, BadValue* reports) {
  for (int64_t i = grid_first(); i < params.N * params.H * params.W * params.C; i += grid_step()) {
    const CompositePixel<P> pixel(params, i / params.C);
    for_each_feature_addend(pixel, i % params.C,
                            [&](int64_t sum, auto addend) { note_addend(params.largest + sum, addend); });
    report(reports, check_points(pixel));
  }
}

template <class P>
__global__ void composite_sum(P params, FixedPointSum* sums, int bits) {
  for (int64_t i = grid_first(); i < params.N * params.H * params.W * params.C; i += grid_step()) {
    for_each_feature_addend(CompositePixel<P>(params, i / params.C), i % params.C, [&](int64_t sum, auto addend) {
      add_in_fixed_point(sums + sum, addend, params.largest[sum], bits);
    });
  }
}

}  // namespace

template <class P>
void add_feature_gradients(const OnCuda& on, const P& p) {
  const auto stream = static_cast<cudaStream_t>(on.stream);
  const int64_t pixels = p.N * p.H * p.W, num_sums = p.C * p.P;
  if (num_sums == 0) return;
  if (pixels * p.K == 0) return fill_zero(on, p.grad_features, num_sums);
  auto* const sums = reinterpret_cast<FixedPointSum*>(p.sums);
  const int bits = fixed_point_bits(pixels * p.K);
  fill_zero(on, p.largest, num_sums);
  fill_zero(on, p.sums, 2 * num_sums);
  composite_largest<<<blocks_for(pixels * p.C), kThreads, 0, stream>>>(p, on.reports);
  composite_sum<<<blocks_for(pixels * p.C), kThreads, 0, stream>>>(p, sums, bits);
  finish_fixed_point_sums(on, sums, p.largest, p.grad_features, num_sums, bits);
}

}  // namespace bisque

BISQUE_ON_CUDA(bisque::Composite)
BISQUE_ON_CUDA(bisque::CompositeBackward)
