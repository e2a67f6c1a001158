#include <bisque/core/ops/declare.h>
#include <bisque/core/ops/scan_cpu.h>
#include <bisque/ops3d/cubify/cubify_kernels.h>

namespace bisque {
namespace {

const op::Op<Cubify> cubify({
    .schema = "bisque::cubify(Tensor voxels, float thresh, int align=0, bool return_face_voxels=False) -> "
              "(Tensor verts, Tensor faces, Tensor face_voxels, Tensor num_verts, Tensor num_faces)",
    .shapes = "voxels [N, D, H, W] -> verts [*V, 3], faces int64 [*F, 3], "
              "face_voxels int64 [*F] if return_face_voxels else [0], num_verts int64 [N], num_faces int64 [N]",
    .require = "align in [0, 1, 2]",
    .scratch = "solid [N, H, (D + 32) // 32, W], vert_masks [N, H + 1, W + 1, (D + 32) // 32], "
               "vert_offsets [N * (H + 1) * (W + 1) * ((D + 32) // 32) + 1], "
               "face_offsets [N * (H + 1) * (W + 1) * ((D + 32) // 32) + 1]",
    .cuda_scratch = "sums [1024]",
});

}  // namespace
}  // namespace bisque
