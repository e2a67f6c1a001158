#include <ATen/ATen.h>

#include <limits>
#include <utility>
#include <vector>

#include <bisque/core/error.h>
#include <bisque/ops3d/functions/corresponding_points_alignment.h>
#include <bisque/ops3d/functions/efficient_pnp.h>
#include <bisque/ops3d/functions/point_arguments.h>
#include <bisque/ops3d/functions/wmean.h>
#include <bisque/ops3d/symeig3x3/symeig3x3.h>

namespace bisque {
namespace {

constexpr const char* kPnp = "efficient_pnp";
constexpr double kTiny = 1e-30;

void check_pnp(const at::Tensor& x, const at::Tensor& y) {
  check_points(kPnp, "x", x);
  check_points(kPnp, "y", y);
  check_same_kind(kPnp, "y", y, "x", x);
  if (x.size(2) != 3 || x.size(1) < 4) {
    fail(kPnp, ": expected x to have shape [N, P, 3] with at least 4 points, but got ", x.sizes());
  }
  if (y.size(0) != x.size(0) || y.size(1) != x.size(1) || y.size(2) != 2) {
    fail(kPnp, ": expected y to have shape [N, P, 2] with the N and P of x ", x.sizes(), ", but got ", y.sizes());
  }
}

/// Four control points: the mean, and one along each principal axis, at the standard deviation. Each point is a sum of
/// control points, weighted by its alphas.
struct ControlPoints {
  at::Tensor points;  // [N, 4, 3]
  at::Tensor alphas;  // [N, P, 4]

