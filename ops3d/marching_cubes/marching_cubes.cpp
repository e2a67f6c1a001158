#include <bisque/core/ops/declare.h>
#include <bisque/ops3d/marching_cubes/marching_cubes_kernels.h>

namespace bisque {
namespace {

const op::Op<MarchingCubesParams> marching_cubes({
    .schema = "bisque::marching_cubes(Tensor vol, float? isolevel=None, bool return_local_coords=True) -> (Tensor "
              "verts, Tensor faces, Tensor num_verts, Tensor num_faces)",
    .shapes = "vol [N, D, H, W] -> verts [*V, 3], faces int64 [*F, 3], num_verts int64 [N], num_faces int64 [N]",
    .require = "isolevel finite",
    .scratch = "isolevels [N], below [N, D, H, (W + 31) // 32], at [N, D, H, (W + 31) // 32], "
               "corners [N, D, H, (W + 31) // 32], vert_offsets [N * D * H * ((W + 31) // 32) + 1], "
               "face_offsets [N * D * H * ((W + 31) // 32) + 1]",
    .cuda_scratch = "extremes [N, 64, 2], sums [1024]",
});

}  // namespace
}  // namespace bisque
