#include <bisque/core/ops/declare.h>
#include <bisque/ops3d/sample_points_from_meshes/sample_points_from_meshes_kernels.h>

namespace bisque {
namespace {

const op::Op<SamplePointsFromMeshes> sample_points_from_meshes({
    .schema = "bisque::sample_points_from_meshes(Tensor verts, Tensor faces, Tensor mesh_to_faces_packed_first_idx, "
              "Tensor num_faces_per_mesh, Tensor uniforms) -> (Tensor samples, Tensor face_idx, Tensor bary_coords)",
    .shapes = "verts [V, 3], faces [F, 3], mesh_to_faces_packed_first_idx [N], num_faces_per_mesh [N], "
              "uniforms [N, S, 3] -> samples [N, S, 3], face_idx int64 [N, S], bary_coords [N, S, 3]",
    .scratch = "areas [F], largest_areas [N], weights [F + 1], guide [F]",
    .cuda_scratch = "sums [1024]",
    .backward = "bisque::_sample_points_from_meshes_backward",
});

const op::Op<SamplePointsFromMeshesBackward> sample_points_from_meshes_backward({
    .schema = "bisque::_sample_points_from_meshes_backward(Tensor grad_samples, Tensor verts, Tensor faces, "
              "Tensor face_idx, Tensor bary_coords) -> Tensor grad_verts",
    .shapes = "verts [V, 3], faces [F, 3], grad_samples [N, S, 3], face_idx [N, S], bary_coords [N, S, 3]"
              " -> grad_verts [V, 3]",
});

}  // namespace
}  // namespace bisque
