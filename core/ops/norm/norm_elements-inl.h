// Slices that are rows with one weight per value: layer norm and RMS norm. Compiled once for each SIMD
// target.
#if defined(BISQUE_NORM_ELEMENTS_INL_H_) == defined(HWY_TARGET_TOGGLE)
#ifdef BISQUE_NORM_ELEMENTS_INL_H_
#undef BISQUE_NORM_ELEMENTS_INL_H_
#else
#define BISQUE_NORM_ELEMENTS_INL_H_
#endif

#include <bisque/core/ops/norm/norm_planes-inl.h>

HWY_BEFORE_NAMESPACE();
namespace bisque::norm::HWY_NAMESPACE {

/// (x - mean) / std.
template <class A>
class Standardize {
 public:
  explicit Standardize(const Scale<A>& scale)
      : mean_(hn::Set(Tag<A>(), scale.mean)),
        rest_(hn::Set(Tag<A>(), scale.rest)),
        rstd_(hn::Set(Tag<A>(), static_cast<A>(scale.rstd))) {}
  HWY_INLINE Vec<A> operator()(Vec<A> x) const { return hn::Mul(hn::Sub(hn::Sub(x, mean_), rest_), rstd_); }

 private:
  Vec<A> mean_, rest_, rstd_;
};

template <class T>
class ElementsForward {
  using A = Accumulate<T>;

 public:
  explicit ElementsForward(const ForwardParams<T>& params)
      : p_(params),
        v_(params.view),
        chunks_(v_),
        weight_(widened_or<T>(A(1), p_.weight, p_.weights_are_float, v_.weights, v_.repeat, own_weight_)),
        bias_(widened<T>(p_.bias, p_.weights_are_float, v_.weights, v_.repeat, own_bias_)),
        streams_(v_.values() * static_cast<int64_t>(sizeof(T)) >= kStreamBytes) {}

  void run() {
    if (slices_are_enough(v_.slices, v_.inner)) {
      parallel_over(v_.slices, v_.inner, [&](int64_t begin, int64_t end) { rows(begin, end); });
      return;
    }
    moments_by_parts(p_, chunks_);
    const int64_t pieces = (v_.inner + kGrain - 1) / kGrain;
    parallel_over(v_.slices * pieces, v_.inner / pieces, [&](int64_t begin, int64_t end) {
      for (int64_t i = begin; i < end; ++i) {
        const int64_t first = i % pieces * kGrain;
        write_row(i / pieces, first, std::min(first + kGrain, v_.inner));
      }
      if (streams_) hwy::FlushStream();
    });
  }

 private:
  void rows(int64_t begin, int64_t end) {
    for (int64_t s = begin; s < end; ++s) {
      save_moments(p_, s, moments_of_slice(p_.x + s * v_.inner, chunks_, p_.center));
      write_row(s, 0, v_.inner);
    }
    if (streams_) hwy::FlushStream();
  }

  void write_row(int64_t s, int64_t begin, int64_t end) {
    const Standardize<A> standardize(Scale<A>(p_.center ? p_.mean[s] : 0, p_.var[s], p_.eps, p_.center));
    const int64_t at = s * v_.inner + begin, w = at % (v_.weights * v_.repeat);
    if (bias_) {
      const auto f = [&](Vec<A> x, Vec<A> weight, Vec<A> bias)
                         HWY_ATTR { return hn::Add(hn::Mul(standardize(x), weight), bias); };
      map(p_.y + at, end - begin, streams_, f, p_.x + at, weight_ + w, bias_ + w);
    } else {
      const auto f = [&](Vec<A> x, Vec<A> weight) HWY_ATTR { return hn::Mul(standardize(x), weight); };
      map(p_.y + at, end - begin, streams_, f, p_.x + at, weight_ + w);
    }
  }

  const ForwardParams<T>& p_;
  const View& v_;
  Chunks chunks_;
  std::unique_ptr<A[]> own_weight_, own_bias_;
  const A *weight_, *bias_;
  bool streams_;
};

/// Sums over some rows of what the gradients of weight and bias add up.
template <class A>
struct WeightSums {
  A *weight, *bias;
};

template <class T>
class ElementsBackward {
  using A = Accumulate<T>;

 public:
  explicit ElementsBackward(const BackwardParams<T>& params)
      : p_(params),
        v_(params.view),
        pattern_(v_.weights * v_.repeat),
        rows_(pattern_ / v_.inner),
        samples_(v_.slices / rows_),
        weight_(widened_or<T>(A(1), p_.weight, p_.weights_are_float, v_.weights, v_.repeat, own_weight_)),
        streams_(v_.values() * static_cast<int64_t>(sizeof(T)) >= kStreamBytes),
        weights_wanted_(p_.grad_weight || p_.grad_bias) {}

