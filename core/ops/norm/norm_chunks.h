// How sums over a slice are cut, for any number of threads and any width of vectors: into chunks, which are summed in
// the precision of the values, and parts of some chunks, whose sums are merged in double.
#pragma once
#include <algorithm>
#include <cmath>

#include <bisque/core/ops/norm/norm_kernels.h>

namespace bisque::norm {

/// Count, mean and sum of squared deviations of some values; without a center the mean stays 0.
struct Moments {
  double count = 0, mean = 0, m2 = 0;

  /// Chan, Golub and LeVeque, Updating Formulae and a Pairwise Algorithm for Computing Sample Variances, 1979.
  void merge(const Moments& other, bool center) {
    if (other.count == 0) return;
    if (count == 0 || !center) {
      count += other.count, mean = other.mean, m2 += other.m2;
      return;
    }
    const double all = count + other.count, delta = other.mean - mean, share = other.count / all;
    mean += delta * share;
    m2 += other.m2 + delta * delta * count * share;
    count = all;
  }

  double var() const { return m2 / count; }
};

/// A slice of kPlanes or kElements as chunks: some whole runs, or a piece of one.
class Chunks {
 public:
  static constexpr int64_t kValues = 2048;  // of a chunk, at most
  static constexpr int64_t kInPart = 16;

  explicit Chunks(const View& view) {
    // Runs that lie side by side are one.
    const bool joined = view.planes == 1 || view.plane_stride == view.inner;
    planes_ = joined ? 1 : view.planes;
    inner_ = joined ? view.planes * view.inner : view.inner;
    stride_ = view.plane_stride;
    pieces_ = inner_ > kValues ? (inner_ + kValues - 1) / kValues : 1;
    runs_ = inner_ > kValues ? 1 : std::max(kValues / std::max(inner_, int64_t{1}), int64_t{1});
    chunks_ = inner_ > kValues ? planes_ * pieces_ : (planes_ + runs_ - 1) / runs_;
  }

  int64_t parts() const { return (chunks_ + kInPart - 1) / kInPart; }
  int64_t stride() const { return stride_; }
  /// Whether a slice is one chunk, of all its runs.
  bool is_one() const { return chunks_ == 1; }
  int64_t runs() const { return planes_; }
  int64_t inner() const { return inner_; }

  /// Calls body(offset, runs, length) for each chunk of a part, in order.
  template <class Body>
  void each_of(int64_t part, const Body& body) const {
    const int64_t last = std::min((part + 1) * kInPart, chunks_);
    for (int64_t chunk = part * kInPart; chunk < last; ++chunk) {
      if (pieces_ > 1) {
        const int64_t begin = chunk % pieces_ * kValues;
        body(chunk / pieces_ * stride_ + begin, int64_t{1}, std::min(kValues, inner_ - begin));
      } else {
        const int64_t first = chunk * runs_;
        body(first * stride_, std::min(runs_, planes_ - first), inner_);
      }
    }
  }

 private:
  int64_t planes_, inner_, stride_, pieces_, runs_, chunks_;
};

/// The factors of a slice in the precision A; the mean in two parts, since it may be large beside the deviations.
template <class A>
struct Scale {
  A mean, rest;
  double rstd;

  Scale(double mean_of_slice, double var, double eps, bool center)
      : mean(center ? static_cast<A>(mean_of_slice) : A(0)),
        rest(center && std::isfinite(mean_of_slice) ? static_cast<A>(mean_of_slice - static_cast<double>(mean)) : A(0)),
        rstd(1 / std::sqrt(var + eps)) {}
};

}  // namespace bisque::norm
