#include <bisque/renderer/takes/step_rate.h>

#include <algorithm>
#include <cmath>
#include <vector>

#include <bisque/renderer/takes/frame_rate.h>

namespace bisque {
namespace {

constexpr double kNearUsual = 0.02;    // tolerance for a usual rate
constexpr double kTimeQuantum = 1e-3;  // of times with three decimals
constexpr double kTimeNoise = 1e-5;    // relative, of a mean step

double relative_distance(double hz, double usual) { return std::abs(hz - usual) / usual; }

double median(std::vector<double> values) {
  const auto middle = values.begin() + static_cast<std::ptrdiff_t>(values.size() / 2);
  std::nth_element(values.begin(), middle, values.end());
  return *middle;
}

// `error` is the relative error of `hz`.
FrameRate nearest_rate(double hz, double error) {
  constexpr int64_t kUsual[] = {10, 12, 15, 20, 24, 25, 30, 48, 50, 60, 90, 100, 120, 240};
  constexpr int64_t kNtsc[] = {24, 30, 60, 120};
  const int64_t usual = *std::min_element(std::begin(kUsual), std::end(kUsual), [&](int64_t a, int64_t b) {
    return relative_distance(hz, static_cast<double>(a)) < relative_distance(hz, static_cast<double>(b));
  });
  const double distance = relative_distance(hz, static_cast<double>(usual));
  if (distance <= error) return {usual, 1};
  for (const int64_t nominal : kNtsc) {
    if (relative_distance(hz, static_cast<double>(nominal) * 1000 / 1001) <= error) return {nominal * 1000, 1001};
  }
  if (distance <= kNearUsual) return {usual, 1};
  return {std::clamp<int64_t>(std::llround(std::min(hz, 1e6)), kMinFrameRate, kMaxFrameRate), 1};
}

}  // namespace

std::optional<double> usual_step(std::span<const double> sorted) {
  std::vector<double> steps;
  for (size_t i = 1; i < sorted.size(); ++i) {
    if (sorted[i] > sorted[i - 1]) steps.push_back(sorted[i] - sorted[i - 1]);
  }
  if (steps.empty()) return std::nullopt;
  return median(std::move(steps));
}

std::optional<FrameRate> rate_of_times(std::span<const double> sorted) {
  const auto usual = usual_step(sorted);
  if (!usual) return std::nullopt;
  double sum = 0, count = 0;
  for (size_t i = 1; i < sorted.size(); ++i) {
    const double step = sorted[i] - sorted[i - 1];
    if (step < 0.5 * *usual || step > 1.5 * *usual) continue;
    sum += step;
    ++count;
  }
  const double hz = count / sum;
  if (!(hz >= static_cast<double>(kMinFrameRate) * (1 - kNearUsual))) return std::nullopt;
  return nearest_rate(hz, kTimeQuantum / sum + kTimeNoise);
}

std::optional<FrameRate> rate_of_coarse_times(std::span<const double> sorted) {
  std::vector<double> sizes;     // rows of each time
  std::vector<double> distinct;  // the times
  for (size_t i = 0; i < sorted.size(); ++i) {
    if (i == 0 || sorted[i] != sorted[i - 1]) {
      distinct.push_back(sorted[i]);
      sizes.push_back(0);
    }
    ++sizes.back();
  }
  if (sizes.size() < 3) return std::nullopt;
  const double rows =
      median({sizes.begin() + 1, sizes.end() - 1});  // excludes the first and the last time, which may be incomplete
  const double hz = rows / *usual_step(distinct);
  if (!(hz >= static_cast<double>(kMinFrameRate))) return std::nullopt;
  return nearest_rate(hz, kNearUsual);
}

}  // namespace bisque
