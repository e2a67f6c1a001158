#include <bisque/core/ops/declare.h>
#include <bisque/ops3d/sample_farthest_points/sample_farthest_points_kernels.h>

namespace bisque {
namespace {

const op::Op<SampleFarthestPoints> sample_farthest_points({
    .schema = "bisque::sample_farthest_points(Tensor points, Tensor? lengths, int K=50, Tensor? num_samples=None, "
              "Tensor? start_idxs=None) -> Tensor idx",
    .shapes = "points [N, P, D], lengths [N], num_samples [N], start_idxs [N] -> idx int64 [N, K]",
    .require = "D >= 1, P <= 2147483647, K >= 0",
    .cuda_scratch = "min_dists [N, P]",
});

}  // namespace
}  // namespace bisque