  ControlPoints(const at::Tensor& x, const at::Tensor& weights) {
    const auto mean = wmean(x, weights);
    const auto centered = x - mean;
    const auto total = weights.sum(1).clamp_min(kTiny).reshape({-1, 1, 1});
    const auto [values, axes] = symeig3x3((centered * weights.unsqueeze(2)).mT().matmul(centered) / total);
    // A direction in which the points have no extent gets a small one, so that the control points span space.
    const auto deviations = values.maximum(values.amax(1, true) * 1e-12).clamp_min(kTiny).sqrt();
    points = at::cat({mean, mean + axes.mT() * deviations.unsqueeze(2)}, 1);
    const auto along = centered.matmul(axes) / deviations.unsqueeze(1);
    alphas = at::cat({1 - along.sum(2, true), along}, 2);
  }
};

/// The four directions [N, 4, 3, 4] of control points in the camera's frame that reproject best, the best one first.
at::Tensor null_space(const at::Tensor& y, const at::Tensor& alphas, const at::Tensor& weights) {
  const auto zeros = at::zeros_like(alphas);
  const auto u = at::stack({alphas, zeros, -y.slice(2, 0, 1) * alphas}, 3).flatten(2);
  const auto v = at::stack({zeros, alphas, -y.slice(2, 1, 2) * alphas}, 3).flatten(2);
  const auto rows = at::cat({u, v}, 1);  // [N, 2 P, 12]
  const auto weighted = rows * at::cat({weights, weights}, 1).unsqueeze(2);
  const auto vectors = std::get<1>(at::linalg_eigh(weighted.mT().matmul(rows)));
  return vectors.slice(2, 0, 4).reshape({-1, 4, 3, 4});
}

/// Differences of each pair of the four control points: [N, 4, ...] gives [N, 6, ...].
at::Tensor differences(const at::Tensor& points) {
  const auto first = at::tensor({0, 0, 0, 1, 1, 2}, points.options().dtype(at::kLong));
  const auto second = at::tensor({1, 2, 3, 2, 3, 3}, points.options().dtype(at::kLong));
  return points.index_select(1, first) - points.index_select(1, second);
}

/// The squared distances of control points are linear in the products B_ij of the coefficients of the four directions.
/// Of these, `columns` are solved for, pairs (i, j); the others count as zero. [N, columns]
at::Tensor solve_products(const at::Tensor& directions, const at::Tensor& squared_distances,
                          const std::vector<std::pair<int64_t, int64_t>>& columns) {
  std::vector<at::Tensor> rows;
  for (const auto& [i, j] : columns) {
    rows.push_back((directions.select(3, i) * directions.select(3, j)).sum(2) * (i == j ? 1 : 2));
  }
  const auto system = at::stack(rows, 2);  // [N, 6, columns]
  return at::linalg_pinv(system, 1e-12).matmul(squared_distances.unsqueeze(2)).squeeze(2);
}

at::Tensor root(const at::Tensor& product) { return product.abs().clamp_min(kTiny).sqrt(); }
at::Tensor sign_of(const at::Tensor& value) { return at::where(value < 0, -1.0, 1.0).to(value.scalar_type()); }

/// Steps of Gauss and Newton towards coefficients [N, 4] of which the control points have the right distances.
at::Tensor refined(at::Tensor coefficients, const at::Tensor& directions, const at::Tensor& squared_distances) {
  const auto identity = at::eye(4, directions.options());
  for (int step = 0; step < 6; ++step) {
    const auto sides = directions.matmul(coefficients.reshape({-1, 1, 4, 1}));  // [N, 6, 3, 1]
    const auto residuals = sides.square().sum({2, 3}) - squared_distances;
    const auto slopes = 2 * sides.mT().matmul(directions).squeeze(2);  // [N, 6, 4]
    const auto normal = slopes.mT().matmul(slopes);
    const auto damping = normal.diagonal(0, 1, 2).sum(1).reshape({-1, 1, 1}) * 1e-9 + kTiny;
    const auto right = slopes.mT().matmul(residuals.unsqueeze(2));
    coefficients = coefficients - at::linalg_solve(normal + damping * identity, right).squeeze(2);
  }
  return coefficients;
}

/// Coefficients [N, 4] of the directions, for three guesses of which of them matter, the cases of the paper, and
/// refined.
std::vector<at::Tensor> coefficients(const at::Tensor& kernel, const at::Tensor& control_points) {
  const auto directions = differences(kernel);
  const auto distances = differences(control_points).square().sum(2);
  const auto zeros = at::zeros({kernel.size(0)}, kernel.options());
  const auto one = solve_products(directions, distances, {{0, 0}, {0, 1}, {0, 2}, {0, 3}});
  const auto first_product = one.slice(1, 0, 1);
  std::vector<at::Tensor> cases{one * sign_of(first_product) / root(first_product)};
  for (const bool three : {false, true}) {
    std::vector<std::pair<int64_t, int64_t>> columns{{0, 0}, {0, 1}, {1, 1}};
    if (three) columns.insert(columns.end(), {{0, 2}, {1, 2}});
    const auto products = solve_products(directions, distances, columns);
    const auto b00 = products.select(1, 0), b01 = products.select(1, 1), b11 = products.select(1, 2);
    const auto first = root(b00) * sign_of(b01);
    const auto second = at::where((b00 < 0) == (b11 < 0), root(b11), zeros);
    const auto third = three ? products.select(1, 3) * sign_of(b00) / first : zeros;
    cases.push_back(at::stack({first, second, third, zeros}, 1));
  }
  for (int i = 0; i < 3; ++i) cases.push_back(refined(cases[i], directions, distances));
  return cases;
}

/// The pose of which the control points in the camera's frame are a multiple.
EpnpSolution pose_of(const at::Tensor& control_points, const at::Tensor& alphas, const at::Tensor& x,
                     const at::Tensor& y, const at::Tensor& weights) {
  auto x_cam = alphas.matmul(control_points);
  x_cam = x_cam * sign_of(wmean(x_cam.slice(2, 2, 3), weights));  // in front of the camera
  // The scale of a direction is arbitrary: eps must not cut it.
  const auto [R, T, s] =
      corresponding_points_alignment(x, x_cam, weights, std::nullopt, {.estimate_scale = true, .eps = kTiny});
  const auto scale = s.clamp_min(kTiny);
  x_cam = x_cam / scale.reshape({-1, 1, 1});
  const auto translation = T / scale.unsqueeze(1);
  const auto moved = x.matmul(R) + translation.unsqueeze(1);
  const auto depth = moved.slice(2, 2, 3);
  const auto projected = moved.slice(2, 0, 2) / at::where(depth == 0, kTiny, depth);
  const auto err_2d = wmean(at::linalg_vector_norm(projected - y, 2, {2}, true), weights).reshape({-1});
  const auto err_3d = wmean((moved - x_cam).square().sum(2, true), weights).reshape({-1});
  return {x_cam, R, translation, err_2d, err_3d};
}

/// For each batch element, the row of the solution that is the best.
at::Tensor pick(const std::vector<EpnpSolution>& solutions, const at::Tensor& best, at::Tensor EpnpSolution::*part) {
  at::Tensor result = solutions[0].*part;
  for (size_t i = 1; i < solutions.size(); ++i) {
    const at::Tensor& other = solutions[i].*part;
    std::vector<int64_t> shape(other.dim(), 1);
    shape[0] = -1;
    result = at::where((best == static_cast<int64_t>(i)).reshape(shape), other, result);
  }
  return result;
}

}  // namespace

EpnpSolution efficient_pnp(const at::Tensor& x, const at::Tensor& y, const std::optional<at::Tensor>& weights,
                           const EfficientPnpOptions& options) {
  check_pnp(x, y);
  const auto points = x.to(at::kDouble), picture = y.to(at::kDouble);
  const auto shares = weights_within_lengths(kPnp, weights, std::nullopt, points);
  const ControlPoints control(points, shares);
  const auto kernel = null_space(picture, control.alphas, shares);
  std::vector<EpnpSolution> solutions;
  const auto add = [&](const at::Tensor& control_points) {
    solutions.push_back(pose_of(control_points, control.alphas, points, picture, shares));
  };
  add(kernel.select(3, 0));
  if (!options.skip_quadratic_eq) {
    for (const auto& case_ : coefficients(kernel, control.points)) {
      add(kernel.matmul(case_.reshape({-1, 1, 4, 1})).squeeze(3));
    }
  }
  std::vector<at::Tensor> errors;
  for (const auto& solution : solutions) errors.push_back(solution.err_2d);
  const double infinity = std::numeric_limits<double>::infinity();
  const auto best = at::stack(errors).nan_to_num(infinity, infinity, infinity).argmin(0);
  const auto part = [&](at::Tensor EpnpSolution::*which) { return pick(solutions, best, which).to(x.scalar_type()); };
  return {part(&EpnpSolution::x_cam), part(&EpnpSolution::R), part(&EpnpSolution::T), part(&EpnpSolution::err_2d),
          part(&EpnpSolution::err_3d)};
}

}  // namespace bisque
