// Phong shading of rasterized faces in one pass, with the samples of a pixel averaged.
#pragma once
#include <ATen/core/Tensor.h>

#include <optional>

#include <bisque/core/plugin/op.h>

namespace bisque {

struct PhongShadingOptions {
  /// How far light reaches round the terminator: diffuse = max(0, (n.l + wrap) / (1 + wrap)); 0 is Lambert.
  double wrap = 0;
  /// The highlight: (v.r)^shininess with the reflected light r (Phong, PyTorch3D), or else (n.h)^shininess with the
  /// half vector h of light and view (Blinn).
  bool reflection = false;
  int64_t samples = 1;   // along each side of a pixel: 1, 2 or 4
  bool coverage = true;  // returned as a fourth channel
};

/// Colour and coverage of the faces of each pixel: texel * (ambient + sum over lights of diffuse) + sum over lights of
/// specular, at the interpolated position and normal. Colours are linear light, not sRGB.
///
///   verts            [V, 3]             float32 or float64, packed, world space
///   normals          [V, 3]             same dtype, packed; normalised after interpolation
///   faces            [F, 3]             int64, packed
///   pix_to_face      [N, sH, sW, K]     int64, as rasterize_meshes returns it; -1 is background
///   bary_coords      [N, sH, sW, K, 3]  same dtype
///   texels           [N, sH, sW, K, 3]  the surface's colour at each fragment; None: white
///   camera_position  [N, 3]             world space, for the highlight
///   lights           [N, L, 4]          of each picture: a point (x, y, z, 1), or the direction towards a light far away (x, y, z, 0)
///   light_diffuse    [N, L, 3]          colour of each light times the material's diffuse colour; no falloff with distance
///   light_specular   [N, L, 3]          the same for the highlight, which lies only where n.l > 0
///   ambient          [N, 3]             ambient light times the material's ambient colour
///   shininess        [N]                exponent of the highlight, at least 0
///   samples          s                  samples along each side of a pixel: 1, 2 or 4; the picture's sides are multiples of it
///   channels                            4, or 3 without coverage
///   returns          [N, H, W, K, channels]  linear red, green, blue times coverage (premultiplied), and coverage in
///                                       [0, 1]: the mean of a pixel's samples, of each of the K ranks in depth by itself
///
/// A vector is normalised by its length, or by 1e-6 where that is greater. Differentiable by all floating-point
/// arguments; the coverage is a constant. A highlight of 0 has the gradient 0 for any shininess. Deterministic, and the
/// same for any number of threads and any SIMD width, on the CPU, gradients included. On CUDA the gradients of all
/// arguments but bary_coords and texels are summed by atomics, so that their rounding differs from run to run. Pixels
/// whose face, or a vertex of it, is out of range count as background. Any size may be 0. Errors: shapes, dtypes or
/// devices that do not match; samples other than 1, 2 or 4, or that do not divide the sides; wrap of -1 or less;
/// channels other than 3 or 4. Sources: Phong, Illumination for Computer Generated Pictures (1975); Blinn, Models of
/// Light Reflection for Computer Synthesized Pictures (1977).
inline at::Tensor phong_shading(const at::Tensor& verts, const at::Tensor& normals, const at::Tensor& faces,
                                const at::Tensor& pix_to_face, const at::Tensor& bary_coords,
                                const std::optional<at::Tensor>& texels, const at::Tensor& camera_position,
                                const at::Tensor& lights, const at::Tensor& light_diffuse,
                                const at::Tensor& light_specular, const at::Tensor& ambient,
                                const at::Tensor& shininess, const PhongShadingOptions& options = {}) {
  using T = at::Tensor;
  static const auto op =
      find_op<T(const T&, const T&, const T&, const T&, const T&, const std::optional<T>&, const T&, const T&, const T&,
                const T&, const T&, const T&, double, bool, int64_t, int64_t)>("bisque::phong_shading");
  return op.call(verts, normals, faces, pix_to_face, bary_coords, texels, camera_position, lights, light_diffuse,
                 light_specular, ambient, shininess, options.wrap, options.reflection, options.samples,
                 options.coverage ? 4 : 3);
}

}  // namespace bisque
