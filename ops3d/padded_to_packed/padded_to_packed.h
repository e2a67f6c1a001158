// From the padded rows of a batch to the packed ones.
#pragma once
#include <ATen/core/Tensor.h>

#include <bisque/core/plugin/op.h>

namespace bisque {

/// The opposite of packed_to_padded: the first rows of each element, one element after the other.
///
///   inputs      [N, M, D], [N, M] or [N, M, ...]  float32 or float64
///   first_idxs  [N]     int64: element n has the rows first_idxs[n] up to first_idxs[n + 1] of the result, the last one up
///                       to num_inputs
///   num_inputs          rows of the result
///   returns     [num_inputs, D] (or [num_inputs], ...)  zero where an element has fewer than M rows
///
/// Differentiable by inputs. Deterministic, forward and backward. Any size may be 0. Errors: shapes, dtypes or devices
/// that do not match, num_inputs below 0; on the CPU, an index outside [0, num_inputs]. On CUDA such an element has no
/// rows. Source: PyTorch3D's padded_to_packed.
inline at::Tensor padded_to_packed(const at::Tensor& inputs, const at::Tensor& first_idxs, int64_t num_inputs) {
  static const auto op = find_op<at::Tensor(const at::Tensor&, const at::Tensor&, int64_t)>("bisque::padded_to_packed");
  if (inputs.dim() == 3) return op.call(inputs, first_idxs, num_inputs);
  const int64_t rows = inputs.size(0) * inputs.size(1);
  const auto packed =
      op.call(inputs.reshape({inputs.size(0), inputs.size(1), inputs.numel() / std::max<int64_t>(rows, 1)}), first_idxs,
              num_inputs);
  auto sizes = inputs.sizes().slice(1).vec();
  sizes[0] = num_inputs;
  return packed.reshape(sizes);
}

}  // namespace bisque
