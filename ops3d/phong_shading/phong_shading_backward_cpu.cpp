// The gradient's kernel of the CPU. Rows of samples are dealt out to blocks, whose number depends on the sizes alone;
// each block has its own sums, in order, and these are added block after block. So the result is the same for any
// number of threads; sums over lanes have 64 bytes of lanes for any vector width.
#include <algorithm>
#include <memory>
#include <vector>

#include <bisque/core/ops/each_cpu.h>
#include <bisque/ops3d/phong_shading/phong_shading_kernels.h>

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "bisque/ops3d/phong_shading/phong_shading_backward_cpu.cpp"
#include <hwy/foreach_target.h>
#include <hwy/highway.h>

#include <bisque/ops3d/phong_shading/phong_shading_fragments-inl.h>

HWY_BEFORE_NAMESPACE();
namespace bisque::phong::HWY_NAMESPACE {

/// The sums of a row of samples, in lanes.
template <class T>
class RowSums {
 public:
  explicit RowSums(int64_t num) : num_(num), lanes_(static_cast<size_t>(num) * kWidth) {}

  /// The chunk whose terms come next: where it begins in its row, and which of its lanes count.
  HWY_INLINE void start_chunk(int64_t x, LaneMask<T> covered) {
    column_ = static_cast<size_t>(x) % kWidth;
    covered_ = Real<T>(hn::IfThenElseZero(covered, hn::Set(Lanes<T>(), T(1))));
    any_ = true;
  }
  HWY_INLINE void add(int64_t index, Real<T> value) {
    T* sum = lanes_.data() + static_cast<size_t>(index) * kWidth + column_;
    const Real<T> term = select(covered_ > Real<T>(0), value, Real<T>(0));
    hn::StoreU((Real<T>(hn::LoadU(Lanes<T>(), sum)) + term).lanes, Lanes<T>(), sum);
  }
  HWY_INLINE void add3(int64_t index, const Vec3<Real<T>>& value) {
    add(index, value.x), add(index + 1, value.y), add(index + 2, value.z);
  }

  HWY_INLINE bool any(LaneMask<T> mask) const { return phong::HWY_NAMESPACE::any<T>(mask); }

  /// Adds the sums of the row to `totals`, and starts the next one.
  void finish(double* totals) {
    if (!any_) return;
    for (int64_t i = 0; i < num_; ++i) {
      T* lanes = lanes_.data() + static_cast<size_t>(i) * kWidth;
      for (size_t lane = 0; lane < kWidth; ++lane) totals[i] += static_cast<double>(lanes[lane]);
    }
    std::fill(lanes_.begin(), lanes_.end(), T(0));
    any_ = false;
  }

