// affine and its gradient: the params, and the step for one value. No torch, no CUDA.
#pragma once
#include <type_traits>

#include <bisque/core/ops/each.h>

namespace acme {

template <class P>
BISQUE_HOST_DEVICE inline void affine_value(const P& p, int64_t i) {
  const auto x = p.x[i];
  p.y[i] = static_cast<decltype(x)>(p.factor) * x + (p.shift ? p.shift[i] : 0);
  p.square[i] = x * x;
  p.sign[i] = (x > 0) - (x < 0);
}

template <class P>
BISQUE_HOST_DEVICE inline void affine_gradient(const P& p, int64_t i) {
  using T = std::remove_cvref_t<decltype(*P::x)>;
  if (p.grad_x) p.grad_x[i] = static_cast<T>(p.factor) * p.grad_y[i] + 2 * p.x[i] * p.grad_square[i];
  if (p.grad_shift) p.grad_shift[i] = p.grad_y[i];
}

template <class T>
struct Affine {
  const T* x;      // [N]
  const T* shift;  // [N], or null
  double factor;
  T *y, *square;
  int64_t* sign;
  int64_t N;

  template <class On>
  void run(const On& on) const {
    bisque::each<affine_value<Affine>>(on, *this, N);
  }
};

template <class T>
struct AffineBackward {
  const T *grad_y, *grad_square, *x;
  double factor;
  bool need_grad_x, need_grad_shift;
  T *grad_x, *grad_shift;  // null if not needed
  int64_t N;

  template <class On>
  void run(const On& on) const {
    bisque::each<affine_gradient<AffineBackward>>(on, *this, N);
  }
};

}  // namespace acme
