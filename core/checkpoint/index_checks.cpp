#include <bisque/core/checkpoint/index_checks.h>

#include <ATen/ATen.h>

#include <algorithm>

#include <bisque/core/error.h>

namespace bisque {
namespace {

using Columns = at::TensorAccessor<const int64_t, 2>;

// Whether column i is less than column i + 1.
bool rises(const Columns& indices, int64_t i) {
  for (int64_t dim = 0; dim < indices.size(0); ++dim) {
    if (indices[dim][i] != indices[dim][i + 1]) return indices[dim][i] < indices[dim][i + 1];
  }
  return false;
}

// The last element that a tensor of a nested one reaches, or -1 if it has none. Returns false beyond 63 bits, or if it
// is negative.
bool last_element_of(const at::TensorAccessor<const int64_t, 1>& sizes,
                     const at::TensorAccessor<const int64_t, 1>& strides, int64_t offset, int64_t& last) {
  last = offset;
  bool is_empty = false;
  int64_t numel = 1;
  for (int64_t dim = 0; dim < sizes.size(0); ++dim) {
    int64_t reach = 0;
    if (sizes[dim] < 0 || strides[dim] < 0) return false;
    is_empty = is_empty || sizes[dim] == 0;
    if (__builtin_mul_overflow(std::max<int64_t>(sizes[dim], 1) - 1, strides[dim], &reach) ||
        __builtin_add_overflow(last, reach, &last) ||
        __builtin_mul_overflow(numel, std::max<int64_t>(sizes[dim], 1), &numel)) {
      return false;
    }
  }
  if (is_empty) last = -1;
  return offset >= 0;
}

}  // namespace

void check_coo_indices(const at::Tensor& indices, const std::vector<int64_t>& sizes, bool coalesced,
                       const std::string& where) {
  const auto columns = indices.accessor<const int64_t, 2>();
  const int64_t nnz = columns.size(1);
  for (int64_t dim = 0; dim < columns.size(0); ++dim) {
    const int64_t size = sizes[static_cast<size_t>(dim)];
    const auto row = columns[dim];
    for (int64_t i = 0; i < nnz; ++i) {
      if (row[i] >= 0 && row[i] < size) continue;
      fail(where, ": a sparse tensor has the index ", row[i], " in dimension ", dim, " of size ", size, ", expected 0 ",
           size == 0 ? "indices." : "to " + std::to_string(size - 1) + ".");
    }
  }
  for (int64_t i = 0; coalesced && i + 1 < nnz; ++i) {
    if (rises(columns, i)) continue;
    fail(where, ": a sparse tensor that is marked as coalesced has index ", i + 1,
         " not after the one before it, expected each once and in order.");
  }
}

void check_nested_tables(const at::Tensor& sizes, const at::Tensor& strides, const at::Tensor& offsets, int64_t numel,
                         const std::string& where) {
  const auto all_sizes = sizes.accessor<const int64_t, 2>();
  const auto all_strides = strides.accessor<const int64_t, 2>();
  const auto all_offsets = offsets.accessor<const int64_t, 1>();
  for (int64_t i = 0; i < all_offsets.size(0); ++i) {
    int64_t last = 0;
    if (!last_element_of(all_sizes[i], all_strides[i], all_offsets[i], last) || last >= numel) {
      fail(where, ": tensor ", i, " of a nested tensor is not within its buffer of ", numel, " elements.");
    }
  }
}

}  // namespace bisque
