#include <bisque/core/ops/declare.h>
#include <bisque/ops3d/rasterize_meshes/rasterize_meshes_kernels.h>

namespace bisque {
namespace {

const op::Op<RasterizeMeshes> rasterize_meshes({
    .schema =
        "bisque::rasterize_meshes(Tensor verts, Tensor faces, Tensor mesh_to_face_first_idx, Tensor "
        "num_faces_per_mesh, int height, int width, int faces_per_pixel=1, float blur_radius=0.0, bool "
        "perspective_correct=True, bool clip_barycentric_coords=False, bool cull_backfaces=False, float z_clip=-1.0, "
        "bool with_dists=True, Tensor? mesh_to_vert_offset=None) -> (Tensor pix_to_face, Tensor zbuf, Tensor "
        "bary_coords, Tensor dists)",
    .shapes = "verts [V, 3], faces [F, 3], mesh_to_face_first_idx [N], num_faces_per_mesh [N], mesh_to_vert_offset [N] "
              "-> pix_to_face int64 [N, height, width, faces_per_pixel], zbuf [N, height, width, faces_per_pixel], "
              "bary_coords [N, height, width, faces_per_pixel, 3], dists [N, height, width, faces_per_pixel] if "
              "with_dists else [0]",
    .require = "height >= 0, height <= 65536, width >= 0, width <= 65536, faces_per_pixel >= 1, "
               "faces_per_pixel <= 65536, blur_radius finite, blur_radius >= 0",
    .cuda_scratch = "placed [V, 4], tile_offsets [N * ((height + 15) // 16) * ((width + 15) // 16) + 1], found [8], "
                    "tile_faces [*num_tile_faces]",
    .backward = "bisque::_rasterize_meshes_backward",
});

const op::Op<RasterizeMeshesBackward> rasterize_meshes_backward({
    .schema =
        "bisque::_rasterize_meshes_backward(Tensor grad_zbuf, Tensor grad_bary_coords, Tensor grad_dists, Tensor "
        "verts, Tensor faces, Tensor pix_to_face, Tensor dists, bool perspective_correct, bool "
        "clip_barycentric_coords, float z_clip, bool with_dists=True, Tensor? mesh_to_vert_offset=None) -> Tensor "
        "grad_verts",
    .shapes = "verts [V, 3], faces [F, 3], pix_to_face [N, H, W, K], grad_zbuf [N, H, W, K], grad_bary_coords [N, H, "
              "W, K, 3], dists [N, H, W, K] if with_dists else [0], grad_dists [N, H, W, K] if with_dists else [0], "
              "mesh_to_vert_offset [N] -> grad_verts [V, 3]",
    .require = "H <= 65536, W <= 65536",
    .cuda_scratch = "largest [V, 3], sums [V, 3, 2]",
});

}  // namespace
}  // namespace bisque
