#include <bisque/ops3d/blendshapes/blendshapes_math.h>
#include <bisque/core/ops/launch.cuh>

namespace bisque {
namespace {

template <class T>
__global__ void blendshapes_forward(BlendshapesParams<T> params) {
  const int64_t items = params.num_frames * params.num_verts;
  for (int64_t i = grid_first(); i < items; i += grid_step())
    blend_vertex(params, i / params.num_verts, i % params.num_verts);
}

}  // namespace

template <class T>
void blendshapes_cuda_kernel(const BlendshapesParams<T>& params, void* stream) {
  const int64_t items = params.num_frames * params.num_verts;
  if (items == 0) return;
  blendshapes_forward<<<blocks_for(items), kThreads, 0, static_cast<cudaStream_t>(stream)>>>(params);
}

template void blendshapes_cuda_kernel(const BlendshapesParams<float>&, void*);
template void blendshapes_cuda_kernel(const BlendshapesParams<double>&, void*);

}  // namespace bisque
