// Code that the norms' CPU kernels share, without SIMD: weights in the precision of sums, scratch, and the division of
// work.
#pragma once
#include <algorithm>
#include <cmath>
#include <cstring>
#include <memory>

#include <bisque/core/ops/norm/norm_kernels.h>
#include <bisque/core/ops/parallel.h>

namespace bisque::norm {

constexpr int64_t kGrain = 16384;                   // values that are worth a thread
constexpr int64_t kStreamBytes = int64_t{8} << 20;  // results from this size on are written past the caches

/// Values that are not set.
template <class T>
std::unique_ptr<T[]> scratch(int64_t size) {
  return std::unique_ptr<T[]>(new T[static_cast<size_t>(size)]);
}

inline float widen(BFloat16 value) {
  const uint32_t bits = static_cast<uint32_t>(value.bits) << 16;
  float result;
  std::memcpy(&result, &bits, sizeof result);
  return result;
}

inline float widen(Half value) {
  const uint32_t magnitude = value.bits & 0x7fffu, sign = (value.bits & 0x8000u) << 16;
  float result = static_cast<float>(magnitude) / (1 << 24);  // subnormal
  uint32_t bits = (magnitude << 13) + (uint32_t{127 - 15} << 23);
  if (magnitude >= 0x7c00) bits = magnitude << 13 | 0x7f800000u;
  if (magnitude >= 0x400) std::memcpy(&result, &bits, sizeof result);
  return sign ? -result : result;
}

inline float widen(float value) { return value; }
inline double widen(double value) { return value; }

/// [weights] in the precision of sums, each `repeat` times; `own` holds them where they are not so in memory.
template <class T, class A = Accumulate<T>>
const A* widened(const void* weights, bool are_float, int64_t size, int64_t repeat, std::unique_ptr<A[]>& own) {
  if (!weights) return nullptr;
  const bool as_they_are = are_float || std::is_same_v<T, A>;
  if (as_they_are && repeat == 1) return static_cast<const A*>(weights);
  own = scratch<A>(size * repeat);
  for (int64_t i = 0; i < size; ++i) {
    const A value = as_they_are ? static_cast<const A*>(weights)[i] : widen(static_cast<const T*>(weights)[i]);
    std::fill(&own[i * repeat], &own[i * repeat] + repeat, value);
  }
  return own.get();
}

/// As widened, with `fallback` where there are no weights.
template <class T, class A = Accumulate<T>>
const A* widened_or(A fallback, const void* weights, bool are_float, int64_t size, int64_t repeat,
                    std::unique_ptr<A[]>& own) {
  if (const A* found = widened<T>(weights, are_float, size, repeat, own)) return found;
  own = scratch<A>(size * repeat);
  std::fill(&own[0], &own[0] + size * repeat, fallback);
  return own.get();
}

/// Calls body(begin, end) over [0, items) that are `values` values each.
template <class Body>
void parallel_over(int64_t items, int64_t values, const Body& body) {
  op::parallel_for(items, std::max(int64_t{1}, kGrain / std::max(values, int64_t{1})), body);
}

/// Whether slices of `values` values can be the items of threads: enough of them for all, or too little work to matter.
inline bool slices_are_enough(int64_t slices, int64_t values) {
  if (slices * values <= 2 * kGrain) return true;
  const int64_t threads = torch::stable::get_num_threads();
  return slices >= 8 * threads || slices % threads == 0;
}

/// Without values the statistics are NaN, and sums zero.
template <class T>
void fill_empty(const ForwardParams<T>& p) {
  if (p.given) return;
  if (p.center) std::fill(p.mean, p.mean + p.view.slices, std::nan(""));
  std::fill(p.var, p.var + p.view.slices, std::nan(""));
}

template <class T>
void fill_empty(const BackwardParams<T>& p) {
  if (p.part == Part::kSums) std::fill(p.sums, p.sums + 2 * p.view.slices, 0.0);
  const size_t size = p.weights_are_float ? sizeof(float) : sizeof(T);
  for (void* grad : {p.grad_weight, p.grad_bias}) {
    if (grad) std::memset(grad, 0, static_cast<size_t>(p.view.weights) * size);
  }
}

}  // namespace bisque::norm