 private:
  static constexpr size_t kWidth = 64 / sizeof(T);
  int64_t num_;
  std::vector<T> lanes_;
  size_t column_ = 0;
  Real<T> covered_;
  bool any_ = false;
};

/// The gradients by the colours of n fragments.
template <class T>
HWY_INLINE Vec3<Real<T>> load_grads(const PhongShadingBackward<T>& p, const RowLayout& layout, int64_t row, int64_t x,
                                    int64_t n) {
  const T* pixels = p.grad_colors + row / p.samples * (p.SW / p.samples * p.K * p.channels);
  const T weight = T(1) / static_cast<T>(p.samples * p.samples);
  T colors[3 * kLanes<T>];
  for (int64_t i = 0; i < n; ++i) {
    const T* pixel = pixels + p.channels * layout.pixel(x + i);
    for (int k = 0; k < 3; ++k) colors[3 * i + k] = weight * pixel[k];
  }
  return load_colors(colors, n);
}

/// The gradient of a fragment by its barycentric coordinates: position . corner + normal . corner's normal.
template <class T>
HWY_INLINE void store_bary_grad(const Mesh<T>& mesh, const int64_t* corners, const T* position, const T* normal,
                                T* out) {
  const Part<T> d;
  for (int k = 0; k < 3; ++k) {
    const T *vert = mesh.verts[corners[k]], *vert_normal = mesh.normals[corners[k]];
    alignas(16) T terms[4];  // the fourth has no meaning
    for (size_t i = 0; i < 4; i += kPart<T>) {
      hn::Store(hn::Add(hn::Mul(hn::Load(d, position + i), hn::LoadU(d, vert + i)),
                        hn::Mul(hn::Load(d, normal + i), hn::LoadU(d, vert_normal + i))),
                d, terms + i);
    }
    out[k] = terms[0] + terms[1] + terms[2];
  }
}

/// Adds the gradients of a fragment to those of its corners.
template <class T>
HWY_INLINE void add_vert_grads(const int64_t* corners, const T* bary, const T* position, const T* normal, T* sums) {
  const Part<T> d;
  for (int k = 0; k < 3; ++k) {
    const auto b = hn::Set(d, bary[k]);
    T* sum = sums + 8 * corners[k];
    for (size_t i = 0; i < 4; i += kPart<T>) {
      hn::StoreU(hn::Add(hn::LoadU(d, sum + i), hn::Mul(b, hn::LoadU(d, position + i))), d, sum + i);
      hn::StoreU(hn::Add(hn::LoadU(d, sum + 4 + i), hn::Mul(b, hn::LoadU(d, normal + i))), d, sum + 4 + i);
    }
  }
}

template <class T>
HWY_INLINE void store_rows(const Vec3<Real<T>>& values, T* rows) {
  const Lanes<T> d;
  hn::StoreInterleaved4(values.x.lanes, values.y.lanes, values.z.lanes, hn::Zero(d), d, rows);
}

template <class T>
HWY_INLINE void store_texel_grads(const Vec3<Real<T>>& grad, LaneMask<T> covered, int64_t n, T* out) {
  const Lanes<T> d;
  alignas(64) T texels[3 * kLanes<T>];
  hn::StoreInterleaved3(hn::IfThenElseZero(covered, grad.x.lanes), hn::IfThenElseZero(covered, grad.y.lanes),
                        hn::IfThenElseZero(covered, grad.z.lanes), d, texels);
  std::copy_n(texels, 3 * n, out);
}

template <class T>
void row_gradient(const PhongShadingBackward<T>& p, const Mesh<T>& mesh, const Picture<T>& picture, int64_t row,
                  T* vert_sums, RowSums<T>* sums) {
  const int64_t columns = p.SW * p.K, lanes = static_cast<int64_t>(kLanes<T>);
  const RowLayout layout{p.K, p.samples};
  const Real<T> zero(0);
  Chunk<T> chunk;
  alignas(64) T positions[4 * kLanes<T>], normals[4 * kLanes<T>];
  for (int64_t x = 0; x < columns; x += lanes) {
    const int64_t first = row * columns + x, n = std::min(lanes, columns - x);
    T* grad_bary = p.grad_bary_coords ? p.grad_bary_coords + 3 * first : nullptr;
    T* grad_texels = p.grad_texels ? p.grad_texels + 3 * first : nullptr;
    if (grad_bary) std::fill_n(grad_bary, 3 * n, T(0));
    if (!mesh.load(p.pix_to_face + first, p.bary_coords + 3 * first, n, &chunk)) {
      if (grad_texels) std::fill_n(grad_texels, 3 * n, T(0));
      continue;
    }
    Vec3<Real<T>> texel{zero, zero, zero};
    if (p.texels) texel = load_colors(p.texels + 3 * first, n);
    const auto covered = chunk.covered();
    sums->start_chunk(x, covered);
    const ShadeGradient<Real<T>> grad =
        shade_gradient(picture, chunk.positions(), chunk.normals(), p.texels ? &texel : nullptr,
                       load_grads(p, layout, row, x, n), *sums);
    if (grad_texels) store_texel_grads(grad.texel, covered, n, grad_texels);
    if (!grad_bary && !vert_sums) continue;
    store_rows(grad.position, positions);
    store_rows(grad.normal, normals);
    for (int64_t i = 0; i < n; ++i) {
      if (chunk.cover[i] == 0) continue;
      const int64_t* corners = chunk.corners + 3 * i;
      if (grad_bary) store_bary_grad(mesh, corners, positions + 4 * i, normals + 4 * i, grad_bary + 3 * i);
      if (vert_sums) {
        add_vert_grads(corners, p.bary_coords + 3 * (first + i), positions + 4 * i, normals + 4 * i, vert_sums);
      }
    }
  }
}

/// Sums the rows of samples block, block + num_blocks, ...: `verts` [V, 8] are the gradients of verts and normals, each
/// followed by a number without meaning, or null; `pictures` is [N, num_sums].
template <class T>
void sum_block(const PhongShadingBackward<T>& p, int64_t block, int64_t num_blocks, T* verts, double* pictures) {
  const int64_t num = num_sums(p.L);
  std::fill_n(pictures, p.N * num, 0.0);
  if (verts) std::fill_n(verts, 8 * p.V, T(0));
  const Mesh<T> mesh(p);
  RowSums<T> sums(num);
  for (int64_t row = block; row < p.N * p.SH;) {
    const int64_t n = row / p.SH;
    const Lighting<T> lighting(p, n);
    for (; row < (n + 1) * p.SH; row += num_blocks) {
      row_gradient(p, mesh, lighting.picture(), row, verts, &sums);
      sums.finish(pictures + n * num);
    }
  }
}

void sum_block_float(const PhongShadingBackward<float>& p, int64_t block, int64_t num_blocks, float* verts,
                     double* pictures) {
  sum_block(p, block, num_blocks, verts, pictures);
}
void sum_block_double(const PhongShadingBackward<double>& p, int64_t block, int64_t num_blocks, double* verts,
                      double* pictures) {
  sum_block(p, block, num_blocks, verts, pictures);
}

}  // namespace bisque::phong::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace bisque {
namespace phong {

HWY_EXPORT(sum_block_float);
HWY_EXPORT(sum_block_double);

namespace {

/// As many blocks as keep their sums small beside the fragments, and no more than 16.
template <class T>
int64_t num_blocks_of(const PhongShadingBackward<T>& p) {
  const int64_t rows = p.N * p.SH, fragments = rows * p.SW * p.K;
  return std::max<int64_t>(1, std::min({fragments / (4 * p.V), rows, int64_t{16}}));
}

template <class T>
void add_vert_blocks(const PhongShadingBackward<T>& p, int64_t num_blocks, const T* sums) {
  op::parallel_for(p.V, 4096, [&](int64_t begin, int64_t end) {
    for (int64_t v = begin; v < end; ++v) {
      T total[8] = {};
      for (int64_t block = 0; block < num_blocks; ++block) {
        for (int k = 0; k < 8; ++k) total[k] += sums[8 * (block * p.V + v) + k];
      }
      if (p.grad_verts) std::copy_n(total, 3, p.grad_verts + 3 * v);
      if (p.grad_normals) std::copy_n(total + 4, 3, p.grad_normals + 3 * v);
    }
  });
}

template <class T>
void add_picture_blocks(const PhongShadingBackward<T>& p, int64_t num_blocks, const double* sums) {
  const int64_t num = num_sums(p.L);
  for (int64_t n = 0; n < p.N; ++n) {
    for (int64_t i = 0; i < num; ++i) {
      double total = 0;
      for (int64_t block = 0; block < num_blocks; ++block) total += sums[(block * p.N + n) * num + i];
      *sum_of(p, n, i) = static_cast<T>(total);
    }
  }
}

}  // namespace
}  // namespace phong

