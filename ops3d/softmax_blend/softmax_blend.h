// The colours of several faces per pixel, blended by coverage and depth.
#pragma once
#include <ATen/core/Tensor.h>

#include <bisque/core/plugin/op.h>

namespace bisque {

/// Blends the faces of each pixel with a softmax of their depth, so that a picture is differentiable by shape and
/// depth.
///
///   colors       [N, H, W, K, 3]  float32 or float64: of the K faces of a pixel
///   pix_to_face  [N, H, W, K]     int64; negative where there is no face
///   zbuf         [N, H, W, K]     same dtype: depth of the faces
///   dists        [N, H, W, K]     squared distance to the edges of the face, negative inside, as rasterize_meshes
///                                 returns it
///   background   [3]              the colour where no face is
///   znear, zfar  [N]              the range of depth: faces have the nearness (zfar - zbuf) / (zfar - znear)
///   sigma                         the width of edges, above 0: a face covers c = sigmoid(-dist / sigma) of its pixel
///   gamma                         the sharpness in depth, above 0: a face has the weight c exp(nearness / gamma), the
///                                 background exp(1e-10 / gamma), but at least 1e-10 of the nearest face's
///   returns      [N, H, W, 4]     the colours' mean by these weights, and 1 - the product of what each face leaves
///
/// Differentiable by colors, zbuf and dists. Among faces of equal depth the first counts as the nearest. Deterministic,
/// for any number of threads. K may be 0. Errors: shapes, dtypes or devices that do not match, a sigma or gamma that is
/// not above 0. Source: Liu et al., Soft Rasterizer (2019); PyTorch3D's softmax_rgb_blend.
inline at::Tensor softmax_blend(const at::Tensor& colors, const at::Tensor& pix_to_face, const at::Tensor& zbuf,
                                const at::Tensor& dists, const at::Tensor& background, const at::Tensor& znear,
                                const at::Tensor& zfar, double sigma = 1e-4, double gamma = 1e-4) {
  using T = at::Tensor;
  static const auto op =
      find_op<T(const T&, const T&, const T&, const T&, const T&, const T&, const T&, double, double)>(
          "bisque::softmax_blend");
  return op.call(colors, pix_to_face, zbuf, dists, background, znear, zfar, sigma, gamma);
}

}  // namespace bisque
