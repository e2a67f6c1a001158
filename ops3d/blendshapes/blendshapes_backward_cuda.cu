#include <bisque/ops3d/blendshapes/blendshapes_backward_math.h>
#include <bisque/core/ops/launch.cuh>

namespace bisque {
namespace {

// The vertex in [first, last) that a row belongs to.
__device__ int64_t vertex_of(const int64_t* vert_first, int64_t first, int64_t last, int64_t row) {
  while (last - first > 1) {
    const int64_t middle = first + (last - first) / 2;
    if (vert_first[middle] <= row) {
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
__global__ void blendshapes_grad_coefficients(BlendshapesBackwardParams<T> p, T* sums) {
  __shared__ T products[kThreads];
  __shared__ int32_t shapes[kThreads];
  const int64_t first_vert = blockIdx.x * kBlendshapesCudaChunk;
  const int64_t end_vert = first_vert + kBlendshapesCudaChunk;
  const int64_t last_vert = end_vert < p.num_verts ? end_vert : p.num_verts;
  const RowRange rows = rows_of(p, first_vert, last_vert);
  for (int64_t frame = blockIdx.y; frame < p.num_frames; frame += gridDim.y) {
    for (int64_t first_shape = 0; first_shape < p.num_shapes; first_shape += kThreads) {
      const int64_t own_shape = first_shape + threadIdx.x;
      T sum = 0;
      for (int64_t begin = rows.first; begin < rows.last; begin += kThreads) {
        const int64_t row = begin + threadIdx.x;
        shapes[threadIdx.x] = -1;
        if (row < rows.last) {
          const int64_t vert = vertex_of(p.vert_first, first_vert, last_vert, row);
          const T* grad = p.grad_verts + 3 * (frame * p.num_verts + vert);
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
      if (own_shape < p.num_shapes) sums[(blockIdx.x * p.num_frames + frame) * p.num_shapes + own_shape] = sum;
    }
  }
}

template <class T>
__global__ void blendshapes_sum_chunks(BlendshapesBackwardParams<T> p, const T* sums, int64_t chunks) {
  const int64_t items = p.num_frames * p.num_shapes;
  for (int64_t i = grid_first(); i < items; i += grid_step()) {
    double sum = 0;
    for (int64_t chunk = 0; chunk < chunks; ++chunk) sum += sums[chunk * items + i];
    p.grad_coefficients[i] = static_cast<T>(sum);
  }
}

template <class T>
__global__ void blendshapes_grad_neutral(BlendshapesBackwardParams<T> p) {
  const int64_t items = 3 * p.num_verts;
  for (int64_t i = grid_first(); i < items; i += grid_step()) {
    T sum = 0;
    for (int64_t frame = 0; frame < p.num_frames; ++frame) sum += p.grad_verts[frame * items + i];
    p.grad_neutral[i] = sum;
  }
}

template <class T>
__global__ void blendshapes_grad_deltas(BlendshapesBackwardParams<T> p) {
  for (int64_t vert = grid_first(); vert < p.num_verts; vert += grid_step()) grad_delta_rows(p, vert);
}

}  // namespace

template <class T>
void blendshapes_backward_cuda_kernel(const BlendshapesBackwardParams<T>& p, T* sums, void* stream) {
  const auto cuda_stream = static_cast<cudaStream_t>(stream);
  const int64_t coefficients = p.num_frames * p.num_shapes, chunks = blendshapes_cuda_chunks(p.num_verts);
  if (p.grad_coefficients && coefficients > 0) {
    if (chunks > 0) {
      const dim3 grid(static_cast<unsigned>(chunks),
                      static_cast<unsigned>(p.num_frames < 65535 ? p.num_frames : 65535));
      blendshapes_grad_coefficients<<<grid, kThreads, 0, cuda_stream>>>(p, sums);
    }
    blendshapes_sum_chunks<<<blocks_for(coefficients), kThreads, 0, cuda_stream>>>(p, sums, chunks);
  }
  if (p.num_verts == 0) return;
  if (p.grad_neutral) blendshapes_grad_neutral<<<blocks_for(3 * p.num_verts), kThreads, 0, cuda_stream>>>(p);
  if (p.grad_deltas) blendshapes_grad_deltas<<<blocks_for(p.num_verts), kThreads, 0, cuda_stream>>>(p);
}

template void blendshapes_backward_cuda_kernel(const BlendshapesBackwardParams<float>&, float*, void*);
template void blendshapes_backward_cuda_kernel(const BlendshapesBackwardParams<double>&, double*, void*);

}  // namespace bisque
