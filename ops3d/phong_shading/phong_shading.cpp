#include <bisque/ops3d/phong_shading/phong_shading_prepare.h>

namespace bisque {
namespace {

using op::Tensor;

Tensor phong_shading_cpu(const Tensor& verts, const Tensor& normals, const Tensor& faces, const Tensor& pix_to_face,
                         const Tensor& bary_coords, const Tensor& camera_position, const Tensor& light_positions,
                         const Tensor& light_colors, const Tensor& ambient, const Tensor& albedo, double specular,
                         double shininess, double wrap, int64_t samples) {
  const auto call = prepare_phong_shading({verts, normals, faces, pix_to_face, bary_coords, camera_position,
                                           light_positions, light_colors, ambient, albedo},
                                          specular, shininess, wrap, samples);
  op::by_float_type(call.colors, [&](auto zero) { phong_shading_cpu_kernel(call.params<decltype(zero)>()); });
  return call.colors;
}

Tensor phong_shading_meta(const Tensor& verts, const Tensor& normals, const Tensor& faces, const Tensor& pix_to_face,
                          const Tensor& bary_coords, const Tensor& camera_position, const Tensor& light_positions,
                          const Tensor& light_colors, const Tensor& ambient, const Tensor& albedo, double specular,
                          double shininess, double wrap, int64_t samples) {
  return prepare_phong_shading({verts, normals, faces, pix_to_face, bary_coords, camera_position, light_positions,
                                light_colors, ambient, albedo},
                               specular, shininess, wrap, samples)
      .colors;
}

const op::Register phong_shading({
    .schema = "bisque::phong_shading(Tensor verts, Tensor normals, Tensor faces, Tensor pix_to_face,"
              " Tensor bary_coords, Tensor camera_position, Tensor light_positions, Tensor light_colors,"
              " Tensor ambient, Tensor albedo, float specular, float shininess, float wrap, int samples)"
              " -> Tensor rgba",
    .shapes = "verts [V, 3], normals [V, 3], faces [F, 3], pix_to_face [N, SH, SW, 1]"
              " -> rgba [N, SH // samples, SW // samples, 4]",
    .cpu = BISQUE_KERNEL(phong_shading_cpu),
    .meta = BISQUE_KERNEL(phong_shading_meta),
});

}  // namespace
}  // namespace bisque
