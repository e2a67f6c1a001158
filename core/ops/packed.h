// Indices of packed batches, whose elements follow one another: first[n] is the first row of element n. For CPU and
// CUDA. No torch.
#pragma once
#include <bisque/core/ops/each.h>

namespace bisque {

/// Where element n begins, or where the last one ends for n = N; what lies outside of the rows counts as the nearest of
/// both.
BISQUE_HOST_DEVICE inline int64_t first_row(const int64_t* first, int64_t n, int64_t N, int64_t num_rows) {
  if (n >= N) return num_rows;
  return first[n] < 0 ? 0 : first[n] < num_rows ? first[n] : num_rows;
}

/// The last element that begins at a row or before it; -1 if there is none.
BISQUE_HOST_DEVICE inline int64_t element_of_row(const int64_t* first, int64_t N, int64_t row) {
  int64_t begin = 0, end = N;
  while (begin < end) {
    const int64_t middle = (begin + end) / 2;
    if (first[middle] <= row) {
      begin = middle + 1;
    } else {
      end = middle;
    }
  }
  return begin - 1;
}

/// Whether element n begins in order: the first at 0, and none before the one before it.
BISQUE_HOST_DEVICE inline BadValue check_first_row(const int64_t* first, int64_t n, int64_t num_rows) {
  return n == 0 ? check_index(first, 0, 1) : check_index(first, n, num_rows + 1, first[n - 1]);
}

}  // namespace bisque