  void run() {
    // By shape alone: the sums over rows run in another order.
    if (samples_ < 32 && v_.inner > 2 * Chunks::kValues) {
      run_by_columns();
    } else {
      run_by_rows();
    }
  }

 private:
  Scale<A> scale_of(int64_t s) const { return Scale<A>(p_.center ? p_.mean[s] : 0, p_.var[s], p_.eps, p_.center); }

  // --- Many rows: blocks of samples, each with sums for the weights ---

  void run_by_rows() {
    const int64_t block = samples_ < 1024 ? 16 : 64, blocks = (samples_ + block - 1) / block;
    const int64_t padded = pattern_ + kLanes<A>;  // whole blocks of lanes are added at the end of a row
    std::unique_ptr<A[]> sums;
    if (weights_wanted_) sums = scratch<A>(blocks * 2 * padded);
    parallel_over(blocks, block * pattern_, [&](int64_t begin, int64_t end) {
      for (int64_t b = begin; b < end; ++b) {
        const int64_t last = std::min((b + 1) * block, samples_) * rows_;
        if (weights_wanted_) {
          A* own = &sums[b * 2 * padded];
          std::fill(own, own + 2 * padded, A(0));
          rows<true>(b * block * rows_, last, {own, own + padded});
        } else {
          rows<false>(b * block * rows_, last, {});
        }
      }
      if (streams_) hwy::FlushStream();
    });
    if (weights_wanted_) add_blocks(&sums[0], blocks, padded);
  }

  template <bool kWeights>
  void rows(int64_t begin, int64_t end, const WeightSums<A>& sums) {
    for (int64_t s = begin; s < end; ++s) {
      const Scale<A> scale = scale_of(s);
      const int64_t w = s % rows_ * v_.inner;
      GradSums all;
      for (int64_t first = 0; first < v_.inner; first += Chunks::kValues) {
        const int64_t n = std::min(Chunks::kValues, v_.inner - first);
        const WeightSums<A> own = {sums.weight + w + first, sums.bias + w + first};
        const GradSums chunk = add_chunk<kWeights>(s * v_.inner + first, w + first, n, scale, own);
        all = {all.grad + chunk.grad, all.product + chunk.product};
      }
      if (p_.grad_x) write_row(s, 0, v_.inner, scale, all);
    }
  }

  // The sums of weight * grad_y and of that times x_hat over n values from `at` on; adds to the sums of the weights.
  template <bool kWeights>
  GradSums add_chunk(int64_t at, int64_t w, int64_t n, const Scale<A>& scale, const WeightSums<A>& own) {
    const Standardize<A> standardize(scale);
    Block<A> sum = block_of(A(0)), products = sum;
    const auto add = [&](const Block<A>& dy, const Block<A>& x, const Block<A>& weight, int64_t i, auto keep) HWY_ATTR {
      Block<A> terms;
      for (int64_t k = 0; k < kVectors<A>; ++k) terms.v[k] = hn::Mul(dy.v[k], standardize(x.v[k]));
      terms = keep(terms);
      for (int64_t k = 0; k < kVectors<A>; ++k) {
        sum.v[k] = hn::Add(sum.v[k], hn::Mul(dy.v[k], weight.v[k]));
        products.v[k] = hn::Add(products.v[k], hn::Mul(terms.v[k], weight.v[k]));
        if constexpr (kWeights) {
          const int64_t j = i + k * kWidth<A>;
          store(hn::Add(load(own.weight + j), terms.v[k]), own.weight + j);
          store(hn::Add(load(own.bias + j), dy.v[k]), own.bias + j);
        }
      }
    };
    int64_t i = 0;
    const auto all = [](const Block<A>& terms) HWY_ATTR { return terms; };
    for (; i + kLanes<A> <= n; i += kLanes<A>) {
      add(load_block(p_.grad_y + at + i), load_block(p_.x + at + i), load_block(weight_ + w + i), i, all);
    }
    if (i < n) {
      const int64_t left = n - i;
      const auto first = [left](const Block<A>& terms) HWY_ATTR { return first_lanes(terms, left); };
      add(load_rest(p_.grad_y + at + i, left), load_rest(p_.x + at + i, left), load_rest(weight_ + w + i, left), i,
          first);
    }
    return {static_cast<double>(fold(sum)), static_cast<double>(fold(products))};
  }

