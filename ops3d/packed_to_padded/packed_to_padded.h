// From the packed rows of a batch to the padded ones.
#pragma once
#include <ATen/core/Tensor.h>

#include <bisque/core/plugin/op.h>

namespace bisque {

/// Rows of a batch, one element after the other, as a tensor with a row of equal length for each element.
///
///   inputs      [F, D], [F] or [F, ...]  float32 or float64: the rows of all elements
///   first_idxs  [N]     int64: element n has the rows first_idxs[n] up to first_idxs[n + 1], the last one up to F
///   max_size            rows of an element in the result; those beyond are left out
///   returns     [N, max_size, D] (or [N, max_size], ...)  zero where an element has no more rows
///
/// Differentiable by inputs. Deterministic, forward and backward. F, N, D or max_size may be 0. Errors: shapes, dtypes
/// or devices that do not match, max_size below 0; on the CPU, an index outside [0, F]. On CUDA such an element has no
/// rows. Source: PyTorch3D's packed_to_padded.
inline at::Tensor packed_to_padded(const at::Tensor& inputs, const at::Tensor& first_idxs, int64_t max_size) {
  static const auto op = find_op<at::Tensor(const at::Tensor&, const at::Tensor&, int64_t)>("bisque::packed_to_padded");
  if (inputs.dim() == 2) return op.call(inputs, first_idxs, max_size);
  auto sizes = inputs.sizes().vec();
  const auto padded = op.call(inputs.reshape({inputs.size(0), inputs.numel() / std::max<int64_t>(inputs.size(0), 1)}),
                              first_idxs, max_size);
  sizes.insert(sizes.begin(), {first_idxs.size(0), max_size});
  sizes.erase(sizes.begin() + 2);
  return padded.reshape(sizes);
}

}  // namespace bisque
