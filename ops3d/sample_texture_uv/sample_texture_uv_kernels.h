// sample_texture_uv and its gradient, for CPU and CUDA. No torch, no CUDA.
#pragma once
#include <cmath>

#include <bisque/core/ops/each.h>

namespace bisque {
namespace texture {

// The values of TextureWrap.
constexpr int64_t kRepeat = 0, kMirror = 2, kZeros = 3;

/// A row of map_layouts.
struct Map {
  int64_t first, height, width, wrap_u, wrap_v;
};

/// What a coordinate refers to along one axis of a map: two texels, or one where they are the same.
template <class T>
struct Axis {
  int64_t index[2];
  T weight[2];
  T slope;  // texels per unit of the coordinate
};

/// The coordinate in the part of the plane that tells all texels apart, in which floor() is exact.
template <class T>
BISQUE_HOST_DEVICE inline T reduce(T u, int64_t wrap) {
  if (!(u - u == 0)) return 0;  // NaN, infinite
  if (wrap == kRepeat) return u - std::floor(u);
  if (wrap == kMirror) return u - 2 * std::floor(u / 2);
  const T lowest = wrap == kZeros ? T(-1) : T(0), highest = 1 - lowest;
  return u < lowest ? lowest : u > highest ? highest : u;
}

/// The texel at place i of a row of `size`, which may lie outside by the reach of reduce().
BISQUE_HOST_DEVICE inline int64_t wrap_index(int64_t i, int64_t size, int64_t wrap, bool align_corners) {
  if (wrap == kRepeat) {
    const int64_t period = align_corners && size > 1 ? size - 1 : size;
    i = i < 0 ? i + period : i >= period ? i - period : i;
  } else if (wrap == kMirror && i >= size) {
    i = 2 * size - (align_corners ? 2 : 1) - i;
  }
  return i < 0 ? 0 : i < size ? i : size - 1;
}

template <class T>
BISQUE_HOST_DEVICE inline Axis<T> axis_of(T coordinate, int64_t size, int64_t wrap, bool bilinear, bool align_corners) {
  const T u = reduce(coordinate, wrap);
  const T place = align_corners ? u * static_cast<T>(size - 1) : u * static_cast<T>(size) - T(0.5);
  const T base = std::floor(bilinear ? place : place + T(0.5));
  const T weight = bilinear ? place - base : T(0);
  const bool clamped = wrap != kRepeat && wrap != kMirror && u != coordinate;
  Axis<T> axis{{}, {1 - weight, weight}, clamped || !bilinear ? T(0) : static_cast<T>(align_corners ? size - 1 : size)};
  for (int k = 0; k < 2; ++k) {
    const int64_t i = static_cast<int64_t>(base) + k;
    axis.index[k] = wrap_index(i, size, wrap, align_corners);
    if (wrap == kZeros && i != axis.index[k]) axis.index[k] = -1;
  }
  return axis;
}

/// A fragment's place in a map.
template <class P>
struct Sample {
  using T = typename P::Float;
  const P& p;
  bool covered = false;   // has a face
  bool textured = false;  // the face has a map
  BadValue bad;
  const int64_t* corners;  // indices of verts_uvs
  Map map;
  T u = 0, v = 0;
  Axis<T> x, y;

  BISQUE_HOST_DEVICE Sample(const P& p, int64_t at) : p(p) {
    const int64_t face = p.pix_to_face[at];
    if (face < 0) return;
    bad = check_index(p.pix_to_face, at, p.F);
    if (bad.array) return;
    bad = check_index(p.face_maps, face, p.M, -1);
    if (bad.array) return;
    covered = true;
    if (p.face_maps[face] < 0 || !find_map(p.face_maps[face])) return;
    corners = p.faces_uvs + 3 * face;
    for (int k = 0; k < 3 && !bad.array; ++k) bad = check_index(p.faces_uvs, 3 * face + k, p.T);
    if (bad.array) return;
    textured = true;
    const T* bary = p.bary_coords + 3 * at;
    for (int k = 0; k < 3; ++k) {
      u += bary[k] * p.verts_uvs[2 * corners[k]];
      v += bary[k] * p.verts_uvs[2 * corners[k] + 1];
    }
    x = axis_of(u, map.width, map.wrap_u, p.bilinear, p.align_corners);
    y = axis_of(1 - v, map.height, map.wrap_v, p.bilinear, p.align_corners);
  }

  /// Calls use(row, i, j) for each texel that counts: the row of maps that is the i-th along x and the j-th along y.
  template <class Use>
  BISQUE_HOST_DEVICE void for_each_texel(const Use& use) const {
    for (int j = 0; j < 2; ++j) {
      for (int i = 0; i < 2; ++i) {
        if (x.index[i] >= 0 && y.index[j] >= 0) use(map.first + y.index[j] * map.width + x.index[i], i, j);
      }
    }
  }

