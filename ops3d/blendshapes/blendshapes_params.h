// The bridge between the glue and the kernels of blendshapes: no torch, no CUDA.
#pragma once
#include <cstdint>

namespace bisque {

template <class T>
struct BlendshapesParams {
  const T* coefficients;       // [N, S]
  const T* neutral;            // [V, 3]
  const T* deltas;             // [D, 3]
  const int32_t* delta_shape;  // [D]
  const int64_t* vert_first;   // [V + 1]
  T* verts;                    // [N, V, 3]
  int64_t num_frames, num_shapes, num_verts, num_deltas;
};

template <class T>
void blendshapes_cpu_kernel(const BlendshapesParams<T>& params);

/// `stream` is a cudaStream_t.
template <class T>
void blendshapes_cuda_kernel(const BlendshapesParams<T>& params, void* stream);

}  // namespace bisque
