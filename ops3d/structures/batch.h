// Internal. What Meshes, Pointclouds and Volumes share: elements of a batch by index, boxes, scales, checks.
#pragma once
#include <ATen/core/Tensor.h>

#include <cstdint>
#include <vector>

#include <bisque/core/data/ragged_sizes.h>

namespace bisque {

/// `index` as one of [0, size); a negative one counts from the end. `name` begins the error for one out of range.
int64_t element_index(const char* name, int64_t index, int64_t size);
std::vector<int64_t> element_indices(const char* name, const std::vector<int64_t>& indices, int64_t size);
/// `indices` is [M] (int32, int64), or a mask [size] (bool). Errors: another shape or dtype, an index out of range.
std::vector<int64_t> element_indices(const char* name, const at::Tensor& indices, int64_t size);

/// The sizes, and the packed rows, of the elements at these indices in [0, N).
data::RaggedSizes select_sizes(const data::RaggedSizes& sizes, const std::vector<int64_t>& indices);
at::Tensor select_packed(const at::Tensor& packed, const data::RaggedSizes& sizes, const std::vector<int64_t>& indices);

/// The sizes of several batches in one.
data::RaggedSizes join_sizes(const std::vector<const data::RaggedSizes*>& batches);

/// [N, 3, 2]: the least and the greatest of the packed points of each element; infinity and -infinity without points.
at::Tensor bounding_boxes(const at::Tensor& packed, const data::RaggedSizes& sizes);

/// Fails if `tensor` is not floating-point, or on another device.
void check_floating_on(const char* name, const char* argument, const at::Tensor& tensor, at::Device device);

/// Packed points moved by `offsets`, one for all [3] or one for each. `name` begins the error for another shape.
at::Tensor offset_packed(const char* name, const at::Tensor& packed, const at::Tensor& offsets);

/// Packed points times `scale`, one for all [] or one per element [N]. `name` begins the error for another shape.
at::Tensor scale_packed(const char* name, const at::Tensor& packed, const data::RaggedSizes& sizes,
                        const at::Tensor& scale);

/// Indices of the parts of a batch of `size` elements. `name` begins the error for sizes that do not add up to it.
std::vector<std::vector<int64_t>> split_indices(const char* name, const std::vector<int64_t>& sizes, int64_t size);

/// Each index of [0, size) `count` times in a row. `name` begins the error for a count below 1.
std::vector<int64_t> repeated_indices(const char* name, int64_t size, int64_t count);

}  // namespace bisque