 private:
  BISQUE_HOST_DEVICE bool find_map(int64_t index) {
    const int64_t at = 5 * index;
    const int64_t* layout = p.map_layouts + at;
    map = {layout[0], layout[1], layout[2], layout[3], layout[4]};
    for (int k = 1; k < 3 && !bad.array; ++k) bad = check_index(p.map_layouts, at + k, p.P + 1, 1);
    for (int k = 3; k < 5 && !bad.array; ++k) bad = check_index(p.map_layouts, at + k, kZeros + 1);
    const int64_t texels = map.height * map.width;  // no overflow: P is below 2^31
    if (!bad.array && texels > p.P) bad = {p.map_layouts, at + 2, map.width, p.P / map.height + 1, 1};
    if (!bad.array) bad = check_index(p.map_layouts, at, p.P - texels + 1);
    return !bad.array;
  }
};

template <class P>
BISQUE_HOST_DEVICE inline BadValue sample_fragment(const P& p, int64_t at) {
  using T = typename P::Float;
  const Sample<P> sample(p, at);
  T* out = p.texels + p.C * at;
  const T fill = sample.covered && !sample.bad.array && !sample.textured ? T(1) : T(0);
  for (int64_t c = 0; c < p.C; ++c) out[c] = fill;
  if (!sample.textured) return sample.bad;
  sample.for_each_texel([&](int64_t row, int i, int j) {
    const T weight = sample.x.weight[i] * sample.y.weight[j];
    const T* texel = p.maps + p.C * row;
    for (int64_t c = 0; c < p.C; ++c) out[c] += weight * texel[c];
  });
  return {};
}

/// The derivatives by u and v.
template <class P>
BISQUE_HOST_DEVICE inline void uv_gradient(const Sample<P>& sample, const typename P::Float* grad,
                                           typename P::Float* by_uv) {
  using T = typename P::Float;
  T by_x = 0, by_y = 0;
  sample.for_each_texel([&](int64_t row, int i, int j) {
    T along = 0;
    for (int64_t c = 0; c < sample.p.C; ++c) along += grad[c] * sample.p.maps[sample.p.C * row + c];
    by_x += (i ? along : -along) * sample.y.weight[j];
    by_y += (j ? along : -along) * sample.x.weight[i];
  });
  by_uv[0] = by_x * sample.x.slope;
  by_uv[1] = -by_y * sample.y.slope;
}

template <class P>
BISQUE_HOST_DEVICE inline BadValue bary_gradient(const P& p, int64_t at) {
  const Sample<P> sample(p, at);
  auto* out = p.grad_bary_coords + 3 * at;
  out[0] = out[1] = out[2] = 0;
  if (!sample.textured) return sample.bad;
  typename P::Float by_uv[2];
  uv_gradient(sample, p.grad_texels + p.C * at, by_uv);
  for (int k = 0; k < 3; ++k) {
    const auto* uv = p.verts_uvs + 2 * sample.corners[k];
    out[k] = by_uv[0] * uv[0] + by_uv[1] * uv[1];
  }
  return {};
}

/// Adds to the gradients of maps and verts_uvs.
template <class P>
BISQUE_HOST_DEVICE inline BadValue add_gradients(const P& p, int64_t at) {
  using T = typename P::Float;
  const Sample<P> sample(p, at);
  if (!sample.textured) return sample.bad;
  const T* grad = p.grad_texels + p.C * at;
  if (p.grad_maps) {
    sample.for_each_texel([&](int64_t row, int i, int j) {
      const T weight = sample.x.weight[i] * sample.y.weight[j];
      for (int64_t c = 0; c < p.C; ++c) add_to(p.grad_maps + p.C * row + c, weight * grad[c]);
    });
  }
  if (p.grad_verts_uvs) {
    T by_uv[2];
    uv_gradient(sample, grad, by_uv);
    for (int k = 0; k < 3; ++k) {
      const T bary = p.bary_coords[3 * at + k];
      for (int axis = 0; axis < 2; ++axis) {
        add_to(p.grad_verts_uvs + 2 * sample.corners[k] + axis, bary * by_uv[axis]);
      }
    }
  }
  return {};
}

}  // namespace texture

template <class Scalar>
struct SampleTextureUv {
  using Float = Scalar;
  const int64_t* pix_to_face;  // [N, H, W, K]
  const Scalar* bary_coords;   // [N, H, W, K, 3]
  const int64_t* faces_uvs;    // [F, 3]
  const Scalar* verts_uvs;     // [T, 2]
  const int64_t* face_maps;    // [F]
  const Scalar* maps;          // [P, C]
  const int64_t* map_layouts;  // [M, 5]
  bool bilinear, align_corners;
  Scalar* texels;  // [N, H, W, K, C]
  int64_t N, H, W, K, F, T, P, C, M;

  template <class On>
  void run(const On& on) const {
    each<texture::sample_fragment<SampleTextureUv>, 256>(on, *this, N * H * W * K);
  }
};

template <class Scalar>
struct SampleTextureUvBackward {
  using Float = Scalar;
  const Scalar* grad_texels;   // [N, H, W, K, C]
  const int64_t* pix_to_face;  // from here as in SampleTextureUv
  const Scalar* bary_coords;
  const int64_t* faces_uvs;
  const Scalar* verts_uvs;
  const int64_t* face_maps;
  const Scalar* maps;
  const int64_t* map_layouts;
  bool bilinear, align_corners;
  bool need_grad_bary_coords, need_grad_verts_uvs, need_grad_maps;
  Scalar *grad_bary_coords, *grad_verts_uvs, *grad_maps;  // null where they are not needed
  int64_t N, H, W, K, F, T, P, C, M;

  template <class On>
  void run(const On& on) const {
    const int64_t fragments = N * H * W * K;
    if (grad_bary_coords) each<texture::bary_gradient<SampleTextureUvBackward>, 256>(on, *this, fragments);
    if (grad_verts_uvs) fill_zero(on, grad_verts_uvs, 2 * T);
    if (grad_maps) fill_zero(on, grad_maps, P * C);
    if (grad_verts_uvs || grad_maps)
      each_in_order<texture::add_gradients<SampleTextureUvBackward>>(on, *this, fragments);
  }
};

}  // namespace bisque
