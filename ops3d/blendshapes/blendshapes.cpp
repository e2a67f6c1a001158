#include <bisque/ops3d/blendshapes/blendshapes_prepare.h>

namespace bisque {
namespace {

using op::Tensor;

Tensor blendshapes_cpu(const Tensor& coefficients, const Tensor& neutral, const Tensor& deltas,
                       const Tensor& delta_shape, const Tensor& vert_first) {
  const auto call = prepare_blendshapes(coefficients, neutral, deltas, delta_shape, vert_first);
  op::by_float_type(call.verts, [&](auto zero) { blendshapes_cpu_kernel(call.params<decltype(zero)>()); });
  return call.verts;
}

Tensor blendshapes_meta(const Tensor& coefficients, const Tensor& neutral, const Tensor& deltas,
                        const Tensor& delta_shape, const Tensor& vert_first) {
  return prepare_blendshapes(coefficients, neutral, deltas, delta_shape, vert_first).verts;
}

const op::Register blendshapes({
    .schema = "bisque::blendshapes(Tensor coefficients, Tensor neutral, Tensor deltas, Tensor delta_shape,"
              " Tensor vert_first) -> Tensor verts",
    .shapes = "coefficients [N, S], neutral [V, 3], deltas [D, 3], delta_shape [D], vert_first [V + 1]"
              " -> verts [N, V, 3]",
    .backward = "bisque::_blendshapes_backward",
    .cpu = BISQUE_KERNEL(blendshapes_cpu),
    .meta = BISQUE_KERNEL(blendshapes_meta),
});

}  // namespace
}  // namespace bisque
