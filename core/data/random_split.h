// Random, disjoint parts of a dataset.
#pragma once
#include <ATen/core/Generator.h>

#include <concepts>
#include <initializer_list>
#include <memory>
#include <optional>
#include <vector>

#include <bisque/core/data/combined.h>

namespace bisque::data {

/// The indices of each part: lengths that add up to `size`, or fractions that add up to 1 (each part gets
/// floor(fraction * size), and the remainder is distributed one by one to the first parts). Errors: they do not add up;
/// one is negative.
std::vector<std::vector<int64_t>> split_indices(int64_t size, const std::vector<int64_t>& lengths,
                                                const std::optional<at::Generator>& generator);
std::vector<std::vector<int64_t>> split_indices(int64_t size, const std::vector<double>& fractions,
                                                const std::optional<at::Generator>& generator);

/// The same parts as Python's random_split for the same seed (of the default generator, unless one is given). Lengths
/// are integers, fractions are floating point. Errors: see split_indices.
template <MapDataset D, class Number>
requires(std::integral<Number> || std::floating_point<Number>) std::vector<Subset<D>> random_split(
    D dataset, const std::vector<Number>& lengths, const std::optional<at::Generator>& generator = {}) {
  using Wide = std::conditional_t<std::integral<Number>, int64_t, double>;
  const auto shared = std::make_shared<const D>(std::move(dataset));
  const auto size = static_cast<int64_t>(shared->size());
  std::vector<Subset<D>> parts;
  for (auto& indices : split_indices(size, std::vector<Wide>(lengths.begin(), lengths.end()), generator)) {
    parts.emplace_back(shared, std::move(indices));
  }
  return parts;
}
template <MapDataset D, class Number>
std::vector<Subset<D>> random_split(D dataset, std::initializer_list<Number> lengths,
                                    const std::optional<at::Generator>& generator = {}) {
  return random_split(std::move(dataset), std::vector<Number>(lengths), generator);
}

}  // namespace bisque::data
