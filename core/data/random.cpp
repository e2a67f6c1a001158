#include <bisque/core/data/random.h>

#include <ATen/CPUGeneratorImpl.h>
#include <ATen/core/Tensor.h>
#include <ATen/ops/empty.h>
#include <ATen/ops/randperm.h>

namespace bisque::data {

at::Generator make_generator(int64_t seed) { return at::detail::createCPUGenerator(static_cast<uint64_t>(seed)); }

int64_t draw_seed(const std::optional<at::Generator>& generator) {
  return at::empty({}, at::kLong).random_(generator).item<int64_t>();
}

std::vector<int64_t> random_permutation(int64_t size, const std::optional<at::Generator>& generator) {
  const at::Tensor order = at::randperm(size, generator, at::TensorOptions(at::kLong));
  const auto* first = order.const_data_ptr<int64_t>();
  return {first, first + size};
}

}  // namespace bisque::data
