// Internal. What the textures of a batch are made of: a tensor per mesh, as lists, padded or packed.
#pragma once
#include <ATen/core/Tensor.h>

#include <cstdint>
#include <vector>

#include <bisque/core/data/ragged_sizes.h>

namespace bisque::textures {

/// The tensors of a list [size_n, ...], one after another. Errors: another number of dimensions, neither float32 nor
/// float64, tensors that differ in other sizes than the first, dtype or device, an empty list.
at::Tensor cat_parts(const char* name, const char* argument, const std::vector<at::Tensor>& list, int64_t dims);

/// The sizes of the first dimension.
data::RaggedSizes sizes_of(const std::vector<at::Tensor>& list);

/// The elements of a padded tensor [N, size, ...], of which the first sizes[n] count; empty: all. Errors: another
/// number of dimensions; sizes that do not fit.
std::vector<at::Tensor> list_of_padded(const char* name, const char* argument, const at::Tensor& padded, int64_t dims,
                                       const std::vector<int64_t>& sizes);

/// Error: another number of faces than the textures are for.
void check_num_faces(const char* name, const at::Tensor& faces_packed, int64_t expected);

}  // namespace bisque::textures
