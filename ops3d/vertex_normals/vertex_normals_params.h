// The bridge between the glue and the kernels of vertex_normals: no torch, no CUDA.
#pragma once
#include <cstdint>

namespace bisque {

template <class T>
struct VertexNormalsParams {
  const T* verts;             // [N, V, 3]
  const int64_t* faces;       // [F, 3]
  const int64_t* vert_first;  // [V + 1]
  const int64_t* vert_faces;  // [3 F]
  T* face_normals;            // [N, F, 3] scratch: cross products, length twice the area
  T* normals;                 // [N, V, 3]
  int64_t num_meshes, num_verts, num_faces;
};

template <class T>
void vertex_normals_cpu_kernel(const VertexNormalsParams<T>& params);

/// `stream` is a cudaStream_t.
template <class T>
void vertex_normals_cuda_kernel(const VertexNormalsParams<T>& params, void* stream);

}  // namespace bisque
