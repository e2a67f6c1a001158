#include <bisque/core/ops/parallel.h>
#include <bisque/ops3d/vertex_normals/vertex_normals_math.h>

namespace bisque {

template <class T>
void vertex_normals_cpu_kernel(const VertexNormalsParams<T>& params) {
  constexpr int64_t kGrain = 2048;
  op::parallel_for(params.num_meshes * params.num_faces, kGrain, [&](int64_t begin, int64_t end) {
    for (int64_t i = begin; i < end; ++i) face_cross(params, i / params.num_faces, i % params.num_faces);
  });
  op::parallel_for(params.num_meshes * params.num_verts, kGrain, [&](int64_t begin, int64_t end) {
    for (int64_t i = begin; i < end; ++i) vertex_normal(params, i / params.num_verts, i % params.num_verts);
  });
}

template void vertex_normals_cpu_kernel(const VertexNormalsParams<float>&);
template void vertex_normals_cpu_kernel(const VertexNormalsParams<double>&);

}  // namespace bisque
