#include <bisque/core/ops/declare.h>
#include <bisque/ops3d/count_degenerate_faces/count_degenerate_faces_kernels.h>

namespace bisque {
namespace {

const op::Op<CountDegenerateFaces> count_degenerate_faces({
    .schema = "bisque::count_degenerate_faces(Tensor verts, Tensor faces, Tensor mesh_to_face_first_idx, Tensor "
              "num_faces_per_mesh, int height, int width, bool perspective_correct=True, float z_clip=-1.0, Tensor? "
              "mesh_to_vert_offset=None) -> (Tensor num_not_finite, Tensor num_without_area)",
    .shapes = "verts [V, 3], faces [F, 3], mesh_to_face_first_idx [N], num_faces_per_mesh [N], mesh_to_vert_offset [N] "
              "-> num_not_finite int64 [N], num_without_area int64 [N]",
    .require = "height >= 0, height <= 65536, width >= 0, width <= 65536",
    .scratch = "counts [N, 256, 2]",
});

}  // namespace
}  // namespace bisque
