// Slices that are runs of values which share a weight: batch norm of [N, C, ...], instance and group norm, and norms
// without weights. Compiled once for each SIMD target.
#if defined(BISQUE_NORM_PLANES_INL_H_) == defined(HWY_TARGET_TOGGLE)
#ifdef BISQUE_NORM_PLANES_INL_H_
#undef BISQUE_NORM_PLANES_INL_H_
#else
#define BISQUE_NORM_PLANES_INL_H_
#endif

#include <hwy/cache_control.h>

#include <bisque/core/ops/norm/norm_runs-inl.h>
#include <bisque/core/ops/norm/norm_work.h>

HWY_BEFORE_NAMESPACE();
namespace bisque::norm::HWY_NAMESPACE {

template <class T>
Moments moments_of_part(const T* x, const Chunks& chunks, int64_t part, bool center) {
  Moments all;
  chunks.each_of(part, [&](int64_t offset, int64_t runs, int64_t length) {
    all.merge(moments_of_chunk(x + offset, runs, length, chunks.stride(), center), center);
  });
  return all;
}

template <class T>
Moments moments_of_slice(const T* x, const Chunks& chunks, bool center) {
  if (chunks.is_one()) return moments_of_chunk(x, chunks.runs(), chunks.inner(), chunks.stride(), center);
  Moments all;
  for (int64_t part = 0; part < chunks.parts(); ++part) all.merge(moments_of_part(x, chunks, part, center), center);
  return all;
}

template <class T>
void save_moments(const ForwardParams<T>& p, int64_t s, const Moments& all) {
  if (p.center) p.mean[s] = all.count > 0 ? all.mean : std::nan("");
  p.var[s] = all.var();
}

/// Where slices are too few for the threads.
template <class T>
void moments_by_parts(const ForwardParams<T>& p, const Chunks& chunks) {
  const int64_t parts = chunks.parts(), slices = p.view.slices;
  const auto moments = scratch<Moments>(slices * parts);
  parallel_over(slices * parts, p.view.count() / parts, [&](int64_t begin, int64_t end) {
    for (int64_t i = begin; i < end; ++i) {
      moments[i] = moments_of_part(p.x + i / parts * p.view.slice_stride, chunks, i % parts, p.center);
    }
  });
  for (int64_t s = 0; s < slices; ++s) {
    Moments all;
    for (int64_t part = 0; part < parts; ++part) all.merge(moments[s * parts + part], p.center);
    save_moments(p, s, all);
  }
}

template <class T>
class PlanesForward {
  using A = Accumulate<T>;

 public:
  explicit PlanesForward(const ForwardParams<T>& params)
      : p_(params),
        v_(params.view),
        chunks_(v_),
        weight_(widened<T>(p_.weight, p_.weights_are_float, v_.weights, 1, own_weight_)),
        bias_(widened<T>(p_.bias, p_.weights_are_float, v_.weights, 1, own_bias_)),
        streams_(v_.values() * static_cast<int64_t>(sizeof(T)) >= kStreamBytes) {}

  void run() {
    if (slices_are_enough(v_.slices, v_.count())) {
      parallel_over(v_.slices, v_.count(), [&](int64_t begin, int64_t end) { slices(begin, end); });
      return;
    }
    if (!p_.given) moments_by_parts(p_, chunks_);
    if (!p_.y) return;
    const int64_t runs = v_.slices * v_.planes, pieces = (v_.inner + kGrain - 1) / kGrain;
    parallel_over(runs * pieces, v_.inner / pieces, [&](int64_t begin, int64_t end) {
      for (int64_t i = begin; i < end; ++i) {
        const int64_t run = i / pieces, first = i % pieces * kGrain;
        const int64_t s = run / v_.planes;
        write_run(s, run % v_.planes, first, std::min(first + kGrain, v_.inner), scale_of(s));
      }
      if (streams_) hwy::FlushStream();
    });
  }

 private:
  // While the values of a slice are in the caches they are written too.
  void slices(int64_t begin, int64_t end) {
    for (int64_t s = begin; s < end; ++s) {
      if (!p_.given) save_moments(p_, s, moments_of_slice(p_.x + s * v_.slice_stride, chunks_, p_.center));
      if (!p_.y) continue;
      const Scale<A> scale = scale_of(s);
      for (int64_t plane = 0; plane < v_.planes; ++plane) write_run(s, plane, 0, v_.inner, scale);
    }
    if (streams_) hwy::FlushStream();
  }

