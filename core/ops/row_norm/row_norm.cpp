#include <bisque/core/ops/declare_prepared.h>
#include <bisque/core/ops/norm/norm_calls.h>
#include <bisque/core/ops/norm/norm_composed.h>

namespace bisque {
namespace {

using norm::OptionalTensor;
using op::Tensor;

/// Checks x and gives the number of rows.
int64_t rows_of(const char* op, const Tensor& x, int64_t size) {
  op::check(op, "x", x).floating_or_half();
  if (size < 0) op::fail_argument(op, "size", "be at least 0", std::to_string(size));
  const int64_t values = x.numel();
  if (size == 0 ? values != 0 : values % size != 0) {
    op::fail_argument(op, "x", "have a multiple of size (" + std::to_string(size) + ") values", std::to_string(values));
  }
  return size == 0 ? 0 : values / size;
}

/// Rows of `size` values, with one weight per value if there are weights.
norm::View view_of_rows(int64_t rows, int64_t size, const norm::Weights& weights) {
  norm::View view{};
  view.kind = weights.first() ? norm::Kind::kElements : norm::Kind::kPlanes;
  view.slices = rows;
  view.planes = view.repeat = view.merge = 1;
  view.inner = view.slice_stride = size;
  view.weights = weights.first() ? size : 1;
  return view;
}

norm::ForwardCall prepare_row_norm(const Tensor& x, const OptionalTensor& weight, const OptionalTensor& bias,
                                   int64_t size, double eps, bool center) {
  const int64_t rows = rows_of("row_norm", x, size);
  norm::Weights weights = norm::check_weights("row_norm", x, weight, bias, size);
  return {view_of_rows(rows, size, weights),
          op::contiguous(x),
          std::move(weights),
          norm::new_like(x),
          norm::new_stats(x, center ? rows : 0),
          norm::new_stats(x, rows),
          eps,
          center};
}

norm::BackwardCall prepare_row_norm_backward(const Tensor& grad_y, const Tensor& x, const OptionalTensor& weight,
                                             const OptionalTensor& bias, const Tensor& mean, const Tensor& var,
                                             int64_t size, double eps, bool center, bool need_x, bool need_weight,
                                             bool need_bias) {
  const char* op = "_row_norm_backward";
  const int64_t rows = rows_of(op, x, size);
  norm::check_gradient(op, grad_y, x);
  norm::check_stats(op, x, center ? &mean : nullptr, var, rows);
  norm::Weights weights = norm::check_weights(op, x, weight, bias, size);
  const norm::View view = view_of_rows(rows, size, weights);
  return norm::make_backward(view, op::contiguous(x), op::contiguous(grad_y), std::move(weights), mean, var, center,
                             false, eps, {need_x, need_weight, need_bias}, false);
}

norm::Gradients compose_row_norm_backward(const Tensor& grad_y, const Tensor& x, const OptionalTensor& weight,
                                          const OptionalTensor& bias, const Tensor&, const Tensor&, int64_t size,
                                          double eps, bool center, bool need_x, bool need_weight, bool need_bias) {
  const norm::Axes axes = {.sizes = {rows_of("_row_norm_backward", x, size), size}, .slice = {1}, .repeat = {0}};
  return norm::composed_backward(axes, grad_y, x, weight, bias, {}, eps, center, {need_x, need_weight, need_bias});
}

const op::PreparedOp<prepare_row_norm> row_norm({
    .schema = "bisque::row_norm(Tensor x, Tensor? weight, Tensor? bias, int size, float eps, bool center=True)"
              " -> (Tensor y, Tensor mean, Tensor var)",
    .shapes = "x [...] -> y [...], mean float64 [numel(x) // size] if center else [0], var float64 [numel(x) // size]",
    .backward = "bisque::_row_norm_backward",
});

const op::PreparedOp<prepare_row_norm_backward, compose_row_norm_backward> row_norm_backward({
    .schema = "bisque::_row_norm_backward(Tensor grad_y, Tensor x, Tensor? weight, Tensor? bias, Tensor mean, Tensor "
              "var, int size, float eps, bool center, bool need_grad_x, bool need_grad_weight, bool need_grad_bias)"
              " -> (Tensor grad_x, Tensor grad_weight, Tensor grad_bias)",
    .shapes = "x [...] -> grad_x [...] if need_grad_x else [0], grad_weight as weight if need_grad_weight else [0],"
              " grad_bias as bias if need_grad_bias else [0]",
});

}  // namespace
}  // namespace bisque
