// Sums that threads add to in any order, with the same result each time: the addends are integers, in units far below
// the rounding of the largest. No torch.
//
// A first kernel calls note_addend() for all addends of a sum and a second one add_in_fixed_point(); then
// finish_fixed_point_sums() gives the results. `largest` and `sum` begin as zeros.
#pragma once
#include <cmath>
#include <cstdint>
#include <limits>

#include <bisque/core/ops/each.cuh>

namespace bisque {

/// Two words: multiples of a unit, and of that unit divided by 2^bits.
struct FixedPointSum {
  unsigned long long units, fractions;
};

/// Bits of an addend, so that the sum of `count` of them fits a word.
inline int fixed_point_bits(int64_t count) {
  int bits = 61;
  for (; count > 0; count /= 2) --bits;
  return bits;
}

__device__ inline void atomic_max(float* most, float value) {
  atomicMax(reinterpret_cast<unsigned int*>(most), __float_as_uint(value));
}
__device__ inline void atomic_max(double* most, double value) {
  atomicMax(reinterpret_cast<unsigned long long*>(most), static_cast<unsigned long long>(__double_as_longlong(value)));
}

/// *largest becomes the greatest absolute value of all addends, or infinite if one is NaN.
template <class T>
__device__ void note_addend(T* largest, T addend) {
  if (addend == 0) return;
  atomic_max(largest, addend != addend ? std::numeric_limits<T>::infinity() : std::abs(addend));
}

/// The exponent of the unit, for which the largest addend is less than 2^bits.
__device__ inline int fixed_point_exponent(double largest, int bits) { return ilogb(largest) + 1 - bits; }

template <class T>
__device__ void add_in_fixed_point(FixedPointSum* sum, T addend, T largest, int bits) {
  if (addend == 0 || largest > std::numeric_limits<T>::max()) return;
  const double value = ldexp(static_cast<double>(addend), -fixed_point_exponent(largest, bits));
  const double units = floor(value);
  atomicAdd(&sum->units, static_cast<unsigned long long>(static_cast<long long>(units)));
  const auto fraction = static_cast<unsigned long long>(ldexp(value - units, bits));
  if (fraction > 0) atomicAdd(&sum->fractions, fraction);
}

/// NaN if an addend was NaN or infinite.
template <class T>
__device__ T fixed_point_sum(const FixedPointSum& sum, T largest, int bits) {
  if (largest == 0) return 0;
  if (largest > std::numeric_limits<T>::max()) return std::numeric_limits<T>::quiet_NaN();
  const double units = static_cast<double>(static_cast<long long>(sum.units));
  const double fractions = ldexp(static_cast<double>(sum.fractions), -bits);
  return static_cast<T>(ldexp(units + fractions, fixed_point_exponent(largest, bits)));
}

template <class T>
static __global__ void fixed_point_results(const FixedPointSum* sums, const T* largest, T* results, int64_t count,
                                           int bits) {
  for (int64_t i = grid_first(); i < count; i += grid_step()) results[i] = fixed_point_sum(sums[i], largest[i], bits);
}

template <class T>
void finish_fixed_point_sums(const OnCuda& on, const FixedPointSum* sums, const T* largest, T* results, int64_t count,
                             int bits) {
  fixed_point_results<<<blocks_for(count), kThreads, 0, static_cast<cudaStream_t>(on.stream)>>>(sums, largest, results,
                                                                                                count, bits);
}

}  // namespace bisque