template <class T>
void PhongShadingBackward<T>::run(const OnCpu&) const {
  using namespace phong;
  if (V == 0 || F == 0) return clear_gradients(OnCpu{}, *this);
  const int64_t num_blocks = num_blocks_of(*this), num = num_sums(L);
  // Not initialised here, so that each block's thread clears its own.
  const bool of_verts = grad_verts || grad_normals;
  const std::unique_ptr<T[]> verts_sums(of_verts ? new T[static_cast<size_t>(8 * num_blocks * V)] : nullptr);
  const std::unique_ptr<double[]> picture_sums(new double[static_cast<size_t>(num_blocks * N * num)]);
  op::parallel_for(num_blocks, 1, [&](int64_t begin, int64_t end) {
    for (int64_t block = begin; block < end; ++block) {
      T* of_block = of_verts ? verts_sums.get() + 8 * block * V : nullptr;
      double* pictures = picture_sums.get() + block * N * num;
      if constexpr (sizeof(T) == 4) {
        HWY_DYNAMIC_DISPATCH(sum_block_float)(*this, block, num_blocks, of_block, pictures);
      } else {
        HWY_DYNAMIC_DISPATCH(sum_block_double)(*this, block, num_blocks, of_block, pictures);
      }
    }
  });
  if (of_verts) add_vert_blocks(*this, num_blocks, verts_sums.get());
  add_picture_blocks(*this, num_blocks, picture_sums.get());
}

template void PhongShadingBackward<float>::run(const OnCpu&) const;
template void PhongShadingBackward<double>::run(const OnCpu&) const;

}  // namespace bisque
#endif
