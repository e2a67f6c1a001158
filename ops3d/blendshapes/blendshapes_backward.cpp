#include <bisque/ops3d/blendshapes/blendshapes_backward_prepare.h>

#include <tuple>

namespace bisque {
namespace {

using op::Tensor;
using Gradients = std::tuple<Tensor, Tensor, Tensor>;

Gradients blendshapes_backward_cpu(const Tensor& grad_verts, const Tensor& coefficients, const Tensor& neutral,
                                   const Tensor& deltas, const Tensor& delta_shape, const Tensor& vert_first,
                                   bool need_coefficients, bool need_neutral, bool need_deltas) {
  const auto call = prepare_blendshapes_backward(grad_verts, coefficients, neutral, deltas, delta_shape, vert_first,
                                                 need_coefficients, need_neutral, need_deltas);
  op::by_float_type(call.grad_verts,
                    [&](auto zero) { blendshapes_backward_cpu_kernel(call.params<decltype(zero)>()); });
  return {call.grad_coefficients, call.grad_neutral, call.grad_deltas};
}

Gradients blendshapes_backward_meta(const Tensor& grad_verts, const Tensor& coefficients, const Tensor& neutral,
                                    const Tensor& deltas, const Tensor& delta_shape, const Tensor& vert_first,
                                    bool need_coefficients, bool need_neutral, bool need_deltas) {
  const auto call = prepare_blendshapes_backward(grad_verts, coefficients, neutral, deltas, delta_shape, vert_first,
                                                 need_coefficients, need_neutral, need_deltas);
  return {call.grad_coefficients, call.grad_neutral, call.grad_deltas};
}

const op::Register blendshapes_backward({
    .schema = "bisque::_blendshapes_backward(Tensor grad_verts, Tensor coefficients, Tensor neutral, Tensor deltas, "
              "Tensor delta_shape, Tensor vert_first, bool need_grad_coefficients, bool need_grad_neutral, bool "
              "need_grad_deltas) -> (Tensor grad_coefficients, Tensor grad_neutral, Tensor grad_deltas)",
    .shapes = "grad_verts [N, V, 3], coefficients [N, S], neutral [V, 3], deltas [D, 3] -> grad_coefficients [N, S] if "
              "need_grad_coefficients else [0], grad_neutral [V, 3] if need_grad_neutral else [0], grad_deltas [D, 3] "
              "if need_grad_deltas else [0]",
    .cpu = BISQUE_KERNEL(blendshapes_backward_cpu),
    .meta = BISQUE_KERNEL(blendshapes_backward_meta),
});

}  // namespace
}  // namespace bisque
