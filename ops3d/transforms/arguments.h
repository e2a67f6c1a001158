// Internal. Checks of the tensors that the functions of this folder take.
#pragma once
#include <ATen/core/Tensor.h>

namespace bisque::transforms {

/// Error: `tensor` is not of floating point, or its last sizes are not `sizes`. `function` and `argument` name it.
void check_last_sizes(const char* function, const char* argument, const at::Tensor& tensor, at::IntArrayRef sizes);

/// Error: the dtypes or devices of two tensors differ, or their batch sizes (all but the last `num_last`) do not
/// broadcast.
void check_batches(const char* function, const at::Tensor& a, const at::Tensor& b, int64_t num_last);

}  // namespace bisque::transforms