  Scale<A> scale_of(int64_t s) const { return Scale<A>(p_.center ? p_.mean[s] : 0, p_.var[s], p_.eps, p_.center); }

  void write_run(int64_t s, int64_t plane, int64_t begin, int64_t end, const Scale<A>& scale) {
    const int64_t w = (s * v_.weight_of_slice + plane * v_.weight_of_plane) % v_.weights;
    const double by = scale.rstd * (weight_ ? static_cast<double>(weight_[w]) : 1);
    const double shift = (bias_ ? static_cast<double>(bias_[w]) : 0) - static_cast<double>(scale.rest) * by;
    const int64_t at = s * v_.slice_stride + plane * v_.plane_stride + begin;
    map_forward(p_.x + at, p_.y + at, end - begin, scale.mean, static_cast<A>(by), static_cast<A>(shift), streams_);
  }

  const ForwardParams<T>& p_;
  const View& v_;
  Chunks chunks_;
  std::unique_ptr<A[]> own_weight_, own_bias_;
  const A *weight_, *bias_;
  bool streams_;
};

template <class T>
class PlanesBackward {
  using A = Accumulate<T>;

 public:
  explicit PlanesBackward(const BackwardParams<T>& params)
      : p_(params),
        v_(params.view),
        units_(v_.weight_of_plane == 0 ? 1 : v_.planes),
        chunks_(unit_of(v_)),
        weight_(widened<T>(p_.weight, p_.weights_are_float, v_.weights, 1, own_weight_)),
        streams_(v_.values() * static_cast<int64_t>(sizeof(T)) >= kStreamBytes),
        needs_sums_(p_.part != Part::kGradient && !(p_.given && !p_.grad_weight && !p_.grad_bias)) {}

  void run() {
    if (needs_sums_) sums_ = scratch<GradSums>(v_.slices * units_);
    if (slices_are_enough(v_.slices, v_.count())) {
      parallel_over(v_.slices, v_.count(), [&](int64_t begin, int64_t end) { slices(begin, end); });
    } else {
      run_by_parts();
    }
    if (p_.part == Part::kSums) return write_sums();
    if (p_.grad_weight || p_.grad_bias) write_weights();
  }

 private:
  // What is summed separately: a slice, or a run if the runs of a slice differ in weight.
  static View unit_of(const View& view) {
    View unit = view;
    if (view.weight_of_plane != 0) unit.planes = 1;
    return unit;
  }

  Scale<A> scale_of(int64_t s) const { return Scale<A>(p_.center ? p_.mean[s] : 0, p_.var[s], p_.eps, p_.center); }
  int64_t weight_index(int64_t s, int64_t plane) const {
    return (s * v_.weight_of_slice + plane * v_.weight_of_plane) % v_.weights;
  }
  double weight(int64_t s, int64_t plane) const {
    return weight_ ? static_cast<double>(weight_[weight_index(s, plane)]) : 1;
  }

  void slices(int64_t begin, int64_t end) {
    for (int64_t s = begin; s < end; ++s) {
      const Scale<A> scale = scale_of(s);
      for (int64_t unit = 0; needs_sums_ && unit < units_; ++unit) {
        GradSums all;
        for (int64_t part = 0; part < chunks_.parts(); ++part) add(all, part_of_unit(s, unit, part, scale));
        sums_[s * units_ + unit] = by_rstd(all, scale);
      }
      if (!p_.grad_x) continue;
      const auto means = means_of(s);
      for (int64_t plane = 0; plane < v_.planes; ++plane) write_run(s, plane, 0, v_.inner, scale, means);
    }
    if (streams_) hwy::FlushStream();
  }

  void run_by_parts() {
    if (needs_sums_) sums_by_parts();
    if (!p_.grad_x) return;
    const int64_t pieces = (v_.inner + kGrain - 1) / kGrain;
    parallel_over(v_.slices * v_.planes * pieces, v_.inner / pieces, [&](int64_t begin, int64_t end) {
      for (int64_t i = begin; i < end; ++i) {
        const int64_t run = i / pieces, s = run / v_.planes, first = i % pieces * kGrain;
        write_run(s, run % v_.planes, first, std::min(first + kGrain, v_.inner), scale_of(s), means_of(s));
      }
      if (streams_) hwy::FlushStream();
    });
  }

