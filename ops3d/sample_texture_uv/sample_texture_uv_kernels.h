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

/// What a fragment shows.
enum class Kind { kBackground, kWhite, kTexture, kBad };

/// Whether a map lies within the texels, and its wrap modes exist.
BISQUE_HOST_DEVICE inline bool is_valid(const Map& map, int64_t texels) {
  const auto limit = static_cast<uint64_t>(texels), modes = static_cast<uint64_t>(kZeros) + 1;
  if (static_cast<uint64_t>(map.wrap_u) >= modes || static_cast<uint64_t>(map.wrap_v) >= modes) return false;
  if (static_cast<uint64_t>(map.height) - 1 >= limit || static_cast<uint64_t>(map.width) - 1 >= limit) return false;
  const uint64_t size = static_cast<uint64_t>(map.height) * static_cast<uint64_t>(map.width);  // P is below 2^31
  return size <= limit && static_cast<uint64_t>(map.first) <= limit - size;
}

/// Reports a layout that is not within maps.
template <class P>
BISQUE_HOST_DEVICE inline BadValue check_layout(const P& p, int64_t index) {
  const int64_t at = 5 * index;
  for (int k = 1; k < 5; ++k) {
    const BadValue bad =
        k < 3 ? check_index(p.map_layouts, at + k, p.P + 1, 1) : check_index(p.map_layouts, at + k, kZeros + 1);
    if (bad.array) return bad;
  }
  const int64_t height = p.map_layouts[at + 1], width = p.map_layouts[at + 2];
  if (width > p.P / height) return {p.map_layouts, at + 2, width, p.P / height + 1, 1};
  return check_index(p.map_layouts, at, p.P - height * width + 1);
}

/// A fragment's place in a map.
template <class P>
struct Sample {
  using T = typename P::Float;
  const int64_t* corners;  // indices of verts_uvs
  Map map;
  Axis<T> x, y;

  /// Whether the fragment has one.
  BISQUE_HOST_DEVICE Kind find(const P& p, int64_t at) {
    const int64_t face = p.pix_to_face[at];
    if (face < 0) return Kind::kBackground;
    if (face >= p.F) return Kind::kBad;
    const int64_t index = p.face_maps[face];
    if (index == -1) return Kind::kWhite;
    if (static_cast<uint64_t>(index) >= static_cast<uint64_t>(p.M)) return Kind::kBad;
    const int64_t* layout = p.map_layouts + 5 * index;
    map = {layout[0], layout[1], layout[2], layout[3], layout[4]};
    if (!is_valid(map, p.P)) return Kind::kBad;
    corners = p.faces_uvs + 3 * face;
    const T* bary = p.bary_coords + 3 * at;
    T u = 0, v = 0;
    for (int k = 0; k < 3; ++k) {
      if (static_cast<uint64_t>(corners[k]) >= static_cast<uint64_t>(p.T)) return Kind::kBad;
      u += bary[k] * p.verts_uvs[2 * corners[k]];
      v += bary[k] * p.verts_uvs[2 * corners[k] + 1];
    }
    x = axis_of(u, map.width, map.wrap_u, p.bilinear, p.align_corners);
    y = axis_of(1 - v, map.height, map.wrap_v, p.bilinear, p.align_corners);
    return Kind::kTexture;
  }

  /// Starts to load the texels.
  void fetch(const P& p) const {
    for (const int64_t row : y.index) {
      if (row >= 0 && x.index[0] >= 0) __builtin_prefetch(p.maps + p.C * (map.first + row * map.width + x.index[0]));
    }
  }

  /// Whether all four texels count.
  BISQUE_HOST_DEVICE bool is_inside() const { return (x.index[0] | x.index[1] | y.index[0] | y.index[1]) >= 0; }

  /// Calls use(row, i, j) for each texel that counts: the row of maps that is the i-th along x and the j-th along y.
  template <class Use>
  BISQUE_HOST_DEVICE void for_each_texel(const Use& use) const {
    for (int j = 0; j < 2; ++j) {
      for (int i = 0; i < 2; ++i) {
        if (x.index[i] >= 0 && y.index[j] >= 0) use(map.first + y.index[j] * map.width + x.index[i], i, j);
      }
    }
  }
};

/// What is bad of a fragment. Layouts have been checked.
template <class P>
BISQUE_HOST_DEVICE inline BadValue find_bad(const P& p, int64_t at) {
  BadValue bad = check_index(p.pix_to_face, at, p.F);
  if (bad.array) return bad;
  const int64_t face = p.pix_to_face[at];
  bad = check_index(p.face_maps, face, p.M, -1);
  for (int k = 0; k < 3 && !bad.array; ++k) bad = check_index(p.faces_uvs, 3 * face + k, p.T);
  return bad;
}

