// Slices that are columns: channels last, and batch norm over few values a channel. Compiled once for each SIMD target.
#if defined(BISQUE_NORM_COLUMNS_INL_H_) == defined(HWY_TARGET_TOGGLE)
#ifdef BISQUE_NORM_COLUMNS_INL_H_
#undef BISQUE_NORM_COLUMNS_INL_H_
#else
#define BISQUE_NORM_COLUMNS_INL_H_
#endif

#include <bisque/core/ops/norm/norm_planes-inl.h>

HWY_BEFORE_NAMESPACE();
namespace bisque::norm::HWY_NAMESPACE {

/// How columns are cut: tasks of some rows by some columns, for any number of threads. What a task sums for a column
/// are two doubles.
class Tiles {
 public:
  static constexpr int64_t kRows = 256, kColumns = 256, kSample = 16;

  explicit Tiles(const View& view)
      : rows_(view.rows),
        columns_(view.columns),
        batches_(view.batches),
        parts_((rows_ + kRows - 1) / kRows),
        groups_((columns_ + kColumns - 1) / kColumns),
        sums_(scratch<double>(batches_ * parts_ * 2 * columns_)) {}

  /// Calls body(first value of x, rows, columns, its doubles for those columns: two arrays `columns` of the view
  /// apart).
  template <class Body>
  void each(const Body& body) {
    parallel_over(batches_ * parts_ * groups_, kRows * std::min(columns_, kColumns), [&](int64_t begin, int64_t end) {
      for (int64_t i = begin; i < end; ++i) {
        const int64_t group = i % groups_, part = i / groups_ % parts_, batch = i / groups_ / parts_;
        const int64_t row = part * kRows, column = group * kColumns;
        body((batch * rows_ + row) * columns_ + column, rows_of(part), std::min(kColumns, columns_ - column),
             sums(batch, part) + column);
      }
    });
  }

  int64_t parts() const { return parts_; }
  int64_t rows_of(int64_t part) const { return std::min(kRows, rows_ - part * kRows); }
  double* sums(int64_t batch, int64_t part) { return &sums_[(batch * parts_ + part) * 2 * columns_]; }

 private:
  int64_t rows_, columns_, batches_, parts_, groups_;
  std::unique_ptr<double[]> sums_;
};

/// A tile of kLanes columns. The lanes past the last column hold values of the next row, which are ignored.
template <class T>
HWY_INLINE Block<Accumulate<T>> load_tile(const T* p, const T* end) {
  return end - p >= kLanes<Accumulate<T>> ? load_block(p) : load_rest(p, end - p);
}

/// The mean of the first rows, from which deviations are taken; see moments_of_chunk.
template <class T, class A = Accumulate<T>>
void sample_tile(const T* x, const T* end, int64_t rows, int64_t stride, A* shift) {
  const int64_t sample = std::min(rows, Tiles::kSample);
  Block<A> shifts = block_of(A(0));
  for (int64_t r = 0; r < sample; ++r) {
    const Block<A> values = load_tile(x + r * stride, end);
    for (int64_t k = 0; k < kVectors<A>; ++k) shifts.v[k] = hn::Add(shifts.v[k], values.v[k]);
  }
  const auto by = hn::Set(Tag<A>(), A(1) / static_cast<A>(sample));
  for (auto& v : shifts.v) {
    v = hn::Mul(v, by);
    v = hn::IfThenElseZero(hn::Eq(hn::Sub(v, v), hn::Zero(Tag<A>())), v);  // where it is finite
  }
  store_block(shifts, shift);
}

template <class T, class A = Accumulate<T>>
void add_moments_of_tile(const T* x, const T* end, int64_t rows, int64_t stride, const A* shift, A* sum, A* squares) {
  const Block<A> shifts = load_block(shift);
  Block<A> sums = load_block(sum), m2 = load_block(squares);
  for (int64_t r = 0; r < rows; ++r) {
    const Block<A> values = load_tile(x + r * stride, end);
    for (int64_t k = 0; k < kVectors<A>; ++k) {
      const auto deviation = hn::Sub(values.v[k], shifts.v[k]);
      sums.v[k] = hn::Add(sums.v[k], deviation);
      m2.v[k] = hn::Add(m2.v[k], hn::Mul(deviation, deviation));
    }
  }
  store_block(sums, sum);
  store_block(m2, squares);
}

template <class T, class A = Accumulate<T>>
void add_grad_sums_of_tile(const T* grad, const T* grad_end, const T* x, const T* end, int64_t rows, int64_t stride,
                           const A* mean, A* sum, A* product) {
  const Block<A> means = load_block(mean);
  Block<A> sums = load_block(sum), products = load_block(product);
  for (int64_t r = 0; r < rows; ++r) {
    const Block<A> dy = load_tile(grad + r * stride, grad_end), values = load_tile(x + r * stride, end);
    for (int64_t k = 0; k < kVectors<A>; ++k) {
      sums.v[k] = hn::Add(sums.v[k], dy.v[k]);
      products.v[k] = hn::Add(products.v[k], hn::Mul(dy.v[k], hn::Sub(values.v[k], means.v[k])));
    }
  }
  store_block(sums, sum);
  store_block(products, product);
}

/// Calls add(column, row, rows) for each tile of kLanes columns, for some rows at a time, that stay in the first cache.
template <class A, class Add>
void each_tile(int64_t rows, int64_t columns, const Add& add) {
  const int64_t at_once = std::max(int64_t{4}, 1024 / columns);
  for (int64_t row = 0; row < rows; row += at_once) {
    const int64_t some = std::min(at_once, rows - row);
    for (int64_t c = 0; c < columns; c += kLanes<A>) add(c, row, some);
  }
}

/// Factors of each column, for as many rows side by side as make a run worth a loop.
template <class A>
class Factors {
 public:
  Factors(const View& view, int64_t arrays)
      : repeat_(std::clamp<int64_t>(512 / view.columns, 1, view.rows)),
        columns_(view.columns),
        period_(repeat_ * columns_),
        arrays_(arrays),
        values_(scratch<A>(view.batches * arrays * period_)) {}

