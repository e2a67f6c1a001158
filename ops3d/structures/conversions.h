// Lists of tensors as one tensor, padded or packed, and back.
#pragma once
#include <ATen/core/Tensor.h>

#include <cstdint>
#include <vector>

namespace bisque {

// All are differentiable by the values, for every dtype and device. Source: pytorch3d.structures.utils.

/// Tensors of the same number of dimensions, each padded at the ends to `pad_size` (empty: the greatest size of each
/// dimension) with `pad_value`, stacked: [N, *pad_size]. Errors: an empty list; tensors that differ in dimensions,
/// dtype or device, or are greater than pad_size.
at::Tensor list_to_padded(const std::vector<at::Tensor>& list, const std::vector<int64_t>& pad_size = {},
                          double pad_value = 0);

/// The elements of `padded` [N, ...], as views: of element n, the first split_sizes[n][0] rows, of these the first
/// split_sizes[n][1] columns and so on. Errors: another number of sizes than N, a size that is negative or too great.
std::vector<at::Tensor> padded_to_list(const at::Tensor& padded, const std::vector<std::vector<int64_t>>& split_sizes);
std::vector<at::Tensor> padded_to_list(const at::Tensor& padded, const std::vector<int64_t>& split_sizes);

/// The rows of tensors [M_n, ...], one tensor after the other.
struct PackedList {
  at::Tensor packed;                   // [sum M, ...]
  at::Tensor num_items;                // [N] int64
  at::Tensor item_packed_first_idx;    // [N] int64
  at::Tensor item_packed_to_list_idx;  // [sum M] int64
};
/// Errors: an empty list; tensors without dimensions, or that differ in other sizes than the first, dtype or device.
PackedList list_to_packed(const std::vector<at::Tensor>& list);

/// Parts of split_sizes[n] rows, as views. Error: sizes whose sum is not the number of rows.
std::vector<at::Tensor> packed_to_list(const at::Tensor& packed, const std::vector<int64_t>& split_sizes);

}  // namespace bisque
