#include <bisque/core/ops/declare.h>
#include <bisque/ops3d/sample_texture_atlas/sample_texture_atlas_kernels.h>

namespace bisque {
namespace {

const op::Op<SampleTextureAtlas> sample_texture_atlas({
    .schema = "bisque::sample_texture_atlas(Tensor pix_to_face, Tensor bary_coords, Tensor atlas) -> Tensor texels",
    .shapes = "bary_coords [N, H, W, K, 3], pix_to_face [N, H, W, K], atlas [F, R, R, C] -> texels [N, H, W, K, C]",
    .backward = "bisque::_sample_texture_atlas_backward",
});

const op::Op<SampleTextureAtlasBackward> sample_texture_atlas_backward({
    .schema = "bisque::_sample_texture_atlas_backward(Tensor grad_texels, Tensor pix_to_face, Tensor bary_coords,"
              " Tensor atlas) -> Tensor grad_atlas",
    .shapes = "bary_coords [N, H, W, K, 3], pix_to_face [N, H, W, K], atlas [F, R, R, C],"
              " grad_texels [N, H, W, K, C] -> grad_atlas [F, R, R, C]",
});

}  // namespace
}  // namespace bisque
