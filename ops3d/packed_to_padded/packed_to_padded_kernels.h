// packed_to_padded, padded_to_packed and their gradients, for CPU and CUDA: each is the gradient of the other. No
// torch, no CUDA.
#pragma once
#include <bisque/core/ops/packed.h>

namespace bisque {

/// A batch of rows in both forms.
template <class T>
struct PackedRows {
  const T* from;
  T* to;
  const int64_t* first_idxs;  // [N]
  int64_t N, M, D, F;         // padded is [N, M, D], packed [F, D]

  BISQUE_HOST_DEVICE int64_t first(int64_t element) const { return element < N ? first_idxs[element] : F; }
};

template <class T>
BISQUE_HOST_DEVICE inline BadValue pad_row(const PackedRows<T>& p, int64_t element, int64_t row) {
  T* out = p.to + (element * p.M + row) * p.D;
  BadValue bad = check_index(p.first_idxs, element, p.F + 1);
  if (!bad.array && element + 1 < p.N) bad = check_index(p.first_idxs, element + 1, p.F + 1);
  const int64_t packed = bad.array ? 0 : p.first(element) + row;
  const bool exists = !bad.array && packed < p.first(element + 1);
  for (int64_t d = 0; d < p.D; ++d) out[d] = exists ? p.from[packed * p.D + d] : T(0);
  return bad;
}

/// The element of a packed row is the last that begins at it or before it.
template <class T>
BISQUE_HOST_DEVICE inline void pack_row(const PackedRows<T>& p, int64_t packed) {
  const int64_t element = element_of_row(p.first_idxs, p.N, packed);
  const int64_t row = element < 0 || p.first_idxs[element] < 0 ? p.M : packed - p.first_idxs[element];
  T* out = p.to + packed * p.D;
  for (int64_t d = 0; d < p.D; ++d) out[d] = row < p.M ? p.from[(element * p.M + row) * p.D + d] : T(0);
}

template <class T>
BISQUE_HOST_DEVICE inline BadValue check_first_idx(const PackedRows<T>& p, int64_t element) {
  return check_index(p.first_idxs, element, p.F + 1);
}

template <class On, class T>
void pad_rows(const On& on, const PackedRows<T>& rows) {
  each<pad_row<T>>(on, rows, rows.N, rows.M);
}

template <class On, class T>
void pack_rows(const On& on, const PackedRows<T>& rows) {
  each<check_first_idx<T>>(on, rows, rows.N);
  each<pack_row<T>>(on, rows, rows.F);
}

template <class T>
struct PackedToPadded {
  const T* inputs;            // [F, D]
  const int64_t* first_idxs;  // [N]
  int64_t max_size;
  T* padded;  // [N, max_size, D]
  int64_t F, D, N;

  template <class On>
  void run(const On& on) const {
    pad_rows(on, PackedRows<T>{inputs, padded, first_idxs, N, max_size, D, F});
  }
};

template <class T>
struct PackedToPaddedBackward {
  const T* grad_padded;       // [N, max_size, D]
  const T* inputs;            // [F, D], for its size alone
  const int64_t* first_idxs;  // [N]
  int64_t max_size;
  T* grad_inputs;  // [F, D]
  int64_t F, D, N;

  template <class On>
  void run(const On& on) const {
    pack_rows(on, PackedRows<T>{grad_padded, grad_inputs, first_idxs, N, max_size, D, F});
  }
};

template <class T>
struct PaddedToPacked {
  const T* inputs;            // [N, M, D]
  const int64_t* first_idxs;  // [N]
  int64_t num_inputs;
  T* packed;  // [num_inputs, D]
  int64_t N, M, D;

  template <class On>
  void run(const On& on) const {
    pack_rows(on, PackedRows<T>{inputs, packed, first_idxs, N, M, D, num_inputs});
  }
};

template <class T>
struct PaddedToPackedBackward {
  const T* grad_packed;       // [num_inputs, D]
  const T* inputs;            // [N, M, D], for its size alone
  const int64_t* first_idxs;  // [N]
  int64_t num_inputs;
  T* grad_inputs;  // [N, M, D]
  int64_t N, M, D;

  template <class On>
  void run(const On& on) const {
    pad_rows(on, PackedRows<T>{grad_packed, grad_inputs, first_idxs, N, M, D, num_inputs});
  }
};

}  // namespace bisque
