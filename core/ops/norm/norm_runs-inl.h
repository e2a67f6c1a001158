// Sums over runs of values and maps of them: what all views are made of. Compiled once for each SIMD target.
#if defined(BISQUE_NORM_RUNS_INL_H_) == defined(HWY_TARGET_TOGGLE)
#ifdef BISQUE_NORM_RUNS_INL_H_
#undef BISQUE_NORM_RUNS_INL_H_
#else
#define BISQUE_NORM_RUNS_INL_H_
#endif

#include <algorithm>
#include <cmath>

#include <bisque/core/ops/norm/norm_chunks.h>
#include <bisque/core/ops/norm/norm_lanes-inl.h>

HWY_BEFORE_NAMESPACE();
namespace bisque::norm::HWY_NAMESPACE {

// --- Maps ---

/// out[i] = f(in[i]...) for i below n. Streams past the caches where asked to.
template <class T, class F, class... In>
HWY_INLINE void map(T* out, int64_t n, bool streams, const F& f, const In*... in) {
  constexpr int64_t kWide = kWidth<Accumulate<T>>;
  const auto some = [&](int64_t i, int64_t count)
                        HWY_ATTR { store_some(f(load_some(in + i, count)...), out + i, count); };
  int64_t i = 0;
  if (streams) {
    const auto unaligned = static_cast<int64_t>(-reinterpret_cast<uintptr_t>(out) % 64 / sizeof(T));
    for (const int64_t head = std::min(unaligned, n); i < head;) {
      const int64_t count = std::min(kWide, head - i);
      some(i, count);
      i += count;
    }
    for (; i + kWide <= n; i += kWide) stream(f(load(in + i)...), out + i);
  } else {
    for (; i + kWide <= n; i += kWide) store(f(load(in + i)...), out + i);
  }
  if (i < n) some(i, n - i);
}

/// out = (x - mean) * scale + shift.
template <class T, class A = Accumulate<T>>
void map_forward(const T* x, T* out, int64_t n, A mean, A scale, A shift, bool streams) {
  const Tag<A> d;
  const auto m = hn::Set(d, mean), s = hn::Set(d, scale), b = hn::Set(d, shift);
  map(
      out, n, streams, [=](Vec<A> v) HWY_ATTR { return hn::Add(hn::Mul(hn::Sub(v, m), s), b); }, x);
}

/// out = grad * by_grad + (x - mean) * by_x + shift.
template <class T, class A = Accumulate<T>>
void map_gradient(const T* grad, const T* x, T* out, int64_t n, A mean, A by_grad, A by_x, A shift, bool streams) {
  const Tag<A> d;
  const auto m = hn::Set(d, mean), g = hn::Set(d, by_grad), s = hn::Set(d, by_x), b = hn::Set(d, shift);
  const auto f = [=](Vec<A> dy, Vec<A> v)
                     HWY_ATTR { return hn::Add(hn::Mul(dy, g), hn::Add(hn::Mul(hn::Sub(v, m), s), b)); };
  map(out, n, streams, f, grad, x);
}

/// Writes gradients of weights in the type of the weights.
template <class T, class A = Accumulate<T>>
void narrow_all(const A* values, void* out, bool as_float, int64_t n) {
  if (!out) return;
  if (as_float || std::is_same_v<T, A>) {
    std::copy(values, values + n, static_cast<A*>(out));
  } else {
    map(
        static_cast<T*>(out), n, false, [](Vec<A> v) HWY_ATTR { return v; }, values);
  }
}

// --- Sums ---

template <class T, class A = Accumulate<T>>
HWY_INLINE void add_moments(const T* x, int64_t n, const Block<A>& shift, Block<A>& sum, Block<A>& squares) {
  const auto add = [&](const Block<A>& deviation) HWY_ATTR {
    for (int64_t k = 0; k < kVectors<A>; ++k) {
      sum.v[k] = hn::Add(sum.v[k], deviation.v[k]);
      squares.v[k] = hn::Add(squares.v[k], hn::Mul(deviation.v[k], deviation.v[k]));
    }
  };
  const auto deviation_of = [&](Block<A> values) HWY_ATTR {
    for (int64_t k = 0; k < kVectors<A>; ++k) values.v[k] = hn::Sub(values.v[k], shift.v[k]);
    return values;
  };
  int64_t i = 0;
  for (; i + kLanes<A> <= n; i += kLanes<A>) add(deviation_of(load_block(x + i)));
  if (i < n) add(first_lanes(deviation_of(load_rest(x + i, n - i)), n - i));
}

/// Of a chunk: `runs` runs of `length` values. Deviations are taken from the mean of the first values, so that no
/// digits are lost to a large mean: with k of n values in it, the variance loses no more than a factor of 1 + n / k in
/// precision to the worst data.
template <class T, class A = Accumulate<T>>
Moments moments_of_chunk(const T* x, int64_t runs, int64_t length, int64_t stride, bool center) {
  A shift = 0;
  if (center) {
    const int64_t sample = std::min(length, kLanes<A>);
    shift = fold(sample == kLanes<A> ? load_block(x) : load_rest(x, sample)) / static_cast<A>(sample);
    if (!std::isfinite(shift)) shift = 0;
  }
  const Block<A> shifts = block_of(shift);
  Block<A> sum = block_of(A(0)), squares = sum;
  for (int64_t run = 0; run < runs; ++run) add_moments(x + run * stride, length, shifts, sum, squares);
  const double count = static_cast<double>(runs * length), all = fold(sum), m2 = fold(squares);
  if (!center) return {count, 0, m2};
  const double offset = all / count, centred = m2 - all * offset;
  return {count, static_cast<double>(shift) + offset, centred < 0 ? 0 : centred};
}

/// Sums of grad_y and of grad_y * (x - mean).
struct GradSums {
  double grad = 0, product = 0;
};

template <class T, class A = Accumulate<T>>
HWY_INLINE void add_products(const T* grad, const T* x, int64_t n, const Block<A>& mean, Block<A>& sum,
                             Block<A>& products) {
  const auto add = [&](const Block<A>& dy, const Block<A>& values) HWY_ATTR {
    for (int64_t k = 0; k < kVectors<A>; ++k) {
      sum.v[k] = hn::Add(sum.v[k], dy.v[k]);
      products.v[k] = hn::Add(products.v[k], hn::Mul(dy.v[k], hn::Sub(values.v[k], mean.v[k])));
    }
  };
  int64_t i = 0;
  for (; i + kLanes<A> <= n; i += kLanes<A>) add(load_block(grad + i), load_block(x + i));
  if (i < n) add(load_rest(grad + i, n - i), load_rest(x + i, n - i));
}

template <class T, class A = Accumulate<T>>
GradSums grad_sums_of_chunk(const T* grad, const T* x, int64_t runs, int64_t length, int64_t stride, A mean) {
  const Block<A> means = block_of(mean);
  Block<A> sum = block_of(A(0)), products = sum;
  for (int64_t run = 0; run < runs; ++run) {
    add_products(grad + run * stride, x + run * stride, length, means, sum, products);
  }
  return {static_cast<double>(fold(sum)), static_cast<double>(fold(products))};
}

}  // namespace bisque::norm::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#endif  // include guard