  // `sums` are those of the whole row.
  void write_row(int64_t s, int64_t begin, int64_t end, const Scale<A>& scale, const GradSums& sums) {
    const Tag<A> d;
    const auto count = static_cast<double>(v_.inner);
    const double by = -scale.rstd * scale.rstd * sums.product / count;
    const double offset = -by * static_cast<double>(scale.rest) - (p_.center ? scale.rstd * sums.grad / count : 0);
    const auto mean = hn::Set(d, scale.mean), rstd = hn::Set(d, static_cast<A>(scale.rstd));
    const auto by_x = hn::Set(d, static_cast<A>(by)), shift = hn::Set(d, static_cast<A>(offset));
    const auto f = [=](Vec<A> dy, Vec<A> x, Vec<A> weight) HWY_ATTR {
      const auto direct = hn::Mul(hn::Mul(dy, weight), rstd);
      return hn::Add(direct, hn::Add(hn::Mul(hn::Sub(x, mean), by_x), shift));
    };
    const int64_t at = s * v_.inner + begin;
    map(p_.grad_x + at, end - begin, streams_, f, p_.grad_y + at, p_.x + at, weight_ + at % pattern_);
  }

  // Adds up the blocks' sums, in order, and the weights that share one weight.
  void add_blocks(const A* sums, int64_t blocks, int64_t stride) {
    const auto grads = scratch<A>(2 * v_.weights);
    parallel_over(2 * v_.weights, blocks * v_.repeat, [&](int64_t begin, int64_t end) {
      for (int64_t i = begin; i < end; ++i) {
        const A* first = sums + i / v_.weights * stride + i % v_.weights * v_.repeat;
        double all = 0;
        for (int64_t b = 0; b < blocks; ++b) {
          for (int64_t k = 0; k < v_.repeat; ++k) all += static_cast<double>(first[b * 2 * stride + k]);
        }
        grads[i] = static_cast<A>(all);
      }
    });
    narrow_all<T>(&grads[0], p_.grad_weight, p_.weights_are_float, v_.weights);
    narrow_all<T>(&grads[v_.weights], p_.grad_bias, p_.weights_are_float, v_.weights);
  }

  // --- Few long rows: sums of chunks, then columns ---

  void run_by_columns() {
    const int64_t chunks = (v_.inner + Chunks::kValues - 1) / Chunks::kValues;
    const auto of_chunks = scratch<GradSums>(v_.slices * chunks);
    const int64_t padded = pattern_ + kLanes<A>;
    std::unique_ptr<A[]> sums;
    if (weights_wanted_) sums = scratch<A>(2 * padded);
    // A task is a piece of the pattern, in all samples.
    parallel_over(rows_ * chunks, samples_ * Chunks::kValues, [&](int64_t begin, int64_t end) {
      for (int64_t i = begin; i < end; ++i) {
        const int64_t first = i % chunks * Chunks::kValues, n = std::min(Chunks::kValues, v_.inner - first);
        const int64_t row = i / chunks, w = row * v_.inner + first;
        alignas(64) A own[2][Chunks::kValues] = {};
        for (int64_t s = row; s < v_.slices; s += rows_) {
          of_chunks[s * chunks + i % chunks] =
              add_chunk<true>(s * v_.inner + first, w, n, scale_of(s), {own[0], own[1]});
        }
        if (!weights_wanted_) continue;
        std::copy(own[0], own[0] + n, &sums[w]);
        std::copy(own[1], own[1] + n, &sums[padded + w]);
      }
    });
    if (weights_wanted_) add_blocks(&sums[0], 1, padded);
    if (!p_.grad_x) return;
    parallel_over(v_.slices * chunks, Chunks::kValues, [&](int64_t begin, int64_t end) {
      for (int64_t i = begin; i < end; ++i) {
        const int64_t s = i / chunks, first = i % chunks * Chunks::kValues;
        GradSums all;
        for (int64_t c = 0; c < chunks; ++c) {
          const GradSums& chunk = of_chunks[s * chunks + c];
          all = {all.grad + chunk.grad, all.product + chunk.product};
        }
        write_row(s, first, std::min(first + Chunks::kValues, v_.inner), scale_of(s), all);
      }
      if (streams_) hwy::FlushStream();
    });
  }

  const BackwardParams<T>& p_;
  const View& v_;
  int64_t pattern_, rows_, samples_;  // values until weights repeat; slices of a sample
  std::unique_ptr<A[]> own_weight_;
  const A* weight_;
  bool streams_, weights_wanted_;
};

}  // namespace bisque::norm::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#endif  // include guard
