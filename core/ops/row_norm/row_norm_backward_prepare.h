// The checks and allocations that the CPU, Meta and CUDA implementations of row_norm's gradient share.
#pragma once
#include <bisque/core/ops/norm/norm_backward_glue.h>
#include <bisque/core/ops/row_norm/row_norm_prepare.h>

namespace bisque {

inline norm::BackwardCall prepare_row_norm_backward(const op::Tensor& grad_y, const op::Tensor& x,
                                                    const norm::OptionalTensor& weight,
                                                    const norm::OptionalTensor& bias, const op::Tensor& mean,
                                                    const op::Tensor& var, int64_t size, double eps, bool center,
                                                    const norm::Needs& needs) {
  const char* op = "_row_norm_backward";
  const int64_t rows = rows_of(op, x, size);
  norm::check_gradient(op, grad_y, x);
  norm::check_stats(op, x, center ? &mean : nullptr, var, rows);
  norm::Weights weights = norm::check_weights(op, x, weight, bias, size);
  const norm::View view = view_of_rows(rows, size, weights.first() != nullptr);
  return norm::make_backward(view, op::contiguous(x), op::contiguous(grad_y), std::move(weights), mean, var, center,
                             false, eps, needs, false);
}

}  // namespace bisque
