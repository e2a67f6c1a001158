#include <bisque/ops3d/sample_points_from_meshes/sample_points_from_meshes_kernels.h>
#include <bisque/core/ops/each.cuh>
#include <bisque/core/ops/scan.cuh>

namespace bisque {

void exclusive_sums(const OnCuda& on, int64_t* values, int64_t size, int64_t* scratch) {
  exclusive_scan(values, size, scratch, static_cast<cudaStream_t>(on.stream));
}

}  // namespace bisque

BISQUE_ON_CUDA(bisque::SamplePointsFromMeshes)
BISQUE_ON_CUDA(bisque::SamplePointsFromMeshesBackward)
