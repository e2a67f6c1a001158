// Silhouettes with soft edges.
#pragma once
#include <ATen/core/Tensor.h>

#include <bisque/core/plugin/op.h>

namespace bisque {

/// The colour of the first face of each pixel, and an alpha that is differentiable by the shape of the silhouette.
///
///   colors       [N, H, W, K, 3]  float32 or float64: of the K faces of a pixel
///   pix_to_face  [N, H, W, K]     int64; negative where there is no face
///   dists        [N, H, W, K]     same dtype: squared distance to the edges of the face, negative inside, as
///                                 rasterize_meshes returns it
///   sigma                         the width of the edge, above 0: a face covers sigmoid(-dist / sigma) of its pixel
///   returns      [N, H, W, 4]     the first colour, and 1 - the product of what each face does not cover
///
/// Differentiable by colors and dists. Deterministic, for any number of threads. K may be 0. Errors: shapes, dtypes or
/// devices that do not match, a sigma that is not above 0. Source: Liu et al., Soft Rasterizer (2019); PyTorch3D's
/// sigmoid_alpha_blend.
inline at::Tensor sigmoid_blend(const at::Tensor& colors, const at::Tensor& pix_to_face, const at::Tensor& dists,
                                double sigma = 1e-4) {
  static const auto op =
      find_op<at::Tensor(const at::Tensor&, const at::Tensor&, const at::Tensor&, double)>("bisque::sigmoid_blend");
  return op.call(colors, pix_to_face, dists, sigma);
}

}  // namespace bisque
