// Where the steps of an op run: each<step>(on, params, n, m) calls step(params, i, j) once for all i < n and j < m, in
// any order. The loops are in each_cpu.h and each.cuh. No torch, no CUDA.
//
// each_in_order<step>(on, params, n) is for steps that add_to() sums which they share: the CPU calls them in order in
// one thread, so that its results are deterministic, and CUDA in any order. fill_zero(on, values, count) comes before.
//
// A step returns nothing, or a BadValue for an index that it cannot use. It has then written the result of a skipped
// item. The CPU raises the first bad value in the order of the items. CUDA goes on, and raises one of them
// where BISQUE_CHECK_CUDA=1 is set, which waits for the kernels.
#pragma once
#include <array>
#include <cstdint>
#include <utility>

#include <bisque/core/ops/host_device.h>

namespace bisque {

/// A value of an argument that lies outside of [lowest, bound). An op that waits for its stream anyway throws it on
/// CUDA too.
struct BadValue {
  const void* array = nullptr;  // the argument, as its pointer in the params; null: nothing is bad
  int64_t position = 0;         // of the value in the argument, counted as it is stored
  int64_t value = 0;
  int64_t bound = 0;
  int64_t lowest = 0;
};

/// A BadValue where array[position] lies outside of [lowest, bound).
template <class Index>
BISQUE_HOST_DEVICE inline BadValue check_index(const Index* array, int64_t position, int64_t bound,
                                               int64_t lowest = 0) {
  const auto value = static_cast<int64_t>(array[position]);
  const auto first = static_cast<uint64_t>(lowest);
  if (static_cast<uint64_t>(value) - first < static_cast<uint64_t>(bound) - first) return {};
  return {array, position, value, bound, lowest};
}

/// Fewest items that a thread of the CPU takes. A step that costs more than a few dozen instructions has a smaller one:
/// each<step, 1>(on, params, n).
inline constexpr int64_t kGrain = 2048;

/// *sum += value. On CUDA atomically: the order of additions, and with it their rounding, may differ from run to run.
template <class T>
BISQUE_HOST_DEVICE inline void add_to(T* sum, T value) {
#ifdef __CUDA_ARCH__
  atomicAdd(sum, value);
#else
  *sum += value;
#endif
}

struct OnCpu {};
struct OnCuda {
  void* stream;       // a cudaStream_t
  BadValue* reports;  // where the device notes a bad value; null where nobody asks
};

/// How many sizes params.count(on) returns; 0 where the params have no such function.
template <class Params, class On>
constexpr size_t num_counted() {
  if constexpr (requires(const Params& params, const On& on) { params.count(on); }) {
    return decltype(std::declval<const Params&>().count(std::declval<const On&>())){}.size();
  } else {
    return 0;
  }
}

/// params.run(OnCuda{...}) and params.count(OnCuda{...}), compiled in the op's .cu file (BISQUE_ON_CUDA).
template <class Params>
void run_on_cuda(const Params& params, const OnCuda& on);
template <class Params>
std::array<int64_t, num_counted<Params, OnCuda>()> count_on_cuda(const Params& params, const OnCuda& on);

}  // namespace bisque
