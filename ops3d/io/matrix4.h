// Internal. Affine transforms of the mesh readers.
#pragma once
#include <array>

namespace bisque {

/// A column-major affine transform, as in glTF; the last row is assumed to be 0, 0, 0, 1.
using Matrix4 = std::array<double, 16>;

inline constexpr Matrix4 kIdentity{1, 0, 0, 0, 0, 1, 0, 0, 0, 0, 1, 0, 0, 0, 0, 1};

Matrix4 multiply(const Matrix4& a, const Matrix4& b);
bool is_finite(const Matrix4& m);
/// Whether it reverses the orientation of faces.
bool is_mirrored(const Matrix4& m);

/// Transforms a point in place.
void transform_position(const Matrix4& m, float* position);
/// Transforms an offset in place, without translation.
void transform_offset(const Matrix4& m, float* offset);
/// Transforms a normal in place by the inverse transpose, to unit length; zero if it has no direction.
void transform_normal(const Matrix4& m, float* normal);

}  // namespace bisque
