#include <bisque/ops3d/blendshapes/blendshapes_kernels.h>
#include <bisque/core/ops/each.cuh>

namespace bisque {
namespace {

/// The coefficients' gradient is summed within chunks of so many vertices, then over the chunks. (The shape of the
/// scratch has it too.)
constexpr int64_t kChunk = 256;

// The vertex in [first, last) that a row belongs to.
__device__ int64_t vertex_of(const int64_t* vert_offsets, int64_t first, int64_t last, int64_t row) {
  while (last - first > 1) {
    const int64_t middle = first + (last - first) / 2;
    if (vert_offsets[middle] <= row) {
      first = middle;
    } else {
      last = middle;
    }
  }
  return first;
}

// A block takes a chunk of vertices and a frame. It lays kThreads rows at a time into shared memory as (shape, delta .
// gradient), then each thread adds up those of its shape, in order: no atomics.
template <class T>
__global__ void blendshapes_grad_coefficients(BlendshapesBackward<T> p) {
  __shared__ T products[kThreads];
  __shared__ int32_t shapes[kThreads];
  const int64_t first_vert = blockIdx.x * kChunk;
  const int64_t end_vert = first_vert + kChunk;
  const int64_t last_vert = end_vert < p.V ? end_vert : p.V;
  const RowRange rows = rows_of(p, first_vert, last_vert);
  for (int64_t frame = blockIdx.y; frame < p.N; frame += gridDim.y) {
    for (int64_t first_shape = 0; first_shape < p.S; first_shape += kThreads) {
      const int64_t own_shape = first_shape + threadIdx.x;
      T sum = 0;
      for (int64_t begin = rows.first; begin < rows.last; begin += kThreads) {
        const int64_t row = begin + threadIdx.x;
        shapes[threadIdx.x] = -1;
        if (row < rows.last) {
          const int64_t vert = vertex_of(p.vert_offsets, first_vert, last_vert, row);
          const T* grad = p.grad_verts + 3 * (frame * p.V + vert);
          const T* delta = p.deltas + 3 * row;
          products[threadIdx.x] = delta[0] * grad[0] + delta[1] * grad[1] + delta[2] * grad[2];
          shapes[threadIdx.x] = p.delta_shape[row];
        }
        __syncthreads();
        for (int i = 0; i < kThreads; ++i) {
          if (shapes[i] == own_shape) sum += products[i];
        }
        __syncthreads();
      }
      if (own_shape < p.S) p.sums[(blockIdx.x * p.N + frame) * p.S + own_shape] = sum;
    }
  }
}

template <class T>
__global__ void blendshapes_sum_chunks(BlendshapesBackward<T> p, int64_t chunks) {
  const int64_t items = p.N * p.S;
  for (int64_t i = grid_first(); i < items; i += grid_step()) {
    double sum = 0;
    for (int64_t chunk = 0; chunk < chunks; ++chunk) sum += p.sums[chunk * items + i];
    p.grad_coefficients[i] = static_cast<T>(sum);
  }
}

template <class T>
__global__ void blendshapes_grad_neutral(BlendshapesBackward<T> p) {
  const int64_t items = 3 * p.V;
  for (int64_t i = grid_first(); i < items; i += grid_step()) {
    T sum = 0;
    for (int64_t frame = 0; frame < p.N; ++frame) sum += p.grad_verts[frame * items + i];
    p.grad_neutral[i] = sum;
  }
}

template <class T>
__global__ void blendshapes_grad_deltas(BlendshapesBackward<T> p) {
  for (int64_t vert = grid_first(); vert < p.V; vert += grid_step()) grad_delta_rows(p, vert);
}

}  // namespace

template <class T>
void Blendshapes<T>::run(const OnCuda& on) const {
  each<blend_vertex<T>>(on, *this, N, V);
}

template <class T>
void BlendshapesBackward<T>::run(const OnCuda& on) const {
  const auto& p = *this;
  const auto stream = static_cast<cudaStream_t>(on.stream);
  const int64_t coefficients = p.N * p.S, chunks = (p.V + kChunk - 1) / kChunk;
  if (p.grad_coefficients && coefficients > 0) {
    if (chunks > 0) {
      const dim3 grid(static_cast<unsigned>(chunks), static_cast<unsigned>(p.N < 65535 ? p.N : 65535));
      blendshapes_grad_coefficients<<<grid, kThreads, 0, stream>>>(p);
    }
    blendshapes_sum_chunks<<<blocks_for(coefficients), kThreads, 0, stream>>>(p, chunks);
  }
  if (p.grad_deltas) fill_zero(on, p.grad_deltas, 3 * p.D);
  if (p.V == 0) return;
  if (p.grad_neutral) blendshapes_grad_neutral<<<blocks_for(3 * p.V), kThreads, 0, stream>>>(p);
  if (p.grad_deltas) blendshapes_grad_deltas<<<blocks_for(p.V), kThreads, 0, stream>>>(p);
}

}  // namespace bisque

BISQUE_ON_CUDA(bisque::Blendshapes)
BISQUE_ON_CUDA(bisque::BlendshapesBackward)
