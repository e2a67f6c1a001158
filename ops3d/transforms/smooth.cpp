#include <ATen/ATen.h>

#include <algorithm>
#include <cmath>
#include <functional>
#include <span>

#include <bisque/ops3d/transforms/smooth.h>

namespace bisque::transforms {
namespace {

using at::Tensor;

// Below this square a power series is used. Its first 4 terms are exact in float32, all 7 in float64.
constexpr double kSeriesLimit = 1.0 / 16;
constexpr size_t kFloatTerms = 4;
using Series = std::array<double, 7>;

Tensor sum_of_series(const Series& series, const Tensor& x) {
  const size_t count = x.scalar_type() == at::kDouble ? series.size() : kFloatTerms;
  Tensor sum = x * series[count - 1];
  for (size_t i = count - 1; i-- > 1;) sum = (sum + series[i]) * x;
  return sum + series[0];
}

/// The series where x is small, `formula` of the square root elsewhere. Each gets harmless arguments where the other
/// is chosen, since autograd multiplies what is not chosen by zero, and zero times infinity is NaN.
Tensor smooth(const Tensor& x, const Series& series, const std::function<Tensor(const Tensor&)>& formula) {
  const Tensor is_small = x < kSeriesLimit;
  const Tensor root = at::where(is_small, 1.0, x).sqrt();
  return at::where(is_small, sum_of_series(series, at::where(is_small, x, 0.0)), formula(root));
}

constexpr double factorial(int n) { return n < 2 ? 1 : n * factorial(n - 1); }

/// (-1)^k scale^k / (2 k + offset)!
constexpr Series alternating(int offset, double scale, double factor = 1) {
  Series series{};
  for (int k = 0; k < static_cast<int>(series.size()); ++k) {
    series[static_cast<size_t>(k)] = factor / factorial(2 * k + offset);
    factor *= -scale;
  }
  return series;
}

constexpr Series kCosHalf = alternating(0, 0.25), kSinHalf = alternating(1, 0.25, 0.5);
constexpr Series kOneMinusCos = alternating(2, 1), kAngleMinusSin = alternating(3, 1);
// |B(2 k + 2)| / (2 k + 2)!, with the Bernoulli numbers B.
constexpr Series kOneMinusCot = {
    1.0 / 12, 1.0 / 720, 1.0 / 30240, 1.0 / 1209600, 1.0 / 47900160, 691.0 / 1307674368000, 1.0 / 74724249600};
constexpr Series kAtan = {1, -1.0 / 3, 1.0 / 5, -1.0 / 7, 1.0 / 9, -1.0 / 11, 1.0 / 13};
constexpr double kAtanLimit = 1.0 / 256;  // of the square of the tangent

}  // namespace

Tensor cos_half(const Tensor& squares) {
  return smooth(squares, kCosHalf, [](const Tensor& angle) { return (angle / 2).cos(); });
}

Tensor sin_half_over_angle(const Tensor& squares) {
  return smooth(squares, kSinHalf, [](const Tensor& angle) { return (angle / 2).sin() / angle; });
}

Tensor one_minus_cos_over_square(const Tensor& squares) {
  return smooth(squares, kOneMinusCos, [](const Tensor& angle) { return ((angle / 2).sin() / angle).square() * 2; });
}

Tensor angle_minus_sin_over_cube(const Tensor& squares) {
  return smooth(squares, kAngleMinusSin,
                [](const Tensor& angle) { return (angle - angle.sin()) / (angle * angle * angle); });
}

Tensor one_minus_cot_over_square(const Tensor& squares) {
  return smooth(squares, kOneMinusCot, [](const Tensor& angle) {
    const Tensor half = angle / 2;
    return (1 - half * half.cos() / half.sin()) / (angle * angle);
  });
}

Tensor axis_angle_factor(const Tensor& squares, const Tensor& w) {
  const Tensor is_zero = squares == 0;
  const Tensor is_small = ((squares < kAtanLimit * w * w) & (w > 0)) | is_zero;
  const Tensor divisor = at::where(is_small & (w != 0), w, 1.0);
  const Tensor series = sum_of_series(kAtan, at::where(is_small, squares, 0.0) / (divisor * divisor)) * 2 / divisor;
  const Tensor length = at::where(is_small, 1.0, squares).sqrt();
  return at::where(is_small, series, at::atan2(length, w) * 2 / length);
}

Tensor square_sum(const Tensor& vectors, int64_t dim) { return vectors.square().sum(dim, /*keepdim=*/true); }

Tensor safe_sqrt(const Tensor& x, double tiny) {
  const Tensor is_tiny = x <= tiny;
  return at::where(is_tiny, 0.0, at::where(is_tiny, 1.0, x).sqrt());
}

Tensor unit_vectors(const Tensor& vectors) {
  // Squares of vectors with a largest element of 1 neither overflow nor vanish. A constant scale does not change the
  // result, so that it needs no gradient.
  const Tensor largest = vectors.detach().abs().amax(-1, /*keepdim=*/true);
  const Tensor scaled = vectors / at::where(largest == 0, 1.0, largest);
  const Tensor squares = square_sum(scaled);
  return scaled / at::where(squares == 0, 1.0, squares).sqrt();
}

}  // namespace bisque::transforms
