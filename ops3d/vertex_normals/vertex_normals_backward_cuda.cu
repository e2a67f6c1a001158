#include <bisque/ops3d/vertex_normals/vertex_normals_backward_math.h>
#include <bisque/core/ops/launch.cuh>

namespace bisque {
namespace {

template <class T>
__global__ void vertex_normals_backward_crosses(VertexNormalsParams<T> p) {
  const int64_t items = p.num_meshes * p.num_faces;
  for (int64_t i = grid_first(); i < items; i += grid_step()) face_cross(p, i / p.num_faces, i % p.num_faces);
}

template <class T>
__global__ void vertex_normals_backward_sums(VertexNormalsBackwardParams<T> p) {
  const int64_t verts = p.forward.num_verts, items = p.forward.num_meshes * verts;
  for (int64_t i = grid_first(); i < items; i += grid_step()) grad_sum(p, i / verts, i % verts);
}

template <class T>
__global__ void vertex_normals_backward_faces(VertexNormalsBackwardParams<T> p) {
  const int64_t faces = p.forward.num_faces, items = p.forward.num_meshes * faces;
  for (int64_t i = grid_first(); i < items; i += grid_step()) grad_face_cross(p, i / faces, i % faces);
}

template <class T>
__global__ void vertex_normals_backward_verts(VertexNormalsBackwardParams<T> p) {
  const int64_t verts = p.forward.num_verts, items = p.forward.num_meshes * verts;
  for (int64_t i = grid_first(); i < items; i += grid_step()) grad_vertex(p, i / verts, i % verts);
}

}  // namespace

template <class T>
void vertex_normals_backward_cuda_kernel(const VertexNormalsBackwardParams<T>& params, void* stream) {
  const auto cuda_stream = static_cast<cudaStream_t>(stream);
  const VertexNormalsParams<T>& forward = params.forward;
  const int64_t faces = forward.num_meshes * forward.num_faces, verts = forward.num_meshes * forward.num_verts;
  if (faces > 0) vertex_normals_backward_crosses<<<blocks_for(faces), kThreads, 0, cuda_stream>>>(forward);
  if (verts > 0) vertex_normals_backward_sums<<<blocks_for(verts), kThreads, 0, cuda_stream>>>(params);
  if (faces > 0) vertex_normals_backward_faces<<<blocks_for(faces), kThreads, 0, cuda_stream>>>(params);
  if (verts > 0) vertex_normals_backward_verts<<<blocks_for(verts), kThreads, 0, cuda_stream>>>(params);
}

template void vertex_normals_backward_cuda_kernel(const VertexNormalsBackwardParams<float>&, void*);
template void vertex_normals_backward_cuda_kernel(const VertexNormalsBackwardParams<double>&, void*);

}  // namespace bisque