/// Writes the texel of a fragment for which sample.find() returned `kind`.
template <class P>
BISQUE_HOST_DEVICE inline BadValue write_texel(const P& p, int64_t at, const Sample<P>& sample, Kind kind) {
  using T = typename P::Float;
  T* out = p.texels + p.C * at;
  if (kind == Kind::kTexture && p.C == 3 && sample.is_inside()) {  // most often: colours, of four texels
    const T* upper = p.maps + 3 * (sample.map.first + sample.y.index[0] * sample.map.width);
    const T* lower = p.maps + 3 * (sample.map.first + sample.y.index[1] * sample.map.width);
    const int64_t left = 3 * sample.x.index[0], right = 3 * sample.x.index[1];
    const T a = sample.x.weight[0] * sample.y.weight[0], b = sample.x.weight[1] * sample.y.weight[0];
    const T c = sample.x.weight[0] * sample.y.weight[1], d = sample.x.weight[1] * sample.y.weight[1];
    for (int k = 0; k < 3; ++k) {
      out[k] = a * upper[left + k] + b * upper[right + k] + c * lower[left + k] + d * lower[right + k];
    }
    return {};
  }
  const T fill = kind == Kind::kWhite ? T(1) : T(0);
  for (int64_t c = 0; c < p.C; ++c) out[c] = fill;
  if (kind == Kind::kBad) return find_bad(p, at);
  if (kind != Kind::kTexture) return {};
  sample.for_each_texel([&](int64_t row, int i, int j) {
    const T weight = sample.x.weight[i] * sample.y.weight[j];
    for (int64_t c = 0; c < p.C; ++c) out[c] += weight * p.maps[p.C * row + c];
  });
  return {};
}

template <class P>
BISQUE_HOST_DEVICE inline BadValue sample_fragment(const P& p, int64_t at) {
  Sample<P> sample;
  const Kind kind = sample.find(p, at);
  return write_texel(p, at, sample, kind);
}

/// The fragments of a row of pixels, some at a time: the texels of all are fetched before the first is used.
template <class P>
inline BadValue sample_row(const P& p, int64_t row) {
  constexpr int64_t kAtOnce = 16;
  Sample<P> samples[kAtOnce];
  Kind kinds[kAtOnce];
  const int64_t begin = row * p.W * p.K, end = begin + p.W * p.K;
  for (int64_t first = begin; first < end; first += kAtOnce) {
    const int64_t n = end - first < kAtOnce ? end - first : kAtOnce;
    int64_t sign = -1;
    for (int64_t i = 0; i < n; ++i) sign &= p.pix_to_face[first + i];
    if (sign < 0) {  // no faces
      for (int64_t i = p.C * first; i < p.C * (first + n); ++i) p.texels[i] = 0;
      continue;
    }
    for (int64_t i = 0; i < n; ++i) {
      kinds[i] = samples[i].find(p, first + i);
      if (kinds[i] == Kind::kTexture) samples[i].fetch(p);
    }
    for (int64_t i = 0; i < n; ++i) {
      if (const BadValue bad = write_texel(p, first + i, samples[i], kinds[i]); bad.array) return bad;
    }
  }
  return {};
}

template <class P>
void sample_all(const OnCpu& on, const P& p) {
  each<sample_row<P>, 4>(on, p, p.N * p.H);
}
template <class P>
void sample_all(const OnCuda& on, const P& p) {
  each<sample_fragment<P>>(on, p, p.N * p.H * p.W * p.K);
}

/// The derivatives by u and v.
template <class P>
BISQUE_HOST_DEVICE inline void uv_gradient(const P& p, const Sample<P>& sample, const typename P::Float* grad,
                                           typename P::Float* by_uv) {
  using T = typename P::Float;
  T by_x = 0, by_y = 0;
  sample.for_each_texel([&](int64_t row, int i, int j) {
    T along = 0;
    for (int64_t c = 0; c < p.C; ++c) along += grad[c] * p.maps[p.C * row + c];
    by_x += (i ? along : -along) * sample.y.weight[j];
    by_y += (j ? along : -along) * sample.x.weight[i];
  });
  by_uv[0] = by_x * sample.x.slope;
  by_uv[1] = -by_y * sample.y.slope;
}

template <class P>
BISQUE_HOST_DEVICE inline BadValue bary_gradient(const P& p, int64_t at) {
  auto* out = p.grad_bary_coords + 3 * at;
  out[0] = out[1] = out[2] = 0;
  Sample<P> sample;
  const Kind kind = sample.find(p, at);
  if (kind == Kind::kBad) return find_bad(p, at);
  if (kind != Kind::kTexture) return {};
  typename P::Float by_uv[2];
  uv_gradient(p, sample, p.grad_texels + p.C * at, by_uv);
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
  Sample<P> sample;
  const Kind kind = sample.find(p, at);
  if (kind == Kind::kBad) return find_bad(p, at);
  if (kind != Kind::kTexture) return {};
  const T* grad = p.grad_texels + p.C * at;
  if (p.grad_maps) {
    sample.for_each_texel([&](int64_t row, int i, int j) {
      const T weight = sample.x.weight[i] * sample.y.weight[j];
      for (int64_t c = 0; c < p.C; ++c) add_to(p.grad_maps + p.C * row + c, weight * grad[c]);
    });
  }
  if (p.grad_verts_uvs) {
    T by_uv[2];
    uv_gradient(p, sample, grad, by_uv);
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
    each<texture::check_layout<SampleTextureUv>>(on, *this, M);
    texture::sample_all(on, *this);
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
    each<texture::check_layout<SampleTextureUvBackward>>(on, *this, M);
    if (grad_bary_coords) each<texture::bary_gradient<SampleTextureUvBackward>, 256>(on, *this, fragments);
    if (grad_verts_uvs) fill_zero(on, grad_verts_uvs, 2 * T);
    if (grad_maps) fill_zero(on, grad_maps, P * C);
    if (grad_verts_uvs || grad_maps)
      each_in_order<texture::add_gradients<SampleTextureUvBackward>>(on, *this, fragments);
  }
};

}  // namespace bisque
