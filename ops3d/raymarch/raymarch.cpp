#include <bisque/core/ops/declare.h>
#include <bisque/ops3d/raymarch/raymarch_kernels.h>

namespace bisque {
namespace {

const op::Op<Raymarch> raymarch({
    .schema = "bisque::raymarch(Tensor densities, Tensor features, int surface_thickness=1, float eps=1e-10, bool "
              "with_weights=False) -> (Tensor rendered, Tensor opacities, Tensor weights)",
    .shapes = "densities [R, P], features [R, P, C] -> rendered [R, C], opacities [R], weights [R, P] if with_weights "
              "else [0]",
    .require = "surface_thickness >= 1, eps finite",
    .backward = "bisque::_raymarch_backward",
});

const op::Op<RaymarchBackward> raymarch_backward({
    .schema = "bisque::_raymarch_backward(Tensor grad_rendered, Tensor grad_opacities, Tensor grad_weights, Tensor "
              "densities, Tensor features, int surface_thickness, float eps, bool with_weights, bool "
              "need_grad_densities, bool need_grad_features) -> (Tensor grad_densities, Tensor grad_features)",
    .shapes = "densities [R, P], features [R, P, C], grad_rendered [R, C], grad_opacities [R], grad_weights [R, P] if "
              "with_weights else [0] -> grad_densities [R, P] if need_grad_densities else [0], grad_features [R, P, C] "
              "if need_grad_features else [0]",
    .require = "surface_thickness >= 1",
    .scratch = "before [R, P]",
});

}  // namespace
}  // namespace bisque
