// A texture atlas, a grid of texels for each face, sampled at the fragments of a picture.
#pragma once
#include <ATen/core/Tensor.h>

#include <bisque/core/plugin/op.h>

namespace bisque {

/// The texel of each fragment. The grid of a face has R x R cells over the first two barycentric coordinates; those
/// beyond the diagonal serve the upper halves of the cells, so that each texel is the colour of one of the R^2 small
/// triangles of a face.
///
///   pix_to_face  [N, H, W, K]     int64, as rasterize_meshes returns it; negative where no face is
///   bary_coords  [N, H, W, K, 3]  float32 or float64
///   atlas        [F, R, R, C]     same dtype: the texel at (i, j) for barycentric coordinates 1 and 0 in cells i and j
///   returns      [N, H, W, K, C]  the texel, not interpolated; 0 where no face is
///
/// Barycentric coordinates outside [0, 1] count as the nearest cell, NaN as 0. Differentiable by atlas. Deterministic
/// on the CPU, for any number of threads; on CUDA the gradient is summed by atomics, so that its rounding differs from
/// run to run. Any size may be 0. Errors: shapes, dtypes or devices that do not match; on the CPU, an index that is F
/// or greater, which counts as no face on CUDA. Source: PyTorch3D's TexturesAtlas, after SoftRasterizer (Liu et al.,
/// 2019).
inline at::Tensor sample_texture_atlas(const at::Tensor& pix_to_face, const at::Tensor& bary_coords,
                                       const at::Tensor& atlas) {
  static const auto op =
      find_op<at::Tensor(const at::Tensor&, const at::Tensor&, const at::Tensor&)>("bisque::sample_texture_atlas");
  return op.call(pix_to_face, bary_coords, atlas);
}

}  // namespace bisque
