#include <bisque/core/ops/declare.h>
#include <bisque/ops3d/symeig3x3/symeig3x3_kernels.h>

namespace bisque {
namespace {

const op::Op<SymEig3x3> symeig3x3({
    .schema = "bisque::symeig3x3(Tensor inputs, bool eigenvectors=True) -> (Tensor values, Tensor vectors)",
    .shapes = "inputs [N, 3, 3] -> values [N, 3], vectors [N, 3, 3] if eigenvectors else [0]",
    .backward = "bisque::_symeig3x3_backward",
});

const op::Op<SymEig3x3Backward> symeig3x3_backward({
    .schema = "bisque::_symeig3x3_backward(Tensor grad_values, Tensor grad_vectors, Tensor inputs, bool eigenvectors)"
              " -> Tensor grad_inputs",
    .shapes = "grad_values [N, 3], grad_vectors [N, 3, 3] if eigenvectors else [0], inputs [N, 3, 3]"
              " -> grad_inputs [N, 3, 3]",
});

}  // namespace
}  // namespace bisque
