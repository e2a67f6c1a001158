// The nearest face of each pixel.
#pragma once
#include <ATen/core/Tensor.h>

namespace bisque {

/// The colour of the first face of each pixel, and whether there is one.
///
///   colors            [N, H, W, K, 3]  float32 or float64: of the K faces of a pixel
///   pix_to_face       [N, H, W, K]     int64; negative where there is no face
///   background_color  [3]              the colour where no face is
///   returns           [N, H, W, 4]     the colour, and 1 or 0
///
/// Differentiable by colors and background_color. K may be 0. Error: shapes that do not match.
at::Tensor hard_rgb_blend(const at::Tensor& colors, const at::Tensor& pix_to_face, const at::Tensor& background_color);

}  // namespace bisque
