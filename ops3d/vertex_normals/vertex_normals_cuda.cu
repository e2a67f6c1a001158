#include <bisque/ops3d/vertex_normals/vertex_normals_math.h>
#include <bisque/core/ops/launch.cuh>

namespace bisque {
namespace {

template <class T>
__global__ void vertex_normals_faces(VertexNormalsParams<T> params) {
  const int64_t items = params.num_meshes * params.num_faces;
  for (int64_t i = grid_first(); i < items; i += grid_step())
    face_cross(params, i / params.num_faces, i % params.num_faces);
}

template <class T>
__global__ void vertex_normals_verts(VertexNormalsParams<T> params) {
  const int64_t items = params.num_meshes * params.num_verts;
  for (int64_t i = grid_first(); i < items; i += grid_step())
    vertex_normal(params, i / params.num_verts, i % params.num_verts);
}

}  // namespace

template <class T>
void vertex_normals_cuda_kernel(const VertexNormalsParams<T>& params, void* stream) {
  const auto cuda_stream = static_cast<cudaStream_t>(stream);
  const int64_t faces = params.num_meshes * params.num_faces, verts = params.num_meshes * params.num_verts;
  if (faces > 0) vertex_normals_faces<<<blocks_for(faces), kThreads, 0, cuda_stream>>>(params);
  if (verts > 0) vertex_normals_verts<<<blocks_for(verts), kThreads, 0, cuda_stream>>>(params);
}

template void vertex_normals_cuda_kernel(const VertexNormalsParams<float>&, void*);
template void vertex_normals_cuda_kernel(const VertexNormalsParams<double>&, void*);

}  // namespace bisque
