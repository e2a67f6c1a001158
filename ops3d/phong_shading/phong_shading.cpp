#include <bisque/core/ops/declare.h>
#include <bisque/ops3d/phong_shading/phong_shading_kernels.h>

namespace bisque {
namespace {

const op::Op<PhongShading> phong_shading({
    .schema = "bisque::phong_shading(Tensor verts, Tensor normals, Tensor faces, Tensor pix_to_face,"
              " Tensor bary_coords, Tensor camera_position, Tensor lights, Tensor light_colors,"
              " Tensor ambient, Tensor albedo, float specular, float shininess, float wrap, int samples)"
              " -> Tensor rgba",
    .shapes = "verts [V, 3], normals [V, 3], faces [F, 3], pix_to_face [N, SH, SW, 1], bary_coords [N, SH, SW, 1, 3],"
              " camera_position [N, 3], lights [L, 4], light_colors [L, 3], ambient [3], albedo [3]"
              " -> rgba [N, SH // samples, SW // samples, 4]",
    .require = "samples in [1, 2, 4], SH multiple of samples, SW multiple of samples, wrap > -1",
});

}  // namespace
}  // namespace bisque
