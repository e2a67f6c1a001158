#include <bisque/ops3d/loss/chamfer_distance.h>

#include <ATen/ATen.h>

#include <algorithm>

#include <bisque/core/error.h>
#include <bisque/ops3d/functions/knn_gather.h>
#include <bisque/ops3d/knn_points/knn_points.h>

namespace bisque {
namespace {

using Reduction = std::optional<std::string>;

// The points and normals of one of the clouds, and their names in messages.
struct ChamferSide {
  const char* name;
  at::Tensor points;
  std::optional<at::Tensor> lengths, normals;

  // A divisor for the mean of each cloud [N], or of all.
  at::Tensor num_points() const {
    if (lengths) return lengths->clamp_min(1);
    return at::full({}, std::max(points.size(1), int64_t{1}), at::kLong);
  }
};

struct ChamferLosses {
  at::Tensor dists, normals;  // normals may be undefined
};

void check_reductions(const ChamferDistanceOptions& options) {
  const auto& points = options.point_reduction;
  const auto& batch = options.batch_reduction;
  if (points && points != "mean" && points != "sum" && points != "max") {
    fail("chamfer_distance: expected point_reduction to be mean, sum, max or none, but got '", *points, "'.");
  }
  if (batch && batch != "mean" && batch != "sum") {
    fail("chamfer_distance: expected batch_reduction to be mean, sum or none, but got '", *batch, "'.");
  }
  if (batch && !points) {
    fail("chamfer_distance: expected batch_reduction to be none where point_reduction is none, but got '", *batch,
         "'.");
  }
  if (points == "max" && (options.x_normals || options.y_normals)) {
    fail("chamfer_distance: expected no normals where point_reduction is max.");
  }
  if (options.norm != 1 && options.norm != 2) {
    fail("chamfer_distance: expected norm to be 1 or 2, but got ", options.norm, ".");
  }
}

void check_side(const ChamferSide& side, const ChamferSide& first) {
  const at::Tensor& x = side.points;
  if (x.dim() != 3 || x.size(0) != first.points.size(0) || x.size(2) != first.points.size(2)) {
    fail("chamfer_distance: expected x [N, P1, D] and y [N, P2, D], but ", side.name, " has the sizes ", x.sizes(),
         ".");
  }
  const int64_t N = x.size(0), P = x.size(1);
  if (const auto& lengths = side.lengths) {
    if (lengths->scalar_type() != at::kLong || lengths->dim() != 1 || lengths->size(0) != N) {
      fail("chamfer_distance: expected ", side.name, "_lengths to be int64 [", N, "], but got ",
           lengths->dtype().name(), " ", lengths->sizes(), ".");
    }
    if (lengths->is_cpu() && lengths->lt(0).logical_or(lengths->gt(P)).any().item<bool>()) {
      fail("chamfer_distance: expected ", side.name, "_lengths to lie in [0, ", P, "], but got ",
           lengths->min().item<int64_t>(), " to ", lengths->max().item<int64_t>(), ".");
    }
  }
  if (side.normals && (side.normals->dim() != 3 || side.normals->size(0) != N || side.normals->size(1) != P ||
                       side.normals->scalar_type() != x.scalar_type())) {
    fail("chamfer_distance: expected ", side.name, "_normals to be ", x.dtype().name(), " [", N, ", ", P,
         ", C], but got ", side.normals->dtype().name(), " ", side.normals->sizes(), ".");
  }
}

void check_weights(const at::Tensor& weights, const at::Tensor& x) {
  if (weights.scalar_type() != x.scalar_type() || weights.dim() != 1 || weights.size(0) != x.size(0)) {
    fail("chamfer_distance: expected weights to be ", x.dtype().name(), " [", x.size(0), "], but got ",
         weights.dtype().name(), " ", weights.sizes(), ".");
  }
  if (weights.is_cpu() && !weights.ge(0).all().item<bool>()) {
    fail("chamfer_distance: expected no weight to be negative or NaN.");
  }
}

// 1 - cos of the angle between the normals of x and those of the points idx [N, P1, 1] in y; 0 beyond the lengths of x.
at::Tensor normal_losses(const ChamferSide& x, const ChamferSide& y, const at::Tensor& idx, bool abs_cosine) {
  const auto nearest = knn_gather(*y.normals, idx, y.lengths).squeeze(2);
  auto cosine = at::cosine_similarity(*x.normals, nearest, 2, 1e-6);
  if (abs_cosine) cosine = cosine.abs();
  auto loss = 1 - cosine;
  if (!x.lengths) return loss;
  return loss.masked_fill(at::arange(loss.size(1), idx.options()).ge(x.lengths->unsqueeze(1)), 0);
}

// [N, P] to [N].
at::Tensor reduce_points(const at::Tensor& losses, const ChamferSide& side, const Reduction& reduction) {
  if (!reduction || !losses.defined()) return losses;
  if (reduction == "max") return losses.size(1) == 0 ? losses.sum(1) : std::get<0>(losses.max(1));
  const auto sums = losses.sum(1);
  return reduction == "mean" ? sums / side.num_points() : sums;
}

ChamferLosses one_direction(const ChamferSide& x, const ChamferSide& y, const ChamferDistanceOptions& options) {
  const auto [dists, idx] = knn_points(x.points, y.points, x.lengths, y.lengths, {.K = 1, .norm = options.norm});
  ChamferLosses losses{dists.squeeze(2), {}};
  if (x.normals && y.normals) losses.normals = normal_losses(x, y, idx, options.abs_cosine);
  for (at::Tensor* loss : {&losses.dists, &losses.normals}) {
    if (loss->defined() && options.weights) *loss = *loss * options.weights->unsqueeze(1);
    *loss = reduce_points(*loss, x, options.point_reduction);
  }
  return losses;
}

// [N] to a scalar.
at::Tensor reduce_clouds(const at::Tensor& losses, const ChamferDistanceOptions& options) {
  if (!losses.defined() || !options.batch_reduction) return losses;
  const auto sum = losses.sum();
  if (options.batch_reduction == "sum") return sum;
  if (!options.weights) return sum / static_cast<double>(std::max(losses.size(0), int64_t{1}));
  const auto weight = options.weights->sum();
  return sum / at::where(weight.eq(0), at::ones_like(weight), weight);
}

}  // namespace

ChamferDistance chamfer_distance(const at::Tensor& x, const at::Tensor& y, const ChamferDistanceOptions& options) {
  check_reductions(options);
  const ChamferSide side_x{"x", x, options.x_lengths, options.x_normals};
  const ChamferSide side_y{"y", y, options.y_lengths, options.y_normals};
  if (x.dim() != 3) fail("chamfer_distance: expected x to have 3 dimensions, but got ", x.sizes(), ".");
  check_side(side_x, side_x);
  check_side(side_y, side_x);
  if (side_x.normals && side_y.normals && side_x.normals->size(2) != side_y.normals->size(2)) {
    fail("chamfer_distance: expected y_normals to have ", side_x.normals->size(2),
         " coordinates as x_normals, but got ", side_y.normals->size(2), ".");
  }
  if (options.weights) check_weights(*options.weights, x);

  const ChamferLosses from_x = one_direction(side_x, side_y, options);
  if (options.single_directional) {
    return {reduce_clouds(from_x.dists, options), reduce_clouds(from_x.normals, options), {}, {}};
  }
  const ChamferLosses from_y = one_direction(side_y, side_x, options);
  if (!options.point_reduction) return {from_x.dists, from_x.normals, from_y.dists, from_y.normals};
  const bool greater = options.point_reduction == "max";
  const auto both = greater ? at::maximum(from_x.dists, from_y.dists) : from_x.dists + from_y.dists;
  const auto normals = from_x.normals.defined() ? from_x.normals + from_y.normals : at::Tensor();
  return {reduce_clouds(both, options), reduce_clouds(normals, options), {}, {}};
}

}  // namespace bisque