  void sums_by_parts() {
    const int64_t units = v_.slices * units_, parts = chunks_.parts();
    const auto of_parts = scratch<GradSums>(units * parts);
    parallel_over(units * parts, v_.values() / (units * parts), [&](int64_t begin, int64_t end) {
      for (int64_t i = begin; i < end; ++i) {
        const int64_t unit = i / parts, s = unit / units_;
        of_parts[i] = part_of_unit(s, unit % units_, i % parts, scale_of(s));
      }
    });
    for (int64_t unit = 0; unit < units; ++unit) {
      GradSums all;
      for (int64_t part = 0; part < parts; ++part) add(all, of_parts[unit * parts + part]);
      sums_[unit] = by_rstd(all, scale_of(unit / units_));
    }
  }

  static void add(GradSums& all, const GradSums& other) {
    all.grad += other.grad;
    all.product += other.product;
  }

  GradSums part_of_unit(int64_t s, int64_t unit, int64_t part, const Scale<A>& scale) const {
    const int64_t at = s * v_.slice_stride + unit * v_.plane_stride;
    GradSums all;
    chunks_.each_of(part, [&](int64_t offset, int64_t runs, int64_t length) {
      const int64_t first = at + offset;
      add(all, grad_sums_of_chunk(p_.grad_y + first, p_.x + first, runs, length, chunks_.stride(), scale.mean));
    });
    return all;
  }

  // Sums of grad_y and of grad_y * x_hat.
  static GradSums by_rstd(const GradSums& sums, const Scale<A>& scale) {
    return {sums.grad, (sums.product - static_cast<double>(scale.rest) * sums.grad) * scale.rstd};
  }

  // Means over a slice of weight * grad_y, and of that times x_hat: what moves with mean and variance.
  GradSums means_of(int64_t s) const {
    if (p_.given) return {0, 0};
    GradSums all;
    if (p_.part == Part::kGradient) {
      all = {p_.sums[s] * weight(s, 0) / p_.count, p_.sums[v_.slices + s] * weight(s, 0) / p_.count};
    } else {
      for (int64_t unit = 0; unit < units_; ++unit) {
        const GradSums& sums = sums_[s * units_ + unit];
        add(all, {sums.grad * weight(s, unit), sums.product * weight(s, unit)});
      }
      const auto count = static_cast<double>(v_.count());
      all = {all.grad / count, all.product / count};
    }
    if (!p_.center) all.grad = 0;
    return all;
  }

  // grad_x = rstd * (weight * grad_y - mean of that - x_hat * mean of that times x_hat).
  void write_run(int64_t s, int64_t plane, int64_t begin, int64_t end, const Scale<A>& scale, const GradSums& means) {
    const double by_x = -scale.rstd * scale.rstd * means.product;
    const double shift = -scale.rstd * means.grad - by_x * static_cast<double>(scale.rest);
    const int64_t at = s * v_.slice_stride + plane * v_.plane_stride + begin;
    map_gradient(p_.grad_y + at, p_.x + at, p_.grad_x + at, end - begin, scale.mean,
                 static_cast<A>(scale.rstd * weight(s, plane)), static_cast<A>(by_x), static_cast<A>(shift), streams_);
  }

  void write_sums() {
    for (int64_t s = 0; s < v_.slices; ++s) {
      p_.sums[s] = sums_[s].grad;
      p_.sums[v_.slices + s] = sums_[s].product;
    }
  }

  void write_weights() {
    const auto by_weight = scratch<GradSums>(v_.weights);
    std::fill(&by_weight[0], &by_weight[0] + v_.weights, GradSums());
    for (int64_t unit = 0; unit < v_.slices * units_; ++unit) {
      add(by_weight[weight_index(unit / units_, unit % units_)], sums_[unit]);
    }
    const auto grads = scratch<A>(2 * v_.weights);
    for (int64_t w = 0; w < v_.weights; ++w) {
      grads[w] = static_cast<A>(by_weight[w].product);
      grads[v_.weights + w] = static_cast<A>(by_weight[w].grad);
    }
    narrow_all<T>(&grads[0], p_.grad_weight, p_.weights_are_float, v_.weights);
    narrow_all<T>(&grads[v_.weights], p_.grad_bias, p_.weights_are_float, v_.weights);
  }

  const BackwardParams<T>& p_;
  const View& v_;
  int64_t units_;  // of a slice
  Chunks chunks_;
  std::unique_ptr<A[]> own_weight_;
  const A* weight_;
  bool streams_, needs_sums_;
  std::unique_ptr<GradSums[]> sums_;  // of each unit
};

}  // namespace bisque::norm::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#endif  // include guard
