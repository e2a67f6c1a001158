// The bridge between the glue and the kernels of the gradient of vertex_normals: no torch, no CUDA.
#pragma once
#include <bisque/ops3d/vertex_normals/vertex_normals_params.h>

namespace bisque {

template <class T>
struct VertexNormalsBackwardParams {
  VertexNormalsParams<T> forward;  // the forward op's, with normals null
  const T* grad_normals;           // [N, V, 3]
  T* grad_sums;                    // [N, V, 3] scratch: the gradients by the sums before they are normalised
  T* grad_verts;                   // [N, V, 3]
};

template <class T>
void vertex_normals_backward_cpu_kernel(const VertexNormalsBackwardParams<T>& params);

/// `stream` is a cudaStream_t.
template <class T>
void vertex_normals_backward_cuda_kernel(const VertexNormalsBackwardParams<T>& params, void* stream);

}  // namespace bisque