  void set(int64_t batch, int64_t array, int64_t column, double value) {
    A* first = &values_[(batch * arrays_ + array) * period_ + column];
    for (int64_t i = 0; i < repeat_; ++i) first[i * columns_] = static_cast<A>(value);
  }
  const A* get(int64_t batch, int64_t array) const { return &values_[(batch * arrays_ + array) * period_]; }
  int64_t period() const { return period_; }

  /// Calls body(batch, first value, values) for runs that each begin with a row.
  template <class Body>
  void each_run(const View& view, bool streams, const Body& body) const {
    const int64_t all = view.rows * columns_, runs = (all + period_ - 1) / period_;
    parallel_over(view.batches * runs, period_, [&](int64_t begin, int64_t end) {
      for (int64_t i = begin; i < end; ++i) {
        const int64_t first = i % runs * period_;
        body(i / runs, i / runs * all + first, std::min(period_, all - first));
      }
      if (streams) hwy::FlushStream();
    });
  }

 private:
  int64_t repeat_, columns_, period_, arrays_;
  std::unique_ptr<A[]> values_;
};

template <class T>
class ColumnsForward {
  using A = Accumulate<T>;

 public:
  explicit ColumnsForward(const ForwardParams<T>& params)
      : p_(params),
        v_(params.view),
        weight_(widened<T>(p_.weight, p_.weights_are_float, v_.weights, 1, own_weight_)),
        bias_(widened<T>(p_.bias, p_.weights_are_float, v_.weights, 1, own_bias_)),
        streams_(v_.values() * static_cast<int64_t>(sizeof(T)) >= kStreamBytes) {}

  void run() {
    if (!p_.given) moments();
    if (p_.y) write();
  }

 private:
  void moments() {
    Tiles tiles(v_);
    const T* end = p_.x + v_.values();
    tiles.each([&](int64_t first, int64_t rows, int64_t columns, double* means) {
      alignas(64) A shift[Tiles::kColumns] = {}, sum[Tiles::kColumns] = {}, squares[Tiles::kColumns] = {};
      const T* x = p_.x + first;
      for (int64_t c = 0; p_.center && c < columns; c += kLanes<A>) {
        sample_tile(x + c, end, rows, v_.columns, shift + c);
      }
      each_tile<A>(rows, columns, [&](int64_t c, int64_t row, int64_t some) {
        add_moments_of_tile(x + row * v_.columns + c, end, some, v_.columns, shift + c, sum + c, squares + c);
      });
      double* m2s = means + v_.columns;
      for (int64_t c = 0; c < columns; ++c) {
        const double offset = static_cast<double>(sum[c]) / static_cast<double>(rows);
        const double m2 = static_cast<double>(squares[c]) - (p_.center ? static_cast<double>(sum[c]) * offset : 0);
        means[c] = static_cast<double>(shift[c]) + offset;
        m2s[c] = m2 < 0 ? 0 : m2;
      }
    });
    for (int64_t batch = 0; batch < v_.batches; ++batch) {
      for (int64_t part = 1; part < tiles.parts(); ++part) merge(tiles, batch, part);
      save(batch, tiles.sums(batch, 0));
    }
  }

