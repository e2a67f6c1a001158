#include <ATen/ATen.h>

#include <bisque/core/error.h>
#include <bisque/ops3d/transforms/arguments.h>
#include <bisque/ops3d/transforms/quaternions.h>
#include <bisque/ops3d/transforms/random_rotations.h>
#include <bisque/ops3d/transforms/rotation_conversions.h>
#include <bisque/ops3d/transforms/smooth.h>

namespace bisque {
namespace {

at::Tensor draw(const char* function, int64_t n, const at::TensorOptions& options,
                const std::optional<at::Generator>& generator) {
  if (n < 0) fail(function, ": expected n to be 0 or more, but got ", n, ".");
  return at::randn({n, 4}, generator, options);
}

}  // namespace

at::Tensor random_quaternions(const at::Tensor& normals) {
  transforms::check_last_sizes("random_quaternions", "normals", normals, {4});
  return standardize_quaternion(transforms::unit_vectors(normals));
}

at::Tensor random_rotations(const at::Tensor& normals) {
  transforms::check_last_sizes("random_rotations", "normals", normals, {4});
  return quaternion_to_matrix(normals);
}

at::Tensor random_quaternions(int64_t n, const at::TensorOptions& options,
                              const std::optional<at::Generator>& generator) {
  return random_quaternions(draw("random_quaternions", n, options, generator));
}

at::Tensor random_rotations(int64_t n, const at::TensorOptions& options,
                            const std::optional<at::Generator>& generator) {
  return random_rotations(draw("random_rotations", n, options, generator));
}

at::Tensor random_rotation(const at::TensorOptions& options, const std::optional<at::Generator>& generator) {
  return random_rotations(1, options, generator)[0];
}

}  // namespace bisque
