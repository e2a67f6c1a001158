// each() over libtorch's threads.
#pragma once
#include <algorithm>
#include <atomic>
#include <type_traits>

#include <bisque/core/ops/each.h>
#include <bisque/core/ops/parallel.h>

namespace bisque {

/// Calls call(i) for all i < n; throws the BadValue of the first item that has one. Items are independent of each other
/// and may run twice.
template <int64_t grain, class Call>
void each_item_on_cpu(int64_t n, const Call& call) {
  if constexpr (std::is_void_v<decltype(call(int64_t{}))>) {
    op::parallel_for(n, grain, [&](int64_t begin, int64_t end) {
      for (int64_t i = begin; i < end; ++i) call(i);
    });
  } else {
    std::atomic<int64_t> first_bad{n};
    op::parallel_for(n, grain, [&](int64_t begin, int64_t end) {
      for (int64_t i = begin; i < end; ++i) {
        if (!call(i).array) continue;
        int64_t first = first_bad.load();
        while (i < first && !first_bad.compare_exchange_weak(first, i)) {
        }
        return;
      }
    });
    if (first_bad.load() < n) throw call(first_bad.load());
  }
}

template <auto step, int64_t grain = kGrain, class Params>
void each(OnCpu, const Params& params, int64_t n) {
  each_item_on_cpu<grain>(n, [&](int64_t i) { return step(params, i); });
}

template <auto step, int64_t grain = kGrain, class Params>
void each(OnCpu, const Params& params, int64_t n, int64_t m) {
  each_item_on_cpu<grain>(n * m, [&](int64_t i) { return step(params, i / m, i % m); });
}

template <auto step, class Params>
void each_in_order(OnCpu, const Params& params, int64_t n) {
  for (int64_t i = 0; i < n; ++i) {
    if constexpr (std::is_void_v<decltype(step(params, i))>) {
      step(params, i);
    } else if (const BadValue bad = step(params, i); bad.array) {
      throw bad;
    }
  }
}

template <class T>
void fill_zero(OnCpu, T* values, int64_t count) {
  std::fill_n(values, count, T(0));
}

}  // namespace bisque
