#include <bisque/core/ops/declare.h>
#include <bisque/ops3d/rasterize_points/rasterize_points_kernels.h>

namespace bisque {
namespace {

// Lists of points hold 32-bit indices.
const op::Op<RasterizePoints> rasterize_points({
    .schema = "bisque::rasterize_points(Tensor points, Tensor cloud_to_packed_first_idx, Tensor num_points_per_cloud, "
              "Tensor? radii, int height, int width, float radius=0.01, int points_per_pixel=8) -> (Tensor idx, "
              "Tensor zbuf, Tensor dists)",
    .shapes = "points [P, 3], cloud_to_packed_first_idx [N], num_points_per_cloud [N], radii [P] -> idx int64 [N, "
              "height, width, points_per_pixel], zbuf [N, height, width, points_per_pixel], dists [N, height, width, "
              "points_per_pixel]",
    .require = "P <= 2147483647, height >= 0, height <= 65536, width >= 0, width <= 65536, radius finite, radius >= 0, "
               "points_per_pixel >= 1, points_per_pixel <= 65536",
    .cuda_scratch = "list_offsets [N * (((height + 15) // 16) * ((width + 15) // 16) + 1) + 1], scan_sums [1024], "
                    "list_points [*num_list_points]",
    .backward = "bisque::_rasterize_points_backward",
});

const op::Op<RasterizePointsBackward> rasterize_points_backward({
    .schema = "bisque::_rasterize_points_backward(Tensor grad_zbuf, Tensor grad_dists, Tensor points, Tensor idx) -> "
              "Tensor grad_points",
    .shapes = "points [P, 3], idx [N, H, W, K], grad_zbuf [N, H, W, K], grad_dists [N, H, W, K] -> grad_points [P, 3]",
    .require = "H <= 65536, W <= 65536",
    .cuda_scratch = "largest [P, 3], sums [P, 3, 2]",
});

}  // namespace
}  // namespace bisque
