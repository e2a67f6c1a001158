#include <bisque/core/ops/declare.h>
#include <bisque/ops3d/sample_texture_uv/sample_texture_uv_kernels.h>

namespace bisque {
namespace {

const op::Op<SampleTextureUv> sample_texture_uv({
    .schema = "bisque::sample_texture_uv(Tensor pix_to_face, Tensor bary_coords, Tensor faces_uvs, Tensor verts_uvs,"
              " Tensor face_maps, Tensor maps, Tensor map_layouts, bool bilinear=True, bool align_corners=False)"
              " -> Tensor texels",
    .shapes = "bary_coords [N, H, W, K, 3], pix_to_face [N, H, W, K], faces_uvs [F, 3], verts_uvs [T, 2],"
              " face_maps [F], maps [P, C], map_layouts [M, 5] -> texels [N, H, W, K, C]",
    .require = "P <= 2147483647",
    .backward = "bisque::_sample_texture_uv_backward",
});

const op::Op<SampleTextureUvBackward> sample_texture_uv_backward({
    .schema = "bisque::_sample_texture_uv_backward(Tensor grad_texels, Tensor pix_to_face, Tensor bary_coords,"
              " Tensor faces_uvs, Tensor verts_uvs, Tensor face_maps, Tensor maps, Tensor map_layouts, bool bilinear,"
              " bool align_corners, bool need_grad_bary_coords, bool need_grad_verts_uvs, bool need_grad_maps)"
              " -> (Tensor grad_bary_coords, Tensor grad_verts_uvs, Tensor grad_maps)",
    .shapes = "bary_coords [N, H, W, K, 3], pix_to_face [N, H, W, K], faces_uvs [F, 3], verts_uvs [T, 2],"
              " face_maps [F], maps [P, C], map_layouts [M, 5], grad_texels [N, H, W, K, C]"
              " -> grad_bary_coords [N, H, W, K, 3] if need_grad_bary_coords else [0],"
              " grad_verts_uvs [T, 2] if need_grad_verts_uvs else [0], grad_maps [P, C] if need_grad_maps else [0]",
    .require = "P <= 2147483647",
});

}  // namespace
}  // namespace bisque
