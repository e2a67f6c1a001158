#include <ATen/ATen.h>

#include <bisque/ops3d/transforms/components.h>

namespace bisque::transforms {

at::Tensor components_of(const at::Tensor& tensor, int64_t num_last) {
  int64_t count = 1;
  for (int64_t i = 1; i <= num_last; ++i) count *= tensor.size(-i);
  const int64_t batch = tensor.numel() / count;
  return tensor.reshape({batch, count}).t().contiguous();
}

at::Tensor from_components(const at::Tensor& components, const at::Tensor& like, int64_t num_last,
                           at::IntArrayRef last_sizes) {
  std::vector<int64_t> sizes(like.sizes().begin(), like.sizes().end() - num_last);
  sizes.insert(sizes.end(), last_sizes.begin(), last_sizes.end());
  return components.t().contiguous().view(sizes);
}

}  // namespace bisque::transforms
