// Random rotations, of the uniform distribution.
#pragma once
#include <ATen/core/Generator.h>
#include <ATen/core/Tensor.h>
#include <c10/core/TensorOptions.h>

#include <optional>

namespace bisque {

/// Unit quaternions [..., 4], real part first and not negative, of normal random numbers [..., 4] (torch.randn).
/// Differentiable. Four zeros give zeros. Errors: a shape that does not fit, integers.
at::Tensor random_quaternions(const at::Tensor& normals);
/// Rotation matrices [..., 3, 3] of normal random numbers [..., 4]. Four zeros give the identity.
at::Tensor random_rotations(const at::Tensor& normals);

/// n unit quaternions [n, 4] of numbers that the generator draws; std::nullopt: the default one of the device, which
/// manual_seed seeds.
at::Tensor random_quaternions(int64_t n, const at::TensorOptions& options = {},
                              const std::optional<at::Generator>& generator = std::nullopt);
/// n rotation matrices [n, 3, 3].
at::Tensor random_rotations(int64_t n, const at::TensorOptions& options = {},
                            const std::optional<at::Generator>& generator = std::nullopt);
/// One rotation matrix [3, 3].
at::Tensor random_rotation(const at::TensorOptions& options = {},
                           const std::optional<at::Generator>& generator = std::nullopt);

}  // namespace bisque
