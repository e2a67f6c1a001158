#include <bisque/core/ops/parallel.h>
#include <bisque/ops3d/blendshapes/blendshapes_math.h>

namespace bisque {

template <class T>
void blendshapes_cpu_kernel(const BlendshapesParams<T>& params) {
  // A block's deltas stay in the cache while all frames pass over them.
  constexpr int64_t kBlock = 64;
  const int64_t blocks = (params.num_verts + kBlock - 1) / kBlock;
  op::parallel_for(blocks, 8, [&](int64_t begin, int64_t end) {
    for (int64_t block = begin; block < end; ++block) {
      const int64_t last = block * kBlock + kBlock < params.num_verts ? block * kBlock + kBlock : params.num_verts;
      for (int64_t frame = 0; frame < params.num_frames; ++frame) {
        for (int64_t vert = block * kBlock; vert < last; ++vert) blend_vertex(params, frame, vert);
      }
    }
  });
}

template void blendshapes_cpu_kernel(const BlendshapesParams<float>&);
template void blendshapes_cpu_kernel(const BlendshapesParams<double>&);

}  // namespace bisque
