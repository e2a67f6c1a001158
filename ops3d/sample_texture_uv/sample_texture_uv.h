// Texture maps, sampled at the fragments of a picture.
#pragma once
#include <ATen/core/Tensor.h>

#include <bisque/core/plugin/op.h>

namespace bisque {

/// What a map is outside of [0, 1]: it repeats, continues its nearest texel, repeats with every other copy mirrored, or
/// is zero.
enum class TextureWrap : int64_t { kRepeat, kClamp, kMirror, kZeros };

struct SampleTextureUvOptions {
  bool bilinear = true;  // of the four nearest texels; else the nearest one
  /// Where texels are. False, as in graphics APIs: a row of n texels has its centres at (i + 0.5) / n. True, as
  /// PyTorch3D: the first and the last centre are at 0 and 1.
  bool align_corners = false;
};

/// The colours of texture maps at the fragments of a picture. uv is interpolated from the corners of a face; (0, 0) is
/// the lower left of a map, and (1, 1) its upper right.
///
///   pix_to_face  [N, H, W, K]     int64, as rasterize_meshes returns it; negative where no face is
///   bary_coords  [N, H, W, K, 3]  float32 or float64
///   faces_uvs    [F, 3]           int64, indices of verts_uvs; not read of faces without a map
///   verts_uvs    [T, 2]           same dtype
///   face_maps    [F]              int64, which map a face has; -1: none
///   maps         [P, C]           same dtype: the texels of all maps, each a picture with its rows from top to bottom
///   map_layouts  [M, 5]           int64 for each map: its first texel in maps, height, width, TextureWrap along u, and along v
///   returns      [N, H, W, K, C]  0 where no face is, and 1 where the face has no map
///
/// A coordinate that is not finite counts as 0. Repeated maps with align_corners have a period of width - 1 texels.
/// There are no mip maps: a map that is much finer than the picture aliases unless the picture has several samples per
/// pixel. Differentiable by bary_coords, verts_uvs and maps; without bilinear, by maps alone. Deterministic on the CPU,
/// for any number of threads; on CUDA the gradients of maps and verts_uvs are summed by atomics, so that their rounding
/// differs from run to run. Any size may be 0. Errors: shapes, dtypes or devices that do not match; 2^31 texels or
/// more; on the CPU an index that is out of range, or a layout that is not within maps (CUDA returns 0 there). Source:
/// the OpenGL specification, texture wrap modes and filters; PyTorch3D's TexturesUV.
inline at::Tensor sample_texture_uv(const at::Tensor& pix_to_face, const at::Tensor& bary_coords,
                                    const at::Tensor& faces_uvs, const at::Tensor& verts_uvs,
                                    const at::Tensor& face_maps, const at::Tensor& maps, const at::Tensor& map_layouts,
                                    const SampleTextureUvOptions& options = {}) {
  using T = at::Tensor;
  static const auto op = find_op<T(const T&, const T&, const T&, const T&, const T&, const T&, const T&, bool, bool)>(
      "bisque::sample_texture_uv");
  return op.call(pix_to_face, bary_coords, faces_uvs, verts_uvs, face_maps, maps, map_layouts, options.bilinear,
                 options.align_corners);
}

}  // namespace bisque
