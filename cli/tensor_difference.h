// How two tensors of files differ.
#pragma once
#include <ATen/core/Tensor.h>

#include <string>

#include "cli/tensor_pieces.h"

namespace bisque::cli {

/// What differs, in a sentence without its end, or "": sizes, layout, dtype, quantization, values. Integers are
/// compared as integers, NaNs in the same place are equal, and so are 0 and -0. Sparse tensors are equal where their
/// entries are (COO in any order, and zeros that are stored as zeros that are not), nested ones where their tensors
/// are. Strides, devices and requires_grad make no difference. Error: the tensors expand to more bytes than `budget`
/// has.
std::string tensor_difference(const at::Tensor& a, const at::Tensor& b, ByteBudget& budget);

}  // namespace bisque::cli
