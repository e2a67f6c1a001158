#include <bisque/core/ops/declare.h>
#include <bisque/ops3d/phong_shading/phong_shading_kernels.h>

namespace bisque {
namespace {

const op::Op<PhongShading> phong_shading({
    .schema = "bisque::phong_shading(Tensor verts, Tensor normals, Tensor faces, Tensor pix_to_face,"
              " Tensor bary_coords, Tensor? texels, Tensor camera_position, Tensor lights, Tensor light_diffuse,"
              " Tensor light_specular, Tensor ambient, Tensor shininess, float wrap=0.0, bool reflection=False,"
              " int samples=1, int channels=4) -> Tensor colors",
    .shapes = "verts [V, 3], normals [V, 3], faces [F, 3], pix_to_face [N, SH, SW, K], bary_coords [N, SH, SW, K, 3],"
              " texels [N, SH, SW, K, 3], camera_position [N, 3], lights [N, L, 4], light_diffuse [N, L, 3],"
              " light_specular [N, L, 3], ambient [N, 3], shininess [N]"
              " -> colors [N, SH // samples, SW // samples, K, channels]",
    .require = "samples in [1, 2, 4], SH multiple of samples, SW multiple of samples, wrap > -1, channels in [3, 4]",
    .backward = "bisque::_phong_shading_backward",
});

const op::Op<PhongShadingBackward> phong_shading_backward({
    .schema = "bisque::_phong_shading_backward(Tensor grad_colors, Tensor verts, Tensor normals, Tensor faces,"
              " Tensor pix_to_face, Tensor bary_coords, Tensor? texels, Tensor camera_position, Tensor lights,"
              " Tensor light_diffuse, Tensor light_specular, Tensor ambient, Tensor shininess, float wrap,"
              " bool reflection, int samples, int channels, bool need_grad_verts, bool need_grad_normals,"
              " bool need_grad_bary_coords, bool need_grad_texels)"
              " -> (Tensor grad_verts, Tensor grad_normals, Tensor grad_bary_coords, Tensor grad_texels,"
              " Tensor grad_camera_position, Tensor grad_lights, Tensor grad_light_diffuse,"
              " Tensor grad_light_specular, Tensor grad_ambient, Tensor grad_shininess)",
    .shapes = "verts [V, 3], normals [V, 3], faces [F, 3], pix_to_face [N, SH, SW, K], bary_coords [N, SH, SW, K, 3],"
              " texels [N, SH, SW, K, 3], camera_position [N, 3], lights [N, L, 4], light_diffuse [N, L, 3],"
              " light_specular [N, L, 3], ambient [N, 3], shininess [N],"
              " grad_colors [N, SH // samples, SW // samples, K, channels]"
              " -> grad_verts [V, 3] if need_grad_verts else [0], grad_normals [V, 3] if need_grad_normals else [0],"
              " grad_bary_coords [N, SH, SW, K, 3] if need_grad_bary_coords else [0],"
              " grad_texels [N, SH, SW, K, 3] if need_grad_texels else [0], grad_camera_position [N, 3],"
              " grad_lights [N, L, 4], grad_light_diffuse [N, L, 3], grad_light_specular [N, L, 3],"
              " grad_ambient [N, 3], grad_shininess [N]",
});

}  // namespace
}  // namespace bisque
