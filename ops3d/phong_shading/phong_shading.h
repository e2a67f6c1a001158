// Phong shading of rasterized faces in one pass, with the samples of a pixel averaged.
#pragma once
#include <ATen/core/Tensor.h>

#include <bisque/core/plugin/op.h>

namespace bisque {

/// How light meets the surface. Colours are linear light, not sRGB.
struct PhongMaterial {
  double specular = 0.15;  // weight of the highlight, in the light's colour
  double shininess = 24;   // its exponent
  // How far light reaches round the terminator: diffuse = max(0, (n.l + wrap) / (1 + wrap)); 0 is Lambert.
  double wrap = 0.25;
};

/// Colour and coverage of each pixel: ambient + sum over lights of (diffuse + specular), at the interpolated position
/// and normal.
///
///   verts            [V, 3]           float32 or float64, packed, world space
///   normals          [V, 3]           same dtype, packed; renormalised after interpolation
///   faces            [F, 3]           int64, packed
///   pix_to_face      [N, sH, sW, 1]   int64, as rasterize_meshes returns it; -1 is background
///   bary_coords      [N, sH, sW, 1, 3] same dtype
///   camera_position  [N, 3]           world space, for the highlight
///   lights  [L, 4]           a point (x, y, z, 1), or the direction towards a light far away (x, y, z, 0)
///   light_colors     [L, 3]           intensity; no falloff with distance
///   ambient          [3]
///   albedo           [3]              the surface's own colour; multiplies ambient and diffuse
///   samples          s                samples along each side of a pixel: 1, 2 or 4; the picture's sides are multiples of it
///   returns          [N, H, W, 4]     linear red, green, blue times coverage (premultiplied), and coverage in [0, 1]
///
/// Deterministic, and the same for any number of threads and any SIMD width. Pixels whose face, or a vertex of it, is
/// out of range count as background. Not differentiable yet. Error: shapes, dtypes or devices that do not match,
/// samples other than 1, 2 or 4. Source: Phong, Illumination for Computer Generated Pictures (1975), with Blinn's half
/// vector.
inline at::Tensor phong_shading(const at::Tensor& verts, const at::Tensor& normals, const at::Tensor& faces,
                                const at::Tensor& pix_to_face, const at::Tensor& bary_coords,
                                const at::Tensor& camera_position, const at::Tensor& lights,
                                const at::Tensor& light_colors, const at::Tensor& ambient, const at::Tensor& albedo,
                                const PhongMaterial& material = {}, int64_t samples = 1) {
  using T = at::Tensor;
  static const auto op = find_op<T(const T&, const T&, const T&, const T&, const T&, const T&, const T&, const T&,
                                   const T&, const T&, double, double, double, int64_t)>("bisque::phong_shading");
  return op.call(verts, normals, faces, pix_to_face, bary_coords, camera_position, lights, light_colors, ambient,
                 albedo, material.specular, material.shininess, material.wrap, samples);
}

}  // namespace bisque
