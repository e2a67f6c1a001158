// sample_texture_atlas and its gradient, for CPU and CUDA. No torch, no CUDA.
#pragma once
#include <bisque/core/ops/each.h>

namespace bisque {
namespace texture_atlas {

/// The cell of [0, R) that a coordinate lies in; the nearest one for a coordinate outside, 0 for NaN.
template <class T>
BISQUE_HOST_DEVICE inline int64_t cell_of(T scaled, int64_t R) {
  if (!(scaled > 0)) return 0;
  return scaled < static_cast<T>(R) ? static_cast<int64_t>(scaled) : R - 1;
}

/// The place of a fragment's texel in the atlas, or -1 where no face is. The cells of a face's grid that lie above its
/// diagonal hold the other halves of the cells below, seen from the opposite corner.
template <class P>
BISQUE_HOST_DEVICE inline int64_t texel_of(const P& p, int64_t at) {
  using T = typename P::Float;
  const int64_t face = p.pix_to_face[at];
  if (face < 0 || face >= p.F || p.R == 0) return -1;
  const T x = p.bary_coords[3 * at] * static_cast<T>(p.R), y = p.bary_coords[3 * at + 1] * static_cast<T>(p.R);
  int64_t column = cell_of(x, p.R), row = cell_of(y, p.R);
  if ((x - static_cast<T>(column)) + (y - static_cast<T>(row)) > 1) column = p.R - 1 - column, row = p.R - 1 - row;
  return (face * p.R + row) * p.R + column;
}

template <class P>
BISQUE_HOST_DEVICE inline BadValue check_face(const P& p, int64_t at) {
  return p.pix_to_face[at] < 0 ? BadValue{} : check_index(p.pix_to_face, at, p.F);
}

template <class P>
BISQUE_HOST_DEVICE inline BadValue sample_fragment(const P& p, int64_t at) {
  const int64_t texel = texel_of(p, at);
  for (int64_t c = 0; c < p.C; ++c) p.texels[p.C * at + c] = texel < 0 ? 0 : p.atlas[p.C * texel + c];
  return check_face(p, at);
}

template <class P>
BISQUE_HOST_DEVICE inline BadValue add_gradient(const P& p, int64_t at) {
  const int64_t texel = texel_of(p, at);
  if (texel < 0) return check_face(p, at);
  for (int64_t c = 0; c < p.C; ++c) add_to(p.grad_atlas + p.C * texel + c, p.grad_texels[p.C * at + c]);
  return {};
}

}  // namespace texture_atlas

template <class T>
struct SampleTextureAtlas {
  using Float = T;
  const int64_t* pix_to_face;  // [N, H, W, K]
  const T* bary_coords;        // [N, H, W, K, 3]
  const T* atlas;              // [F, R, R, C]
  T* texels;                   // [N, H, W, K, C]
  int64_t N, H, W, K, F, R, C;

  template <class On>
  void run(const On& on) const {
    each<texture_atlas::sample_fragment<SampleTextureAtlas>>(on, *this, N * H * W * K);
  }
};

template <class T>
struct SampleTextureAtlasBackward {
  using Float = T;
  const T* grad_texels;        // [N, H, W, K, C]
  const int64_t* pix_to_face;  // from here as in SampleTextureAtlas
  const T *bary_coords, *atlas;
  T* grad_atlas;
  int64_t N, H, W, K, F, R, C;

  template <class On>
  void run(const On& on) const {
    fill_zero(on, grad_atlas, F * R * R * C);
    each_in_order<texture_atlas::add_gradient<SampleTextureAtlasBackward>>(on, *this, N * H * W * K);
  }
};

}  // namespace bisque
