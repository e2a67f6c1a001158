// each() over libtorch's threads.
#pragma once
#include <atomic>
#include <type_traits>

#include <bisque/core/ops/each.h>
#include <bisque/core/ops/parallel.h>

namespace bisque {

/// Fewest items of a thread.
inline constexpr int64_t kGrain = 2048;

/// Calls call(i) for all i < n; throws the BadValue of the first item that has one. Items are independent of each other
/// and may run twice.
template <class Call>
void each_item_on_cpu(int64_t n, const Call& call) {
  if constexpr (std::is_void_v<decltype(call(int64_t{}))>) {
    op::parallel_for(n, kGrain, [&](int64_t begin, int64_t end) {
      for (int64_t i = begin; i < end; ++i) call(i);
    });
  } else {
    std::atomic<int64_t> first_bad{n};
    op::parallel_for(n, kGrain, [&](int64_t begin, int64_t end) {
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

template <auto step, class Params>
void each(OnCpu, const Params& params, int64_t n) {
  each_item_on_cpu(n, [&](int64_t i) { return step(params, i); });
}

template <auto step, class Params>
void each(OnCpu, const Params& params, int64_t n, int64_t m) {
  each_item_on_cpu(n * m, [&](int64_t i) { return step(params, i / m, i % m); });
}

}  // namespace bisque