  // Into the first part's moments; see Moments::merge.
  void merge(Tiles& tiles, int64_t batch, int64_t part) {
    double *mean = tiles.sums(batch, 0), *m2 = mean + v_.columns;
    const double *other = tiles.sums(batch, part), *other_m2 = other + v_.columns;
    const auto before = static_cast<double>(part * Tiles::kRows), more = static_cast<double>(tiles.rows_of(part));
    const double share = p_.center ? more / (before + more) : 0;
    for (int64_t c = 0; c < v_.columns; ++c) {
      const double delta = other[c] - mean[c];
      mean[c] += delta * share;
      m2[c] += other_m2[c] + (p_.center ? delta * delta * before * share : 0);
    }
  }

  void save(int64_t batch, const double* means) {
    const int64_t slices = v_.columns / v_.merge;
    for (int64_t s = 0; s < slices; ++s) {
      Moments all;
      for (int64_t c = s * v_.merge; c < (s + 1) * v_.merge; ++c) {
        all.merge({static_cast<double>(v_.rows), p_.center ? means[c] : 0, means[v_.columns + c]}, p_.center);
      }
      save_moments(p_, batch * slices + s, all);
    }
  }

  void write() {
    Factors<A> factors(v_, 3);
    for (int64_t i = 0; i < v_.batches * v_.columns; ++i) {
      const int64_t batch = i / v_.columns, c = i % v_.columns, s = i / v_.merge, w = c / v_.repeat % v_.weights;
      const Scale<A> scale(p_.center ? p_.mean[s] : 0, p_.var[s], p_.eps, p_.center);
      const double by = scale.rstd * (weight_ ? static_cast<double>(weight_[w]) : 1);
      factors.set(batch, 0, c, static_cast<double>(scale.mean));
      factors.set(batch, 1, c, by);
      factors.set(batch, 2, c, (bias_ ? static_cast<double>(bias_[w]) : 0) - static_cast<double>(scale.rest) * by);
    }
    factors.each_run(v_, streams_, [&](int64_t batch, int64_t first, int64_t n) {
      write_run(p_.x + first, p_.y + first, n, factors.get(batch, 0), factors.get(batch, 1), factors.get(batch, 2));
    });
  }

  void write_run(const T* x, T* y, int64_t n, const A* means, const A* scales, const A* shifts) {
    const auto f = [](Vec<A> v, Vec<A> mean, Vec<A> scale, Vec<A> shift)
                       HWY_ATTR { return hn::Add(hn::Mul(hn::Sub(v, mean), scale), shift); };
    map(y, n, streams_, f, x, means, scales, shifts);
  }

  const ForwardParams<T>& p_;
  const View& v_;
  std::unique_ptr<A[]> own_weight_, own_bias_;
  const A *weight_, *bias_;
  bool streams_;
};

template <class T>
class ColumnsBackward {
  using A = Accumulate<T>;

 public:
  explicit ColumnsBackward(const BackwardParams<T>& params)
      : p_(params),
        v_(params.view),
        weight_(widened<T>(p_.weight, p_.weights_are_float, v_.weights, 1, own_weight_)),
        streams_(v_.values() * static_cast<int64_t>(sizeof(T)) >= kStreamBytes) {}

  void run() {
    if (p_.part != Part::kGradient && !(p_.given && !p_.grad_weight && !p_.grad_bias)) {
      sums_ = scratch<GradSums>(v_.batches * v_.columns);
      sums();
    }
    if (p_.part == Part::kSums) return write_sums();
    if (p_.grad_weight || p_.grad_bias) write_weights();
    if (p_.grad_x) write();
  }

 private:
  Scale<A> scale_of(int64_t s) const { return Scale<A>(p_.center ? p_.mean[s] : 0, p_.var[s], p_.eps, p_.center); }
  int64_t weight_index(int64_t column) const { return column / v_.repeat % v_.weights; }
  double weight(int64_t column) const { return weight_ ? static_cast<double>(weight_[weight_index(column)]) : 1; }

  void sums() {
    const int64_t padded = v_.columns + kLanes<A>;
    const auto means = scratch<A>(v_.batches * padded);
    std::fill(&means[0], &means[0] + v_.batches * padded, A(0));
    for (int64_t i = 0; i < v_.batches * v_.columns; ++i) {
      means[i / v_.columns * padded + i % v_.columns] = scale_of(i / v_.merge).mean;
    }
    Tiles tiles(v_);
    const T *grad_end = p_.grad_y + v_.values(), *end = p_.x + v_.values();
    tiles.each([&](int64_t first, int64_t rows, int64_t columns, double* grads) {
      const A* mean = &means[first / (v_.rows * v_.columns) * padded + first % v_.columns];
      const T *grad = p_.grad_y + first, *x = p_.x + first;
      alignas(64) A sum[Tiles::kColumns] = {}, product[Tiles::kColumns] = {};
      each_tile<A>(rows, columns, [&](int64_t c, int64_t row, int64_t some) {
        const int64_t at = row * v_.columns + c;
        add_grad_sums_of_tile(grad + at, grad_end, x + at, end, some, v_.columns, mean + c, sum + c, product + c);
      });
      for (int64_t c = 0; c < columns; ++c) {
        grads[c] = static_cast<double>(sum[c]);
        grads[v_.columns + c] = static_cast<double>(product[c]);
      }
    });
    for (int64_t batch = 0; batch < v_.batches; ++batch) add_parts(tiles, batch);
  }

