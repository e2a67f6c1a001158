// Internal. Random numbers as in torch.utils.data.
#pragma once
#include <ATen/core/Generator.h>

#include <cstdint>
#include <optional>
#include <vector>

namespace bisque::data {

/// A generator on the CPU with this seed.
at::Generator make_generator(int64_t seed);

/// A seed from the given or the default generator: torch.empty((), dtype=torch.int64).random_().
int64_t draw_seed(const std::optional<at::Generator>& generator);

/// torch.randperm(size).tolist()
std::vector<int64_t> random_permutation(int64_t size, const std::optional<at::Generator>& generator);

}  // namespace bisque::data
