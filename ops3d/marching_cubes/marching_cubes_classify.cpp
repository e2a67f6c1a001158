// The passes of the CPU kernel over all values of the volumes, in SIMD.
#include <cstring>
#include <limits>

#include <bisque/ops3d/marching_cubes/marching_cubes_kernels.h>

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "bisque/ops3d/marching_cubes/marching_cubes_classify.cpp"
#include <hwy/foreach_target.h>
#include <hwy/highway.h>

HWY_BEFORE_NAMESPACE();
namespace bisque::HWY_NAMESPACE {
namespace hn = hwy::HWY_NAMESPACE;

template <class T>
using Lanes = hn::CappedTag<T, 16>;

template <class Mask>
HWY_INLINE uint32_t bits_of(Mask mask, size_t shift, uint32_t bits, auto d) {
  uint8_t bytes[8] = {};
  hn::StoreMaskBits(d, mask, bytes);
  uint32_t word;
  std::memcpy(&word, bytes, sizeof word);
  return bits | word << shift;
}

template <class T>
void classify_row(const T* values, int64_t width, T isolevel, uint32_t* below, uint32_t* at) {
  const Lanes<T> d;
  const size_t lanes = hn::Lanes(d);
  const auto level = hn::Set(d, isolevel);
  int64_t x = 0;
  for (; x + 32 <= width; x += 32) {
    uint32_t below_bits = 0, at_bits = 0;
    for (size_t i = 0; i < 32; i += lanes) {
      const auto value = hn::LoadU(d, values + x + i);
      below_bits = bits_of(hn::Lt(value, level), i, below_bits, d);
      at_bits = bits_of(hn::Eq(value, level), i, at_bits, d);
    }
    below[x / 32] = below_bits;
    at[x / 32] = at_bits;
  }
  if (x == width) return;
  below[x / 32] = at[x / 32] = 0;
  for (int64_t i = x; i < width; ++i) {
    below[x / 32] |= static_cast<uint32_t>(values[i] < isolevel) << (i - x);
    at[x / 32] |= static_cast<uint32_t>(values[i] == isolevel) << (i - x);
  }
}

template <class T>
void classify(const MarchingCubesParams<T>& p, int64_t begin, int64_t end) {
  for (int64_t row = begin; row < end; ++row) {
    const T isolevel = p.isolevels[row / (p.D * p.H)];
    classify_row(p.vol + row * p.W, p.W, isolevel, p.below + row * p.words(), p.at + row * p.words());
  }
}

template <class T>
void find_extremes(const T* numbers, int64_t count, Extremes<T>& extremes) {
  const Lanes<T> d;
  const int64_t lanes = static_cast<int64_t>(hn::Lanes(d));
  T least = std::numeric_limits<T>::infinity(), greatest = -least;
  auto low = hn::Set(d, least), high = hn::Set(d, greatest);
  int64_t i = 0;
  for (; i + lanes <= count; i += lanes) {
    // Comparisons, since the instructions for minima differ in what they make of NaN.
    const auto value = hn::LoadU(d, numbers + i);
    low = hn::IfThenElse(hn::Lt(value, low), value, low);
    high = hn::IfThenElse(hn::Gt(value, high), value, high);
  }
  T lows[16], highs[16];
  hn::StoreU(low, d, lows);
  hn::StoreU(high, d, highs);
  for (int64_t lane = 0; lane < lanes; ++lane) {
    if (lows[lane] < least) least = lows[lane];
    if (highs[lane] > greatest) greatest = highs[lane];
  }
  for (; i < count; ++i) {
    if (numbers[i] < least) least = numbers[i];
    if (numbers[i] > greatest) greatest = numbers[i];
  }
  extremes = {least, greatest};
}

void classify_float(const MarchingCubesParams<float>& p, int64_t begin, int64_t end) { classify(p, begin, end); }
void classify_double(const MarchingCubesParams<double>& p, int64_t begin, int64_t end) { classify(p, begin, end); }
void extremes_float(const float* numbers, int64_t count, Extremes<float>& e) { find_extremes(numbers, count, e); }
void extremes_double(const double* numbers, int64_t count, Extremes<double>& e) { find_extremes(numbers, count, e); }

}  // namespace bisque::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace bisque {

HWY_EXPORT(classify_float);
HWY_EXPORT(classify_double);
HWY_EXPORT(extremes_float);
HWY_EXPORT(extremes_double);

template <>
void marching_cubes_classify(const MarchingCubesParams<float>& params, int64_t begin, int64_t end) {
  HWY_DYNAMIC_DISPATCH(classify_float)(params, begin, end);
}

template <>
void marching_cubes_classify(const MarchingCubesParams<double>& params, int64_t begin, int64_t end) {
  HWY_DYNAMIC_DISPATCH(classify_double)(params, begin, end);
}

template <>
Extremes<float> extremes_of(const float* numbers, int64_t count) {
  Extremes<float> extremes;
  HWY_DYNAMIC_DISPATCH(extremes_float)(numbers, count, extremes);
  return extremes;
}

template <>
Extremes<double> extremes_of(const double* numbers, int64_t count) {
  Extremes<double> extremes;
  HWY_DYNAMIC_DISPATCH(extremes_double)(numbers, count, extremes);
  return extremes;
}

}  // namespace bisque
#endif
