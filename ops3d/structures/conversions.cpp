#include <bisque/ops3d/structures/conversions.h>

#include <ATen/ATen.h>

#include <algorithm>
#include <numeric>

#include <bisque/core/data/ragged.h>
#include <bisque/core/data/ragged_sizes.h>
#include <bisque/core/error.h>

namespace bisque {
namespace {

void check_alike(const std::vector<at::Tensor>& list) {
  if (list.empty()) fail("list_to_padded: expected one tensor or more, but got none.");
  for (const at::Tensor& each : list) {
    if (each.dim() != list[0].dim() || each.scalar_type() != list[0].scalar_type() ||
        each.device() != list[0].device()) {
      fail("list_to_padded: expected tensors of one number of dimensions, dtype and device, but got ",
           list[0].scalar_type(), " ", list[0].sizes(), " on ", list[0].device(), " and ", each.scalar_type(), " ",
           each.sizes(), " on ", each.device(), ".");
    }
  }
}

std::vector<int64_t> greatest_sizes(const std::vector<at::Tensor>& list) {
  std::vector<int64_t> greatest(static_cast<size_t>(list[0].dim()), 0);
  for (const at::Tensor& each : list) {
    for (size_t axis = 0; axis < greatest.size(); ++axis) {
      greatest[axis] = std::max(greatest[axis], each.size(static_cast<int64_t>(axis)));
    }
  }
  return greatest;
}

// What constant_pad_nd takes: from the last dimension to the first, before and after.
std::vector<int64_t> padding_of(const at::Tensor& tensor, const std::vector<int64_t>& pad_size) {
  std::vector<int64_t> padding;
  for (size_t axis = pad_size.size(); axis-- > 0;) {
    const int64_t size = tensor.size(static_cast<int64_t>(axis));
    if (size > pad_size[axis]) {
      fail("list_to_padded: expected tensors of sizes up to ", at::IntArrayRef(pad_size), ", but got ", tensor.sizes(),
           ".");
    }
    padding.insert(padding.end(), {0, pad_size[axis] - size});
  }
  return padding;
}

}  // namespace

at::Tensor list_to_padded(const std::vector<at::Tensor>& list, const std::vector<int64_t>& pad_size, double pad_value) {
  check_alike(list);
  const std::vector<int64_t> sizes = pad_size.empty() ? greatest_sizes(list) : pad_size;
  if (static_cast<int64_t>(sizes.size()) != list[0].dim()) {
    fail("list_to_padded: expected pad_size of ", list[0].dim(), " dimensions, but got ", sizes.size(), ".");
  }
  std::vector<at::Tensor> padded;
  padded.reserve(list.size());
  for (const at::Tensor& each : list) padded.push_back(at::constant_pad_nd(each, padding_of(each, sizes), pad_value));
  return at::stack(padded);
}

std::vector<at::Tensor> padded_to_list(const at::Tensor& padded, const std::vector<std::vector<int64_t>>& split_sizes) {
  if (padded.dim() < 1 || static_cast<int64_t>(split_sizes.size()) != padded.size(0)) {
    fail("padded_to_list: expected a size for each element of padded ", padded.sizes(), ", but got ",
         split_sizes.size(), ".");
  }
  std::vector<at::Tensor> list;
  for (size_t i = 0; i < split_sizes.size(); ++i) {
    at::Tensor element = padded.select(0, static_cast<int64_t>(i));
    const at::IntArrayRef sizes = split_sizes[i];
    for (size_t axis = 0; axis < sizes.size(); ++axis) {
      const auto dim = static_cast<int64_t>(axis);
      if (dim >= element.dim() || sizes[axis] < 0 || sizes[axis] > element.size(dim)) {
        fail("padded_to_list: expected sizes of an element up to ", padded.sizes().slice(1), ", but got ", sizes, ".");
      }
      element = element.narrow(dim, 0, sizes[axis]);
    }
    list.push_back(element);
  }
  return list;
}

std::vector<at::Tensor> padded_to_list(const at::Tensor& padded, const std::vector<int64_t>& split_sizes) {
  std::vector<std::vector<int64_t>> sizes;
  for (const int64_t size : split_sizes) sizes.push_back({size});
  return padded_to_list(padded, sizes);
}

PackedList list_to_packed(const std::vector<at::Tensor>& list) {
  const data::Packed packed = data::pack(list);
  const data::RaggedSizes sizes(packed.lengths);
  const at::Device device = packed.values.device();
  return {packed.values, sizes.lengths(device), sizes.first_idx(device), sizes.packed_to_element_idx(device)};
}

std::vector<at::Tensor> packed_to_list(const at::Tensor& packed, const std::vector<int64_t>& split_sizes) {
  const int64_t sum = std::accumulate(split_sizes.begin(), split_sizes.end(), int64_t{0});
  const bool negative = std::any_of(split_sizes.begin(), split_sizes.end(), [](int64_t size) { return size < 0; });
  if (packed.dim() < 1 || packed.size(0) != sum || negative) {
    fail("packed_to_list: expected sizes of 0 or more that add up to the rows of packed ", packed.sizes(), ", but got ",
         at::IntArrayRef(split_sizes), ".");
  }
  return data::RaggedSizes(split_sizes).list_of_packed(packed);
}

}  // namespace bisque
