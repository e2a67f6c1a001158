// Calls an op of rotation matrices on rows [N, inputs] for any leading sizes.
#pragma once
#include <ATen/core/Tensor.h>

#include <vector>

namespace bisque {

/// Matrices [..., 3, 3] of rows [..., inputs]. The op reports other shapes.
template <class Op>
at::Tensor matrices_of_rows(const Op& op, const at::Tensor& rows) {
  const int64_t inputs = rows.dim() == 0 ? 0 : rows.size(-1);
  if (inputs == 0) return op.call(rows);
  std::vector<int64_t> sizes(rows.sizes().begin(), rows.sizes().end() - 1);
  sizes.insert(sizes.end(), {3, 3});
  return op.call(rows.reshape({rows.numel() / inputs, inputs})).view(sizes);
}

}  // namespace bisque
