// The bridge between the glue and the kernels of the gradient of blendshapes: no torch, no CUDA.
#pragma once
#include <cstdint>

namespace bisque {

/// A gradient that nobody wants is null.
template <class T>
struct BlendshapesBackwardParams {
  const T* grad_verts;         // [N, V, 3]
  const T* coefficients;       // [N, S]
  const T* deltas;             // [D, 3]
  const int32_t* delta_shape;  // [D]
  const int64_t* vert_first;   // [V + 1]
  T* grad_coefficients;        // [N, S]
  T* grad_neutral;             // [V, 3]
  T* grad_deltas;              // [D, 3], zeros at first
  int64_t num_frames, num_shapes, num_verts, num_deltas;
};

template <class T>
void blendshapes_backward_cpu_kernel(const BlendshapesBackwardParams<T>& params);

/// The coefficients' gradient is summed within chunks of so many vertices, then over the chunks.
constexpr int64_t kBlendshapesCudaChunk = 256;
inline int64_t blendshapes_cuda_chunks(int64_t num_verts) {
  return (num_verts + kBlendshapesCudaChunk - 1) / kBlendshapesCudaChunk;
}

/// `sums` is scratch of [chunks, N, S]; `stream` is a cudaStream_t.
template <class T>
void blendshapes_backward_cuda_kernel(const BlendshapesBackwardParams<T>& params, T* sums, void* stream);

}  // namespace bisque
