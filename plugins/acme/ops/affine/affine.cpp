// A small op for a start, without CUDA: y = factor x + shift, x squared, and the sign of x: optional and non-tensor
// arguments, several results, one without a gradient.
#include <bisque/core/ops/glue.h>

#include <optional>
#include <tuple>

#include "affine_params.h"

namespace acme {
namespace {

using bisque::op::Register;
using bisque::op::ScalarType;
using bisque::op::Tensor;

struct AffineCall {
  Tensor x;
  std::optional<Tensor> shift;
  Tensor y, square, sign;
};

AffineCall prepare_affine(const Tensor& x, const std::optional<Tensor>& shift) {
  bisque::op::check("affine", "x", x).shape({bisque::op::kAny}, "[N]").dtype(ScalarType::Double);
  if (shift) bisque::op::check("affine", "shift", *shift).shape({x.size(0)}, "[N]").like("x", x);
  return {bisque::op::contiguous(x), shift ? std::optional(bisque::op::contiguous(*shift)) : std::nullopt,
          bisque::op::new_empty(x, {x.size(0)}), bisque::op::new_empty(x, {x.size(0)}),
          bisque::op::new_empty(x, {x.size(0)}, ScalarType::Long)};
}

std::tuple<Tensor, Tensor, Tensor> affine_cpu(const Tensor& x, std::optional<Tensor> shift, double factor) {
  const auto call = prepare_affine(x, shift);
  using bisque::op::data;
  using bisque::op::mutable_data;
  affine_cpu_kernel({data<double>(call.x), call.shift ? data<double>(*call.shift) : nullptr,
                     mutable_data<double>(call.y), mutable_data<double>(call.square), mutable_data<int64_t>(call.sign),
                     factor, x.size(0)});
  return {call.y, call.square, call.sign};
}

std::tuple<Tensor, Tensor, Tensor> affine_meta(const Tensor& x, std::optional<Tensor> shift, double) {
  const auto call = prepare_affine(x, shift);
  return {call.y, call.square, call.sign};
}

std::tuple<Tensor, Tensor> affine_backward_cpu(const Tensor& grad_y, const Tensor& grad_square, const Tensor& x,
                                               double factor, bool need_grad_x, bool need_grad_shift) {
  const Tensor gy = bisque::op::contiguous(grad_y), gs = bisque::op::contiguous(grad_square);
  const Tensor values = bisque::op::contiguous(x);
  const Tensor grad_x = bisque::op::new_empty(x, {need_grad_x ? x.size(0) : 0});
  const Tensor grad_shift = bisque::op::new_empty(x, {need_grad_shift ? x.size(0) : 0});
  for (int64_t i = 0; i < x.size(0); ++i) {
    const double dy = bisque::op::data<double>(gy)[i], ds = bisque::op::data<double>(gs)[i];
    if (need_grad_x) {
      bisque::op::mutable_data<double>(grad_x)[i] = factor * dy + 2 * bisque::op::data<double>(values)[i] * ds;
    }
    if (need_grad_shift) bisque::op::mutable_data<double>(grad_shift)[i] = dy;
  }
  return {grad_x, grad_shift};
}

std::tuple<Tensor, Tensor> affine_backward_meta(const Tensor&, const Tensor&, const Tensor& x, double, bool need_grad_x,
                                                bool need_grad_shift) {
  return {bisque::op::new_empty(x, {need_grad_x ? x.size(0) : 0}),
          bisque::op::new_empty(x, {need_grad_shift ? x.size(0) : 0})};
}

const Register affine({
    .schema = "acme::affine(Tensor x, Tensor? shift=None, float factor=2.0)"
              " -> (Tensor y, Tensor square, Tensor sign)",
    .shapes = "x [N], shift [N] -> y [N], square [N], sign int64 [N]",
    .backward = "acme::_affine_backward",
    .cpu = BISQUE_KERNEL(affine_cpu),
    .meta = BISQUE_KERNEL(affine_meta),
});

const Register affine_backward({
    .schema = "acme::_affine_backward(Tensor grad_y, Tensor grad_square, Tensor x, float factor, bool need_grad_x,"
              " bool need_grad_shift) -> (Tensor grad_x, Tensor grad_shift)",
    .shapes = "x [N] -> grad_x [N] if need_grad_x else [0], grad_shift [N] if need_grad_shift else [0]",
    .cpu = BISQUE_KERNEL(affine_backward_cpu),
    .meta = BISQUE_KERNEL(affine_backward_meta),
});

}  // namespace
}  // namespace acme
