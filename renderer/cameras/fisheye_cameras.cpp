#include <ATen/ATen.h>

#include <numbers>

#include <bisque/core/error.h>
#include <bisque/ops3d/transforms/smooth.h>
#include <bisque/renderer/batch/parameter_batch.h>
#include <bisque/renderer/cameras/fisheye_cameras.h>
#include <bisque/renderer/cameras/point_rows.h>

namespace bisque {
namespace {

using at::Tensor;

constexpr int kNewtonSteps = 20;
constexpr double kSmallestDepth = 1e-6;
constexpr double kGreatestAngle = 0.999 * std::numbers::pi / 2;

/// The shape of one item of a parameter of any length.
std::vector<int64_t> own_length(const BatchValue& value) {
  const Tensor& tensor = value.tensor();
  return {tensor.defined() ? (tensor.dim() > 0 ? tensor.size(-1) : 1) : static_cast<int64_t>(value.numbers().size())};
}

/// Parameters [N, 2] beside points [N, P, 2].
Tensor beside(const Tensor& parameters) { return parameters.unsqueeze(1); }

/// atan(r) / r of r^2: by a series close to 0, where the formula has no derivative.
Tensor atan_over(const Tensor& squares) {
  const Tensor is_small = squares < 1e-6, r = at::where(is_small, 1.0, squares).sqrt();
  const Tensor x = at::where(is_small, squares, 0.0);
  return at::where(is_small, 1 - x / 3 + x * x / 5, r.atan() / r);
}

/// M^-1 v for 2x2 matrices [..., 2, 2] and vectors [..., 2].
Tensor solve(const Tensor& M, const Tensor& v) {
  const auto m = [&](int64_t i, int64_t j) { return M.select(-2, i).select(-1, j); };
  const Tensor x = v.select(-1, 0), y = v.select(-1, 1), determinant = m(0, 0) * m(1, 1) - m(0, 1) * m(1, 0);
  return at::stack({m(1, 1) * x - m(0, 1) * y, m(0, 0) * y - m(1, 0) * x}, -1) / determinant.unsqueeze(-1);
}

Tensor outer_products(const Tensor& a, const Tensor& b) { return a.unsqueeze(-1) * b.unsqueeze(-2); }

}  // namespace

FishEyeCameras::FishEyeCameras(const ViewTransform& view, const FishEyeOptions& options)
    : FishEyeCameras(
          view, options,
          ParameterBatch("FishEyeCameras", {{"R", view.R, 2},
                                            {"T", view.T, 1},
                                            {"focal_length", options.focal_length, pair_dims(options.focal_length)},
                                            {"principal_point", options.principal_point, 1},
                                            {"radial_params", options.radial_params, 1},
                                            {"tangential_params", options.tangential_params, 1},
                                            {"thin_prism_params", options.thin_prism_params, 1},
                                            {"image_size", options.image_size, 1}})) {}

FishEyeCameras::FishEyeCameras(const ViewTransform& view, const FishEyeOptions& options, const ParameterBatch& batch)
    : ModuleOf(view, batch),
      focal_length(*this, "focal_length", batch.get_pair("focal_length", options.focal_length)),
      principal_point(*this, "principal_point", batch.get("principal_point", options.principal_point, {2})),
      radial_params(*this, "radial_params",
                    batch.get("radial_params", options.radial_params, own_length(options.radial_params))),
      tangential_params(*this, "tangential_params", batch.get("tangential_params", options.tangential_params, {2})),
      thin_prism_params(*this, "thin_prism_params", batch.get("thin_prism_params", options.thin_prism_params, {4})),
      image_size(*this, "image_size", batch.get_image_size(options.image_size)),
      world_coordinates_(options.world_coordinates),
      use_radial_(options.use_radial),
      use_tangential_(options.use_tangential),
      use_thin_prism_(options.use_thin_prism) {}

/// 1 + k0 t + k1 t^2 + ... of t = theta^2; or 1 + 3 k0 t + 5 k1 t^2 + ..., the derivative of theta times that by theta.
Tensor FishEyeCameras::radial_factor(const Tensor& theta_squared, bool derivative) const {
  Tensor sum = at::zeros_like(theta_squared);
  for (int64_t i = radial_params.size(1); i-- > 0;) {
    const Tensor k = radial_params.select(1, i).unsqueeze(1);
    sum = (sum + (derivative ? k * static_cast<double>(2 * i + 3) : k)) * theta_squared;
  }
  return sum + 1;
}

Tensor FishEyeCameras::distort(const Tensor& q) const {
  const Tensor d = transforms::square_sum(q);
  Tensor uv = q;
  if (use_tangential_) {
    const Tensor p = beside(tangential_params);
    uv = uv + 2 * (q * p).sum(-1, true) * q + d * p;
  }
  if (use_thin_prism_) {
    const Tensor s = beside(thin_prism_params);
    uv = uv + s.slice(-1, 0, 4, 2) * d + s.slice(-1, 1, 4, 2) * d * d;
  }
  return uv;
}

/// [N, P, 2, 2]: of distort.
Tensor FishEyeCameras::distortion_jacobian(const Tensor& q) const {
  const Tensor identity = at::eye(2, q.options());
  Tensor J = identity.expand({q.size(0), q.size(1), 2, 2});
  if (use_tangential_) {
    const Tensor p = beside(tangential_params);
    J = J + 2 * (outer_products(q, p) + outer_products(p, q) + (q * p).sum(-1).unsqueeze(-1).unsqueeze(-1) * identity);
  }
  if (use_thin_prism_) {
    const Tensor s = beside(thin_prism_params), d = transforms::square_sum(q);
    J = J + outer_products(2 * s.slice(-1, 0, 4, 2) + 4 * s.slice(-1, 1, 4, 2) * d, q);
  }
  return J;
}

Tensor FishEyeCameras::project(const Tensor& view_rows, double smallest_depth) const {
  const Tensor z = view_rows.narrow(1, 2, 1);
  const Tensor safe = smallest_depth > 0 ? away_from_zero(z, at::full({}, smallest_depth, z.options())) : z;
  Tensor q = (view_rows.narrow(1, 0, 2) / safe).mT();
  if (use_radial_) {
    const Tensor squares = transforms::square_sum(q), factor = atan_over(squares);
    const Tensor theta_squared = (factor * factor * squares).squeeze(-1);
    q = q * (factor * radial_factor(theta_squared, false).unsqueeze(-1));
  }
  return beside(focal_length) * distort(q) + beside(principal_point);
}

Tensor FishEyeCameras::transform_points(const Tensor& points, std::optional<double> eps) const {
  const Tensor batch = batch_of_points("transform_points", "points", points, R);
  const Tensor rows = world_coordinates_ ? affine_rows(world_to_view_matrix().narrow(1, 0, 3), batch)
                                         : points_per_camera(batch, size()).mT();
  const Tensor xy = project(rows, eps.value_or(0));
  return points_of_shape(at::cat({xy, at::ones_like(xy.narrow(-1, 0, 1))}, -1), points);
}

Tensor FishEyeCameras::points_to_ndc(const Tensor& points, std::optional<double> eps, const BatchValue&) const {
  return transform_points(points, eps);
}

Tensor FishEyeCameras::forward(const Tensor& points, double unit) const {
  const Tensor rows =
      affine_rows(world_to_view_matrix(unit).narrow(1, 0, 3), batch_of_points("Cameras", "points", points, R));
  return at::cat({project(rows, kSmallestDepth), rows.narrow(1, 2, 1).mT()}, -1);
}

/// The inverse of distort. The last step, from a solution without gradient, has the derivatives of the solution.
Tensor FishEyeCameras::undistort(const Tensor& uv) const {
  if (!use_tangential_ && !use_thin_prism_) return uv;
  Tensor q = uv.detach(), J;
  {
    const at::NoGradGuard no_gradient;
    for (int step = 0; step < kNewtonSteps; ++step) q = q + solve(distortion_jacobian(q), uv - distort(q));
    J = distortion_jacobian(q);
  }
  return q + solve(J, uv - distort(q));
}

/// theta of |q|; see undistort.
Tensor FishEyeCameras::angle_of(const Tensor& radius) const {
  const auto residual = [&](const Tensor& theta) { return radius - theta * radial_factor(theta * theta, false); };
  Tensor theta, slope;
  {
    const at::NoGradGuard no_gradient;
    const auto slope_of = [&](const Tensor& angle) {
      const Tensor derivative = radial_factor(angle * angle, true);
      return away_from_zero(derivative, at::full({}, 1e-10, derivative.options()));
    };
    theta = radius.detach().clamp(0, kGreatestAngle);
    for (int step = 0; step < kNewtonSteps; ++step) {
      theta = (theta + residual(theta) / slope_of(theta)).clamp(0, kGreatestAngle);
    }
    slope = slope_of(theta);
  }
  return (theta + residual(theta) / slope).clamp(0, kGreatestAngle);
}

Tensor FishEyeCameras::unproject_points(const Tensor& xy_depth, const UnprojectOptions& options) const {
  if (options.scaled_depth_input) {
    fail("FishEyeCameras: expected depths of view space in unproject_points, since transform_points gives none.");
  }
  const Tensor batch = points_per_camera(batch_of_points("unproject_points", "xy_depth", xy_depth, R), size());
  Tensor ab = undistort((batch.narrow(2, 0, 2) - beside(principal_point)) / beside(focal_length));
  if (use_radial_) {
    constexpr double kTiny = 1e-16;  // below this square, tan(theta) / |q| is 1
    const Tensor squares = transforms::square_sum(ab), is_tiny = squares <= kTiny;
    const Tensor radius = at::where(is_tiny, 1.0, squares).sqrt();
    const Tensor theta = angle_of(radius.squeeze(-1)).unsqueeze(-1);
    ab = ab * at::where(is_tiny, 1.0, theta.tan() / radius);
  }
  const Tensor depth = batch.narrow(2, 2, 1), view = at::cat({ab * depth, depth.expand_as(ab.narrow(2, 0, 1))}, 2);
  return points_of_shape(options.world_coordinates && world_coordinates_ ? view_to_world(view) : view, xy_depth);
}

std::string FishEyeCameras::extra_repr() const {
  const auto word = [](bool value) { return value ? "True" : "False"; };
  return std::string("world_coordinates=") + word(world_coordinates_) + ", use_radial=" + word(use_radial_) +
         ", use_tangential=" + word(use_tangential_) + ", use_thin_prism=" + word(use_thin_prism_);
}

std::shared_ptr<Cameras> FishEyeCameras::with(const Values& values) const {
  return std::make_shared<FishEyeCameras>(ViewTransform{values("R"), values("T")},
                                          FishEyeOptions{.focal_length = values("focal_length"),
                                                         .principal_point = values("principal_point"),
                                                         .radial_params = values("radial_params"),
                                                         .tangential_params = values("tangential_params"),
                                                         .thin_prism_params = values("thin_prism_params"),
                                                         .world_coordinates = world_coordinates_,
                                                         .use_radial = use_radial_,
                                                         .use_tangential = use_tangential_,
                                                         .use_thin_prism = use_thin_prism_,
                                                         .image_size = values("image_size")});
}

}  // namespace bisque
