#include <ATen/ATen.h>

#include <bisque/ops3d/transforms/arguments.h>
#include <bisque/ops3d/transforms/quaternions.h>

namespace bisque {
namespace {

using at::Tensor;
using transforms::check_batches;
using transforms::check_last_sizes;

Tensor real_part(const Tensor& quaternion) { return quaternion.narrow(-1, 0, 1); }
Tensor vector_part(const Tensor& quaternion) { return quaternion.narrow(-1, 1, 3); }
Tensor inner_product(const Tensor& a, const Tensor& b) { return (a * b).sum(-1, /*keepdim=*/true); }

/// linalg_cross needs as many dimensions of both.
Tensor cross_product(const Tensor& a, const Tensor& b) {
  const std::vector<Tensor> both = at::broadcast_tensors({a, b});
  return at::linalg_cross(both[0], both[1]);
}

Tensor hamilton_product(const Tensor& a, const Tensor& b) {
  const Tensor aw = real_part(a), av = vector_part(a), bw = real_part(b), bv = vector_part(b);
  return at::cat({aw * bw - inner_product(av, bv), aw * bv + bw * av + cross_product(av, bv)}, -1);
}

Tensor with_real_part_not_negative(const Tensor& quaternions) {
  return at::where(real_part(quaternions) < 0, -quaternions, quaternions);
}

void check_pair(const char* function, const Tensor& a, const Tensor& b) {
  check_last_sizes(function, "a", a, {4});
  check_last_sizes(function, "b", b, {4});
  check_batches(function, a, b, 1);
}

}  // namespace

Tensor quaternion_raw_multiply(const Tensor& a, const Tensor& b) {
  check_pair("quaternion_raw_multiply", a, b);
  return hamilton_product(a, b);
}

Tensor quaternion_multiply(const Tensor& a, const Tensor& b) {
  check_pair("quaternion_multiply", a, b);
  return with_real_part_not_negative(hamilton_product(a, b));
}

Tensor quaternion_invert(const Tensor& quaternion) {
  check_last_sizes("quaternion_invert", "quaternion", quaternion, {4});
  return at::cat({real_part(quaternion), -vector_part(quaternion)}, -1);
}

// The vector part of q [0, p] q*.
Tensor quaternion_apply(const Tensor& quaternion, const Tensor& point) {
  check_last_sizes("quaternion_apply", "quaternion", quaternion, {4});
  check_last_sizes("quaternion_apply", "point", point, {3});
  check_batches("quaternion_apply", quaternion, point, 1);
  const Tensor w = real_part(quaternion), v = vector_part(quaternion);
  return (w * w - inner_product(v, v)) * point + 2 * (inner_product(v, point) * v + w * cross_product(v, point));
}

Tensor standardize_quaternion(const Tensor& quaternions) {
  check_last_sizes("standardize_quaternion", "quaternions", quaternions, {4});
  return with_real_part_not_negative(quaternions);
}

}  // namespace bisque
