// The forward kernel of the CPU: a vector of fragments at a time is read, shaded and written.
#include <bisque/core/ops/parallel.h>
#include <bisque/ops3d/phong_shading/phong_shading_kernels.h>

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "bisque/ops3d/phong_shading/phong_shading_cpu.cpp"
#include <hwy/foreach_target.h>
#include <hwy/highway.h>

#include <bisque/ops3d/phong_shading/phong_shading_fragments-inl.h>

HWY_BEFORE_NAMESPACE();
namespace bisque::phong::HWY_NAMESPACE {

/// Writes n colours, premultiplied, one after another.
template <class T>
HWY_INLINE void store_colors(const Vec3<Real<T>>& color, Real<T> cover, int64_t n, int64_t channels, T* out) {
  const Lanes<T> d;
  alignas(64) T padded[4 * kLanes<T>];
  const bool whole = n == static_cast<int64_t>(kLanes<T>);
  T* to = whole ? out : padded;
  if (channels == 4) {
    hn::StoreInterleaved4(color.x.lanes, color.y.lanes, color.z.lanes, cover.lanes, d, to);
  } else {
    hn::StoreInterleaved3(color.x.lanes, color.y.lanes, color.z.lanes, d, to);
  }
  if (!whole) std::copy_n(padded, channels * n, out);
}

/// Adds n colours to the pixels that they are samples of, `first` being the place of the first in its row.
template <class T>
HWY_INLINE void add_colors(const Vec3<Real<T>>& fragments, Real<T> cover, int64_t first, int64_t n,
                           const RowLayout& layout, int64_t channels, T* pixels) {
  alignas(64) T colors[4 * kLanes<T>];
  const Real<T> weight(T(1) / static_cast<T>(layout.samples * layout.samples));
  store_colors(fragments * weight, cover * weight, static_cast<int64_t>(kLanes<T>), channels, colors);
  for (int64_t i = 0; i < n; ++i) {
    T* pixel = pixels + channels * layout.pixel(first + i);
    const T* color = colors + channels * i;
    if (channels == 4) {
      const Part<T> d;
      for (size_t c = 0; c < 4; c += kPart<T>) {
        hn::StoreU(hn::Add(hn::LoadU(d, pixel + c), hn::LoadU(d, color + c)), d, pixel + c);
      }
    } else {
      for (int64_t c = 0; c < channels; ++c) pixel[c] += color[c];
    }
  }
}

/// Shades the fragments of a row of samples.
template <class T>
void shade_row(const PhongShading<T>& p, const Mesh<T>& mesh, const Picture<T>& picture, int64_t row, T* pixels) {
  const int64_t columns = p.SW * p.K, lanes = static_cast<int64_t>(kLanes<T>);
  const RowLayout layout{p.K, p.samples};
  const Real<T> zero(0);
  Chunk<T> chunk;
  for (int64_t x = 0; x < columns; x += lanes) {
    const int64_t first = row * columns + x, n = std::min(lanes, columns - x);
    if (!mesh.load(p.pix_to_face + first, p.bary_coords + 3 * first, n, &chunk)) {
      if (p.samples == 1) std::fill_n(pixels + p.channels * x, p.channels * n, T(0));
      continue;
    }
    Vec3<Real<T>> texel{zero, zero, zero};
    if (p.texels) texel = load_colors(p.texels + 3 * first, n);
    const Vec3<Real<T>> color = shade(picture, chunk.positions(), chunk.normals(), p.texels ? &texel : nullptr);
    const Vec3<Real<T>> covered = select(chunk.covered(), color, Vec3<Real<T>>{zero, zero, zero});
    const Real<T> cover(hn::Load(Lanes<T>(), chunk.cover));
    if (p.samples == 1) {
      store_colors(covered, cover, n, p.channels, pixels + p.channels * x);
    } else {
      add_colors(covered, cover, x, n, layout, p.channels, pixels);
    }
  }
}

/// Shades the rows of pixels [begin, end).
template <class T>
void shade_rows(const PhongShading<T>& p, int64_t begin, int64_t end) {
  const int64_t height = p.SH / p.samples, row_size = p.SW / p.samples * p.K * p.channels;
  const Mesh<T> mesh(p);
  for (int64_t i = begin; i < end;) {
    const int64_t n = i / height;
    const Lighting<T> lighting(p, n);
    for (; i < end && i / height == n; ++i) {
      T* pixels = p.colors + row_size * i;
      if (p.samples > 1) std::fill_n(pixels, row_size, T(0));
      for (int64_t s = 0; s < p.samples; ++s) shade_row(p, mesh, lighting.picture(), i * p.samples + s, pixels);
    }
  }
}

void shade_rows_float(const PhongShading<float>& p, int64_t begin, int64_t end) { shade_rows(p, begin, end); }
void shade_rows_double(const PhongShading<double>& p, int64_t begin, int64_t end) { shade_rows(p, begin, end); }

}  // namespace bisque::phong::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace bisque {
namespace phong {

HWY_EXPORT(shade_rows_float);
HWY_EXPORT(shade_rows_double);

}  // namespace phong

template <class T>
void PhongShading<T>::run(const OnCpu&) const {
  using namespace phong;
  const int64_t rows = N * (SH / samples);
  if (V == 0 || F == 0) {
    std::fill_n(colors, rows * (SW / samples) * K * channels, T(0));
    return;
  }
  op::parallel_for(rows, 8, [&](int64_t begin, int64_t end) {
    if constexpr (sizeof(T) == 4) {
      HWY_DYNAMIC_DISPATCH(shade_rows_float)(*this, begin, end);
    } else {
      HWY_DYNAMIC_DISPATCH(shade_rows_double)(*this, begin, end);
    }
  });
}

template void PhongShading<float>::run(const OnCpu&) const;
template void PhongShading<double>::run(const OnCpu&) const;

}  // namespace bisque
#endif
