// The difference of two tensors of files.
#pragma once
#include <ATen/core/Tensor.h>

#include <string>

#include "cli/tensor_pieces.h"

namespace bisque::cli {

/// The difference, as a sentence without its end, or "": sizes, layout, dtype, quantization, values. Integers are
/// compared as integers; NaNs at the same position are equal, and so are 0 and -0. Sparse tensors are equal if their
/// entries are (COO in any order; stored zeros equal missing entries), nested ones if their tensors are. Strides,
/// devices and requires_grad are ignored. Error: the tensors expand to more bytes than are left in `budget`.
std::string tensor_difference(const at::Tensor& a, const at::Tensor& b, ByteBudget& budget);

}  // namespace bisque::cli
