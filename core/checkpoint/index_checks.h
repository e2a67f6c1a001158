// Internal. Checks of the indices in sparse and nested tensors, which libtorch's kernels trust.
#pragma once
#include <ATen/core/Tensor.h>

#include <cstdint>
#include <string>
#include <vector>

namespace bisque {

/// Checks int64 indices [sparse dims, nnz] against the sizes; with `coalesced` also that they increase. Error, prefixed
/// with `where`: an index out of range; equal or decreasing indices of a coalesced tensor.
void check_coo_indices(const at::Tensor& indices, const std::vector<int64_t>& sizes, bool coalesced,
                       const std::string& where);

/// Checks the int64 tables of a nested tensor: sizes and strides [tensors, dims] and offsets [tensors], against the
/// number of elements of its buffer. Error: a negative entry, or a tensor that reaches beyond the buffer.
void check_nested_tables(const at::Tensor& sizes, const at::Tensor& strides, const at::Tensor& offsets, int64_t numel,
                         const std::string& where);

}  // namespace bisque
