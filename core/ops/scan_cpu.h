// Prefix sums on the CPU, as scan.cuh has them for the device, so that count(on) of an op may be one template.
#pragma once
#include <bisque/core/ops/each.h>

namespace bisque {

/// Turns values[0 .. size) into the sums of those before each, and values[size] into the sum of all, which is returned.
/// `sums` is scratch of the device alone.
inline int64_t exclusive_scan(OnCpu, int64_t* values, int64_t size, int64_t* /*sums*/) {
  int64_t sum = 0;
  for (int64_t i = 0; i < size; ++i) {
    const int64_t value = values[i];
    values[i] = sum;
    sum += value;
  }
  values[size] = sum;
  return sum;
}

}  // namespace bisque
