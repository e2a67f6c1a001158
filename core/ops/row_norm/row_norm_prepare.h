// The checks and allocations that the CPU, Meta and CUDA implementations of row_norm share.
#pragma once
#include <bisque/core/ops/norm/norm_glue.h>
#include <bisque/core/ops/row_norm/row_norm_params.h>

namespace bisque {

/// Checks x and gives the number of rows.
inline int64_t rows_of(const char* op, const op::Tensor& x, int64_t size) {
  op::check(op, "x", x).floating_or_half();
  if (size < 0) op::refuse(op, "size", "be at least 0", std::to_string(size));
  const int64_t values = x.numel();
  if (size == 0 ? values != 0 : values % size != 0) {
    op::refuse(op, "x", "have a multiple of size (" + std::to_string(size) + ") values", std::to_string(values));
  }
  return size == 0 ? 0 : values / size;
}

inline norm::ForwardCall prepare_row_norm(const op::Tensor& x, const norm::OptionalTensor& weight,
                                          const norm::OptionalTensor& bias, int64_t size, double eps, bool center) {
  const char* op = "row_norm";
  const int64_t rows = rows_of(op, x, size);
  norm::Weights weights = norm::check_weights(op, x, weight, bias, size);
  return {view_of_rows(rows, size, weights.first() != nullptr),
          op::contiguous(x),
          std::move(weights),
          norm::new_like(x),
          norm::new_stats(x, center ? rows : 0),
          norm::new_stats(x, rows),
          eps,
          center};
}

}  // namespace bisque
