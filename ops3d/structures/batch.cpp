#include <bisque/ops3d/structures/batch.h>

#include <ATen/ATen.h>

#include <limits>
#include <numeric>
#include <utility>

#include <bisque/core/error.h>

namespace bisque {

using data::RaggedSizes;

int64_t element_index(const char* name, int64_t index, int64_t size) {
  if (index < -size || index >= size) {
    fail(name, ": expected an index in [", -size, ", ", size, "), but got ", index, ".");
  }
  return index < 0 ? index + size : index;
}

std::vector<int64_t> element_indices(const char* name, const std::vector<int64_t>& indices, int64_t size) {
  std::vector<int64_t> in_range;
  in_range.reserve(indices.size());
  for (const int64_t index : indices) in_range.push_back(element_index(name, index, size));
  return in_range;
}

std::vector<int64_t> element_indices(const char* name, const at::Tensor& indices, int64_t size) {
  const bool is_mask = indices.scalar_type() == at::kBool;
  const bool is_index = indices.scalar_type() == at::kInt || indices.scalar_type() == at::kLong;
  if (indices.dim() != 1 || (!is_mask && !is_index) || (is_mask && indices.size(0) != size)) {
    fail(name, ": expected indices to be [M] int32 or int64, or a mask [", size, "] bool, but got ",
         indices.scalar_type(), " ", indices.sizes(), ".");
  }
  const at::Tensor numbers = (is_mask ? indices.nonzero().flatten() : indices).to(at::kCPU, at::kLong).contiguous();
  const auto* data = numbers.const_data_ptr<int64_t>();
  return element_indices(name, std::vector<int64_t>(data, data + numbers.numel()), size);
}

RaggedSizes select_sizes(const RaggedSizes& sizes, const std::vector<int64_t>& indices) {
  std::vector<int64_t> selected;
  selected.reserve(indices.size());
  for (const int64_t index : indices) selected.push_back(sizes[index]);
  return RaggedSizes(std::move(selected));
}

at::Tensor select_packed(const at::Tensor& packed, const RaggedSizes& sizes, const std::vector<int64_t>& indices) {
  if (!packed.defined()) return packed;
  if (indices.empty()) return packed.narrow(0, 0, 0);
  std::vector<int64_t> first(sizes.sizes().size());
  std::exclusive_scan(sizes.sizes().begin(), sizes.sizes().end(), first.begin(), int64_t{0});
  std::vector<at::Tensor> selected;
  selected.reserve(indices.size());
  for (const int64_t index : indices) {
    selected.push_back(packed.narrow(0, first[static_cast<size_t>(index)], sizes[index]));
  }
  return selected.size() == 1 ? selected[0] : at::cat(selected);
}

RaggedSizes join_sizes(const std::vector<const RaggedSizes*>& batches) {
  std::vector<int64_t> joined;
  for (const RaggedSizes* batch : batches) joined.insert(joined.end(), batch->sizes().begin(), batch->sizes().end());
  return RaggedSizes(std::move(joined));
}

at::Tensor bounding_boxes(const at::Tensor& packed, const RaggedSizes& sizes) {
  constexpr double kInfinity = std::numeric_limits<double>::infinity();
  if (sizes.total() == 0) {
    return at::tensor({kInfinity, -kInfinity}, packed.options()).expand({sizes.num_elements(), 3, 2}).clone();
  }
  return at::stack(
      {sizes.padded_of_packed(packed, kInfinity).amin(1), sizes.padded_of_packed(packed, -kInfinity).amax(1)}, 2);
}

void check_floating_on(const char* name, const char* argument, const at::Tensor& tensor, at::Device device) {
  if (tensor.device() != device || !at::isFloatingType(tensor.scalar_type())) {
    fail(name, ": expected ", argument, " to be floating-point on ", device, ", but got ", tensor.scalar_type(), " on ",
         tensor.device(), ".");
  }
}

at::Tensor offset_packed(const char* name, const at::Tensor& packed, const at::Tensor& offsets) {
  if (offsets.sizes() != at::IntArrayRef{3} && offsets.sizes() != packed.sizes()) {
    fail(name, ": expected offsets to have shape [3] or ", packed.sizes(), ", but got ", offsets.sizes(), ".");
  }
  check_floating_on(name, "offsets", offsets, packed.device());
  return packed + offsets.to(packed.scalar_type());
}

at::Tensor scale_packed(const char* name, const at::Tensor& packed, const RaggedSizes& sizes, const at::Tensor& scale) {
  if (scale.dim() != 0 && scale.sizes() != at::IntArrayRef{sizes.num_elements()}) {
    fail(name, ": expected scale to have shape [] or [", sizes.num_elements(), "], but got ", scale.sizes(), ".");
  }
  check_floating_on(name, "scale", scale, packed.device());
  const at::Tensor of_dtype = scale.to(packed.scalar_type());
  return packed * (scale.dim() == 0 ? of_dtype : sizes.expand(of_dtype).unsqueeze(1));
}

std::vector<std::vector<int64_t>> split_indices(const char* name, const std::vector<int64_t>& sizes, int64_t size) {
  int64_t sum = 0;
  for (const int64_t part : sizes) {
    if (part < 0) fail(name, ": expected sizes of 0 or more, but got ", part, ".");
    sum += part;
  }
  if (sum != size) fail(name, ": expected sizes that add up to ", size, ", but their sum is ", sum, ".");
  std::vector<std::vector<int64_t>> parts;
  int64_t first = 0;
  for (const int64_t part : sizes) {
    parts.emplace_back(static_cast<size_t>(part));
    std::iota(parts.back().begin(), parts.back().end(), first);
    first += part;
  }
  return parts;
}

std::vector<int64_t> repeated_indices(const char* name, int64_t size, int64_t count) {
  if (count < 1) fail(name, ": expected a count of 1 or more, but got ", count, ".");
  std::vector<int64_t> indices;
  indices.reserve(static_cast<size_t>(size * count));
  for (int64_t i = 0; i < size * count; ++i) indices.push_back(i / count);
  return indices;
}

}  // namespace bisque
