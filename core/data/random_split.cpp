#include <bisque/core/data/random_split.h>

#include <cmath>
#include <numeric>

#include <bisque/core/data/random.h>

namespace bisque::data {

std::vector<std::vector<int64_t>> split_indices(int64_t size, const std::vector<int64_t>& lengths,
                                                const std::optional<at::Generator>& generator) {
  for (const int64_t length : lengths) {
    if (length < 0) fail("random_split: expected lengths of 0 or more, but got ", length, ".");
  }
  const int64_t sum = std::accumulate(lengths.begin(), lengths.end(), int64_t{0});
  if (sum != size) fail("random_split: expected lengths that add up to the ", size, " samples, but got ", sum, ".");
  const std::vector<int64_t> order = random_permutation(size, generator);
  std::vector<std::vector<int64_t>> parts;
  auto at = order.begin();
  for (const int64_t length : lengths) {
    parts.emplace_back(at, at + length);
    at += length;
  }
  return parts;
}

std::vector<std::vector<int64_t>> split_indices(int64_t size, const std::vector<double>& fractions,
                                                const std::optional<at::Generator>& generator) {
  double sum = 0;
  for (const double fraction : fractions) {
    if (!(fraction >= 0 && fraction <= 1)) fail("random_split: expected fractions in [0, 1], but got ", fraction, ".");
    sum += fraction;
  }
  if (std::abs(sum - 1) > 1e-9) fail("random_split: expected fractions that add up to 1, but got ", sum, ".");
  std::vector<int64_t> lengths;
  for (const double fraction : fractions) {
    lengths.push_back(static_cast<int64_t>(std::floor(static_cast<double>(size) * fraction)));
  }
  const int64_t rest = size - std::accumulate(lengths.begin(), lengths.end(), int64_t{0});
  for (int64_t i = 0; i < rest; ++i) ++lengths[static_cast<size_t>(i) % lengths.size()];
  return split_indices(size, lengths, generator);
}

}  // namespace bisque::data
