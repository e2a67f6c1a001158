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

STABLE_TORCH_LIBRARY_FRAGMENT(bisque, m) {
  m.def(
      "blendshapes(Tensor coefficients, Tensor neutral, Tensor deltas, Tensor delta_shape, Tensor vert_first)"
      " -> Tensor verts");
}
STABLE_TORCH_LIBRARY_IMPL(bisque, CPU, m) { m.impl("blendshapes", TORCH_BOX(&blendshapes_cpu)); }
STABLE_TORCH_LIBRARY_IMPL(bisque, Meta, m) { m.impl("blendshapes", TORCH_BOX(&blendshapes_meta)); }

}  // namespace
}  // namespace bisque
