// float16 and bfloat16 as they lie in memory, for kernels, which have no torch headers.
#pragma once
#include <cstdint>
#include <type_traits>

namespace bisque {

struct Half {
  uint16_t bits;
};

struct BFloat16 {
  uint16_t bits;
};

/// The type that sums and products of values of type T are computed in.
template <class T>
using Accumulate = std::conditional_t<std::is_same_v<T, double>, double, float>;

}  // namespace bisque
