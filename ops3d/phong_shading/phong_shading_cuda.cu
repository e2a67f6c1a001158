// The CUDA kernels: one thread per fragment of the picture, and in the gradient one per fragment of the samples.
#include <bisque/ops3d/phong_shading/phong_shading_math-inl.h>
#include <bisque/core/ops/each.cuh>

namespace bisque {
namespace phong::scalar {
namespace {

constexpr unsigned kWarp = 32, kAllLanes = 0xffffffffu;

template <class T>
__device__ Vec3<T> mix(const T* values, const int64_t* corners, const T* bary) {
  Vec3<T> sum = load3<T>(values + 3 * corners[0]) * bary[0];
  for (int k = 1; k < 3; ++k) sum += load3<T>(values + 3 * corners[k]) * bary[k];
  return sum;
}

template <class P>
__device__ void shade_pixel(const P& p, int64_t index) {
  using T = std::remove_pointer_t<decltype(p.colors)>;
  const int64_t row_size = p.SW / p.samples * p.K;
  const int64_t row = index / row_size, pixel = index % row_size / p.K, k = index % p.K;
  const Picture<T> picture(p, row / (p.SH / p.samples));
  Vec3<T> sum{0, 0, 0};
  T coverage = 0;
  const T weight = T(1) / static_cast<T>(p.samples * p.samples);
  for (int64_t s = 0; s < p.samples * p.samples; ++s) {
    const int64_t y = row * p.samples + s / p.samples, x = pixel * p.samples + s % p.samples;
    const int64_t at = (y * p.SW + x) * p.K + k;
    const int64_t* corners = corners_of(p.faces, p.F, p.V, p.pix_to_face[at]);
    if (!corners) continue;
    const T* bary = p.bary_coords + 3 * at;
    const Vec3<T> texel = p.texels ? load3<T>(p.texels + 3 * at) : Vec3<T>{};
    sum += shade(picture, mix(p.verts, corners, bary), mix(p.normals, corners, bary), p.texels ? &texel : nullptr) *
           weight;
    coverage += weight;
  }
  T* out = p.colors + p.channels * index;
  out[0] = sum.x, out[1] = sum.y, out[2] = sum.z;
  if (p.channels == 4) out[3] = coverage;
}

/// Adds to the sums of a picture. The threads of a warp that are in one picture add together first.
template <class T>
struct WarpSums {
  const PhongShadingBackward<T>& p;
  int64_t n;
  bool same_picture, counts;

  __device__ void add(int64_t index, T value) const {
    if (!same_picture) {
      if (counts) add_to(sum_of(p, n, index), value);
      return;
    }
    if (!counts) value = 0;
    for (unsigned step = kWarp / 2; step > 0; step /= 2) value += __shfl_xor_sync(kAllLanes, value, step);
    if (threadIdx.x % kWarp == 0) add_to(sum_of(p, n, index), value);
  }
  /// The same for all threads of a warp, which must not part before an add.
  __device__ bool any(bool mask) const { return __any_sync(kAllLanes, mask); }
  __device__ void add3(int64_t index, const Vec3<T>& value) const {
    add(index, value.x), add(index + 1, value.y), add(index + 2, value.z);
  }
};

template <class T>
__device__ Vec3<T> grad_of(const PhongShadingBackward<T>& p, int64_t at) {
  const int64_t columns = p.SW * p.K, row = at / columns;
  const int64_t pixel = RowLayout{p.K, p.samples}.pixel(at % columns);
  const T* grad = p.grad_colors + p.channels * (row / p.samples * (columns / p.samples) + pixel);
  return load3<T>(grad) * (T(1) / static_cast<T>(p.samples * p.samples));
}

template <class T>
__device__ void store3(const Vec3<T>& value, T* out) {
  out[0] = value.x, out[1] = value.y, out[2] = value.z;
}

template <class T>
__device__ void add3_to(T* sum, const Vec3<T>& value) {
  add_to(sum, value.x), add_to(sum + 1, value.y), add_to(sum + 2, value.z);
}

/// A thread without a fragment calls it too, with corners of null, for the sums of its warp.
template <class T>
__device__ void fragment_gradient(const PhongShadingBackward<T>& p, int64_t at, const int64_t* corners) {
  const int64_t n = at / (p.SH * p.SW * p.K);
  const T* bary = p.bary_coords + 3 * at;
  const Vec3<T> zero{0, 0, 0};
  const Vec3<T> texel = corners && p.texels ? load3<T>(p.texels + 3 * at) : zero;
  const bool same = __all_sync(kAllLanes, __shfl_sync(kAllLanes, n, 0) == n);
  const WarpSums<T> sums{p, n, same, corners != nullptr};
  const ShadeGradient<T> grad = shade_gradient(Picture<T>(p, n), corners ? mix(p.verts, corners, bary) : zero,
                                               corners ? mix(p.normals, corners, bary) : zero,
                                               p.texels ? &texel : nullptr, corners ? grad_of(p, at) : zero, sums);
  if (!corners) return;
  if (p.grad_texels) store3(grad.texel, p.grad_texels + 3 * at);
  for (int k = 0; k < 3; ++k) {
    const int64_t v = 3 * corners[k];
    if (p.grad_verts) add3_to(p.grad_verts + v, grad.position * bary[k]);
    if (p.grad_normals) add3_to(p.grad_normals + v, grad.normal * bary[k]);
    if (p.grad_bary_coords) {
      p.grad_bary_coords[3 * at + k] =
          dot(grad.position, load3<T>(p.verts + v)) + dot(grad.normal, load3<T>(p.normals + v));
    }
  }
}

/// All threads of a warp take as many turns.
template <class T>
__global__ void shade_gradients(PhongShadingBackward<T> p) {
  const int64_t fragments = p.N * p.SH * p.SW * p.K;
  for (int64_t i = grid_first(); i - threadIdx.x % kWarp < fragments; i += grid_step()) {
    const int64_t at = i < fragments ? i : fragments - 1;
    const int64_t* corners = i < fragments ? corners_of(p.faces, p.F, p.V, p.pix_to_face[at]) : nullptr;
    if (__any_sync(kAllLanes, corners != nullptr)) fragment_gradient(p, at, corners);
  }
}

}  // namespace
}  // namespace phong::scalar

template <class T>
void PhongShading<T>::run(const OnCuda& on) const {
  each<phong::scalar::shade_pixel<PhongShading>>(on, *this, N * (SH / samples) * (SW / samples) * K);
}

template <class T>
void PhongShadingBackward<T>::run(const OnCuda& on) const {
  phong::clear_gradients(on, *this);
  const int64_t fragments = N * SH * SW * K;
  if (fragments == 0) return;
  phong::scalar::shade_gradients<<<blocks_for(fragments), kThreads, 0, static_cast<cudaStream_t>(on.stream)>>>(*this);
}

}  // namespace bisque

BISQUE_ON_CUDA(bisque::PhongShading)
BISQUE_ON_CUDA(bisque::PhongShadingBackward)