  void add_parts(Tiles& tiles, int64_t batch) {
    double* all = tiles.sums(batch, 0);
    for (int64_t part = 1; part < tiles.parts(); ++part) {
      const double* other = tiles.sums(batch, part);
      for (int64_t c = 0; c < 2 * v_.columns; ++c) all[c] += other[c];
    }
    for (int64_t c = 0; c < v_.columns; ++c) {
      const int64_t i = batch * v_.columns + c;
      const Scale<A> scale = scale_of(i / v_.merge);
      sums_[i] = {all[c], (all[v_.columns + c] - static_cast<double>(scale.rest) * all[c]) * scale.rstd};
    }
  }

  void write_sums() {
    for (int64_t s = 0; s < v_.slices; ++s) {
      GradSums all;
      for (int64_t i = s * v_.merge; i < (s + 1) * v_.merge; ++i) {
        all = {all.grad + sums_[i].grad, all.product + sums_[i].product};
      }
      p_.sums[s] = all.grad;
      p_.sums[v_.slices + s] = all.product;
    }
  }

  void write_weights() {
    const auto by_weight = scratch<double>(2 * v_.weights);
    std::fill(&by_weight[0], &by_weight[0] + 2 * v_.weights, 0.0);
    for (int64_t i = 0; i < v_.batches * v_.columns; ++i) {
      const int64_t w = weight_index(i % v_.columns);
      by_weight[w] += sums_[i].product;
      by_weight[v_.weights + w] += sums_[i].grad;
    }
    const auto grads = scratch<A>(2 * v_.weights);
    for (int64_t i = 0; i < 2 * v_.weights; ++i) grads[i] = static_cast<A>(by_weight[i]);
    narrow_all<T>(&grads[0], p_.grad_weight, p_.weights_are_float, v_.weights);
    narrow_all<T>(&grads[v_.weights], p_.grad_bias, p_.weights_are_float, v_.weights);
  }

  // As PlanesBackward::means_of.
  GradSums means_of(int64_t s) const {
    if (p_.given) return {0, 0};
    const int64_t first = s * v_.merge;
    GradSums all;
    if (p_.part == Part::kGradient) {
      const double by = weight(first % v_.columns) / p_.count;
      return {p_.sums[s] * by, p_.sums[v_.slices + s] * by};
    }
    for (int64_t i = first; i < first + v_.merge; ++i) {
      const double by = weight(i % v_.columns);
      all = {all.grad + sums_[i].grad * by, all.product + sums_[i].product * by};
    }
    const auto count = static_cast<double>(v_.count());
    return {p_.center ? all.grad / count : 0, all.product / count};
  }

  void write() {
    Factors<A> factors(v_, 4);
    for (int64_t s = 0; s < v_.slices; ++s) {
      const Scale<A> scale = scale_of(s);
      const GradSums means = means_of(s);
      const double by_x = -scale.rstd * scale.rstd * means.product;
      const double shift = -scale.rstd * means.grad - by_x * static_cast<double>(scale.rest);
      for (int64_t i = s * v_.merge; i < (s + 1) * v_.merge; ++i) {
        const int64_t batch = i / v_.columns, c = i % v_.columns;
        factors.set(batch, 0, c, static_cast<double>(scale.mean));
        factors.set(batch, 1, c, scale.rstd * weight(c));
        factors.set(batch, 2, c, by_x);
        factors.set(batch, 3, c, shift);
      }
    }
    factors.each_run(v_, streams_,
                     [&](int64_t batch, int64_t first, int64_t n) { write_run(factors, batch, first, n); });
  }

  void write_run(const Factors<A>& factors, int64_t batch, int64_t first, int64_t n) {
    const auto f = [](Vec<A> dy, Vec<A> x, Vec<A> mean, Vec<A> by_grad, Vec<A> by_x, Vec<A> shift) HWY_ATTR {
      return hn::Add(hn::Mul(dy, by_grad), hn::Add(hn::Mul(hn::Sub(x, mean), by_x), shift));
    };
    map(p_.grad_x + first, n, streams_, f, p_.grad_y + first, p_.x + first, factors.get(batch, 0),
        factors.get(batch, 1), factors.get(batch, 2), factors.get(batch, 3));
  }

  const BackwardParams<T>& p_;
  const View& v_;
  std::unique_ptr<A[]> own_weight_;
  const A* weight_;
  bool streams_;
  std::unique_ptr<GradSums[]> sums_;  // of each column
};

}  // namespace bisque::norm::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#endif  // include guard
