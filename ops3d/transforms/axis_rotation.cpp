#include <ATen/ATen.h>

#include <bisque/ops3d/transforms/axis_rotation.h>

namespace bisque::transforms {

at::Tensor axis_rotation(int64_t axis, const at::Tensor& angle) {
  const at::Tensor cos = angle.cos(), sin = angle.sin(), zero = at::zeros_like(angle);
  std::vector<at::Tensor> elements(9, zero);
  const auto at = [&elements](int64_t row, int64_t column) -> at::Tensor& {
    return elements[static_cast<size_t>(3 * (row % 3) + column % 3)];
  };
  at(axis, axis) = at::ones_like(angle);
  at(axis + 1, axis + 1) = at(axis + 2, axis + 2) = cos;
  at(axis + 1, axis + 2) = -sin;
  at(axis + 2, axis + 1) = sin;
  return at::stack(elements, -1).unflatten(-1, {3, 3});
}

}  // namespace bisque::transforms
