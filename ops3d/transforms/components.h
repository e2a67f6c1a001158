// Internal. Batches of small vectors and matrices as one row per component: arithmetic on whole rows is several times
// faster than on columns of a few elements.
#pragma once
#include <ATen/core/Tensor.h>

namespace bisque::transforms {

/// [..., sizes] as [components, batch], contiguous; the last `num_last` dimensions are components.
at::Tensor components_of(const at::Tensor& tensor, int64_t num_last);

/// The reverse: [components, batch] as [..., last_sizes], with the batch sizes of `like`, whose last `num_last`
/// dimensions are components.
at::Tensor from_components(const at::Tensor& components, const at::Tensor& like, int64_t num_last,
                           at::IntArrayRef last_sizes);

}  // namespace bisque::transforms
