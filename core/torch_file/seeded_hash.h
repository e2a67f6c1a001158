// Internal. Hashes that a file cannot predict, so it cannot contain many keys with one hash.
#pragma once
#include <algorithm>
#include <cstdint>
#include <cstring>
#include <random>
#include <string_view>

namespace bisque {

/// An odd number that differs between processes.
inline uint64_t hash_seed() {
  static const uint64_t kSeed = [] {
    std::random_device device;
    return (static_cast<uint64_t>(device()) << 32 | device()) | 1;
  }();
  return kSeed;
}

inline uint64_t mix_hash(uint64_t a, uint64_t b) {
  __extension__ using Wide = unsigned __int128;
  const Wide product = static_cast<Wide>(a ^ hash_seed()) * (b ^ 0x9E3779B97F4A7C15);
  return static_cast<uint64_t>(product) ^ static_cast<uint64_t>(product >> 64);
}

inline uint64_t hash_text(std::string_view text) {
  uint64_t hash = text.size();
  while (!text.empty()) {
    uint64_t word = 0;
    const size_t count = std::min(sizeof word, text.size());
    std::memcpy(&word, text.data(), count);
    hash = mix_hash(hash ^ word, hash_seed());
    text.remove_prefix(count);
  }
  return hash;
}

/// For unordered containers of names from a file.
struct SeededHash {
  using is_transparent = void;
  size_t operator()(std::string_view text) const { return hash_text(text); }
};

}  // namespace bisque
