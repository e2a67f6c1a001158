// A set of indices that gives them in order. Neither torch nor SIMD.
#pragma once
#include <cstddef>
#include <cstdint>
#include <vector>

namespace bisque::ball {

/// A bit for each index, and one for each word of 64 that is not empty. For the tens of indices of a ball it takes half
/// the time of sorting them.
class IndexSet {
 public:
  explicit IndexSet(int64_t size)
      : words_(static_cast<size_t>(size / 64 + 1)), groups_(static_cast<size_t>(size / 4096 + 1)) {}

  void insert(int32_t index) {
    const auto i = static_cast<uint32_t>(index);
    words_[i / 64] |= uint64_t{1} << i % 64;
    groups_[i / 4096] |= uint64_t{1} << i / 64 % 64;
  }

  /// Takes all out, and writes the first `most`.
  void take(int64_t most, int32_t* indices) {
    int64_t written = 0;
    for (size_t g = 0; g < groups_.size(); ++g) {
      for (; groups_[g]; groups_[g] &= groups_[g] - 1) {
        const size_t word = 64 * g + static_cast<size_t>(__builtin_ctzll(groups_[g]));
        for (uint64_t bits = words_[word]; bits && written < most; bits &= bits - 1) {
          indices[written++] = static_cast<int32_t>(64 * word + static_cast<size_t>(__builtin_ctzll(bits)));
        }
        words_[word] = 0;
      }
    }
  }

 private:
  std::vector<uint64_t> words_, groups_;
};

}  // namespace bisque::ball
