// Internal. Affine transforms of the mesh readers.
#pragma once
#include <array>

namespace bisque {

/// A column-major affine transform, as glTF writes it; the last row is taken for 0, 0, 0, 1.
using Matrix4 = std::array<double, 16>;

inline constexpr Matrix4 kIdentity{1, 0, 0, 0, 0, 1, 0, 0, 0, 0, 1, 0, 0, 0, 0, 1};

Matrix4 multiply(const Matrix4& a, const Matrix4& b);
bool is_finite(const Matrix4& m);
/// Whether it turns the faces around.
bool is_mirrored(const Matrix4& m);

/// Moves a point in place.
void transform_position(const Matrix4& m, float* position);
/// Turns and scales an offset in place.
void transform_offset(const Matrix4& m, float* offset);
/// Turns a normal in place, by the inverse transpose, to unit length; zero where it has no direction.
void transform_normal(const Matrix4& m, float* normal);

}  // namespace bisque
