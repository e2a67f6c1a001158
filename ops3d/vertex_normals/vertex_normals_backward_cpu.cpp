#include <bisque/core/ops/parallel.h>
#include <bisque/ops3d/vertex_normals/vertex_normals_backward_math.h>

namespace bisque {

template <class T>
void vertex_normals_backward_cpu_kernel(const VertexNormalsBackwardParams<T>& params) {
  constexpr int64_t kGrain = 2048;
  const VertexNormalsParams<T>& forward = params.forward;
  const auto each_face = [&](const auto& step) {
    op::parallel_for(forward.num_meshes * forward.num_faces, kGrain, [&](int64_t begin, int64_t end) {
      for (int64_t i = begin; i < end; ++i) step(i / forward.num_faces, i % forward.num_faces);
    });
  };
  const auto each_vertex = [&](const auto& step) {
    op::parallel_for(forward.num_meshes * forward.num_verts, kGrain, [&](int64_t begin, int64_t end) {
      for (int64_t i = begin; i < end; ++i) step(i / forward.num_verts, i % forward.num_verts);
    });
  };
  each_face([&](int64_t mesh, int64_t face) { face_cross(forward, mesh, face); });
  each_vertex([&](int64_t mesh, int64_t vert) { grad_sum(params, mesh, vert); });
  each_face([&](int64_t mesh, int64_t face) { grad_face_cross(params, mesh, face); });
  each_vertex([&](int64_t mesh, int64_t vert) { grad_vertex(params, mesh, vert); });
}

template void vertex_normals_backward_cpu_kernel(const VertexNormalsBackwardParams<float>&);
template void vertex_normals_backward_cpu_kernel(const VertexNormalsBackwardParams<double>&);

}  // namespace bisque
