#include <algorithm>
#include <cstring>
#include <vector>

#include <bisque/core/ops/parallel.h>
#include <bisque/ops3d/blendshapes/blendshapes_kernels.h>

namespace bisque {
namespace {

/// Four lanes, the same on every machine, so that sums never depend on its vectors' width.
template <class T>
struct Vec4Of {
  typedef T type __attribute__((vector_size(4 * sizeof(T))));
};
template <class T>
using Vec4 = typename Vec4Of<T>::type;

constexpr int kQuads = 2;  // vectors that hold a number of each of eight frames

/// Whether all rows of these vertices may be read without looking.
template <class Params>
bool well_formed(const Params& p, int64_t first_vert, int64_t last_vert) {
  for (int64_t vert = first_vert; vert < last_vert; ++vert) {
    if (p.vert_offsets[vert] < 0 || p.vert_offsets[vert] > p.vert_offsets[vert + 1]) return false;
  }
  if (p.vert_offsets[last_vert] > p.D) return false;
  // The sign bit of shape | (last - shape) is set outside of [0, last]; a maximum of unsigned numbers costs twice as
  // much without SSE4.
  const auto last_shape = static_cast<uint32_t>(std::min<int64_t>(p.S, INT32_MAX) - 1);
  uint32_t bits = 0;
  for (int64_t row = p.vert_offsets[first_vert]; row < p.vert_offsets[last_vert]; ++row) {
    const auto shape = static_cast<uint32_t>(p.delta_shape[row]);
    bits |= shape | (last_shape - shape);
  }
  return bits >> 31 == 0;
}

// The rows of a vertex are summed even and odd ones apart, since one sum would wait for each addition in turn; in this
// order for any number of frames, so that a frame does not depend on its neighbours.

constexpr int64_t kBlock = 64;  // vertices whose deltas stay in the cache while all frames pass over them

// One frame: the lanes are x, y and z of a row, and the next row's x, which nobody looks at.
template <class T>
void blend_frame(const Blendshapes<T>& p, int64_t frame, int64_t vert) {
  const T* coefficients = p.coefficients + frame * p.S;
  const int64_t last = p.vert_offsets[vert + 1];
  Vec4<T> even = {}, odd = {}, delta;
  const auto coefficient = [&](int64_t row) { return coefficients[p.delta_shape[row]]; };
  int64_t row = p.vert_offsets[vert];
  for (; row + 2 < last; row += 2) {
    std::memcpy(&delta, p.deltas + 3 * row, sizeof delta);
    even += coefficient(row) * delta;
    std::memcpy(&delta, p.deltas + 3 * (row + 1), sizeof delta);
    odd += coefficient(row + 1) * delta;
  }
  // The last rows, after which there may be no other.
  if (row < last) {
    const T* d = p.deltas + 3 * row;
    even += coefficient(row) * Vec4<T>{d[0], d[1], d[2], 0};
  }
  if (row + 1 < last) {
    const T* d = p.deltas + 3 * (row + 1);
    odd += coefficient(row + 1) * Vec4<T>{d[0], d[1], d[2], 0};
  }
  const Vec4<T> sum = even + odd;
  T* out = p.verts + 3 * (frame * p.V + vert);
  for (int k = 0; k < 3; ++k) out[k] = p.neutral[3 * vert + k] + sum[k];
}

// The sums of x, y and z in eight frames, a lane each.
template <class T>
struct FrameSums {
  Vec4<T> x[kQuads] = {}, y[kQuads] = {}, z[kQuads] = {};

  void add(const T* delta, const T* coefficients) {
    for (int q = 0; q < kQuads; ++q) {
      Vec4<T> c;
      std::memcpy(&c, coefficients + 4 * q, sizeof c);
      x[q] += c * delta[0];
      y[q] += c * delta[1];
      z[q] += c * delta[2];
    }
  }
};

// Up to eight frames; `coefficients` holds those of a shape side by side, zeros for missing frames.
template <class T>
void blend_frames(const Blendshapes<T>& p, const T* coefficients, int64_t frame, int64_t frames, int64_t vert) {
  FrameSums<T> even, odd;
  const auto add = [&](FrameSums<T>& sums, int64_t row) {
    sums.add(p.deltas + 3 * row, coefficients + 4 * kQuads * p.delta_shape[row]);
  };
  const int64_t last = p.vert_offsets[vert + 1];
  int64_t row = p.vert_offsets[vert];
  for (; row + 1 < last; row += 2) {
    add(even, row);
    add(odd, row + 1);
  }
  if (row < last) add(even, row);
  const T* neutral = p.neutral + 3 * vert;
  for (int q = 0; q < kQuads; ++q) {
    const Vec4<T> x = even.x[q] + odd.x[q], y = even.y[q] + odd.y[q], z = even.z[q] + odd.z[q];
    for (int64_t i = 0; i < 4 && 4 * q + i < frames; ++i) {
      T* out = p.verts + 3 * ((frame + 4 * q + i) * p.V + vert);
      out[0] = neutral[0] + x[i];
      out[1] = neutral[1] + y[i];
      out[2] = neutral[2] + z[i];
    }
  }
}

// The coefficients as blend_frames takes them: groups of eight frames, [groups, S, 8].
template <class T>
std::vector<T> by_shape(const Blendshapes<T>& p) {
  if (p.N < 2) return {};
  std::vector<T> result(static_cast<size_t>((p.N + 7) / 8 * 8 * p.S));
  for (int64_t frame = 0; frame < p.N; ++frame) {
    T* out = result.data() + frame / 8 * 8 * p.S + frame % 8;
    for (int64_t shape = 0; shape < p.S; ++shape) out[8 * shape] = p.coefficients[frame * p.S + shape];
  }
  return result;
}

template <class T>
void blend_block(const Blendshapes<T>& p, const T* shape_coefficients, int64_t first, int64_t last) {
  const bool good = well_formed(p, first, last);
  for (int64_t frame = 0; frame < p.N; frame += 8) {
    const int64_t frames = std::min<int64_t>(8, p.N - frame);
    for (int64_t vert = first; vert < last; ++vert) {
      if (!good) {
        for (int64_t i = 0; i < frames; ++i) blend_vertex(p, frame + i, vert);
      } else if (frames == 1) {
        blend_frame(p, frame, vert);
      } else {
        blend_frames(p, shape_coefficients + frame * p.S, frame, frames, vert);
      }
    }
  }
}

// --- The gradient ---

// The vertices are divided into this many chunks for any number of threads; each has separate sums, added in order at
// the end.
constexpr int64_t kChunks = 64;
constexpr int64_t kRowsInFew = 16;  // that a shape gets, on average, before its sum in T is added to the one in double

// Adds the products of a vertex's rows with its gradient to sums [S]. kChecked looks at each row before it is used.
template <bool kChecked, class T>
void add_frame(const BlendshapesBackward<T>& p, int64_t frame, int64_t vert, T* sums) {
  const T* grad = p.grad_verts + 3 * (frame * p.V + vert);
  const T x = grad[0], y = grad[1], z = grad[2];
  const RowRange rows = rows_of(p, vert, vert + 1);
  for (int64_t row = rows.first; row < rows.last; ++row) {
    if (kChecked && !known_shape(p, row)) continue;
    const T* delta = p.deltas + 3 * row;
    sums[p.delta_shape[row]] += delta[0] * x + delta[1] * y + delta[2] * z;
  }
}

// Eight frames, a lane each; sums [S, 8]. Frames that are not there read the first.
template <bool kChecked, class T>
void add_frames(const BlendshapesBackward<T>& p, int64_t frame, int64_t frames, int64_t vert, T* sums) {
  T grads[3][4 * kQuads];
  for (int64_t i = 0; i < 4 * kQuads; ++i) {
    const T* grad = p.grad_verts + 3 * ((frame + (i < frames ? i : 0)) * p.V + vert);
    for (int k = 0; k < 3; ++k) grads[k][i] = grad[k];
  }
  Vec4<T> x[kQuads], y[kQuads], z[kQuads];
  std::memcpy(x, grads[0], sizeof x);
  std::memcpy(y, grads[1], sizeof y);
  std::memcpy(z, grads[2], sizeof z);
  const RowRange rows = rows_of(p, vert, vert + 1);
  for (int64_t row = rows.first; row < rows.last; ++row) {
    if (kChecked && !known_shape(p, row)) continue;
    const T* delta = p.deltas + 3 * row;
    T* sum = sums + 4 * kQuads * p.delta_shape[row];
    for (int q = 0; q < kQuads; ++q) {
      Vec4<T> total;
      std::memcpy(&total, sum + 4 * q, sizeof total);
      total += delta[0] * x[q] + delta[1] * y[q] + delta[2] * z[q];
      std::memcpy(sum + 4 * q, &total, sizeof total);
    }
  }
}

// Adds up in T while a shape has had some rows, then in double, since a shape may move every vertex.
template <bool kChecked, class T>
void add_verts(const BlendshapesBackward<T>& p, int64_t frame, int64_t frames, int64_t first, int64_t last,
               std::vector<T>& few, double* sums) {
  int64_t rows_in_few = 0;
  for (int64_t vert = first; vert < last; ++vert) {
    if (frames == 1) {
      add_frame<kChecked>(p, frame, vert, few.data());
    } else {
      add_frames<kChecked>(p, frame, frames, vert, few.data());
    }
    const RowRange rows = rows_of(p, vert, vert + 1);
    rows_in_few += rows.last - rows.first;
    if (rows_in_few < kRowsInFew * p.S && vert + 1 < last) continue;
    for (size_t i = 0; i < few.size(); ++i) sums[i] += static_cast<double>(few[i]);
    std::fill(few.begin(), few.end(), T(0));
    rows_in_few = 0;
  }
}

// Of up to eight frames.
template <class T>
void sum_coefficients(const BlendshapesBackward<T>& p, int64_t frame, int64_t frames) {
  const int64_t lanes = frames == 1 ? 1 : 4 * kQuads, chunk = (p.V + kChunks - 1) / kChunks;
  std::vector<double> sums(static_cast<size_t>(kChunks * p.S * lanes));
  op::parallel_for(kChunks, 1, [&](int64_t begin, int64_t end) {
    for (int64_t i = begin; i < end; ++i) {
      const int64_t first = std::min(i * chunk, p.V), last = std::min(first + chunk, p.V);
      double* own = sums.data() + i * p.S * lanes;
      std::vector<T> few(static_cast<size_t>(p.S * lanes));
      if (well_formed(p, first, last)) {
        add_verts<false>(p, frame, frames, first, last, few, own);
      } else {
        add_verts<true>(p, frame, frames, first, last, few, own);
      }
    }
  });
  for (int64_t lane = 0; lane < frames; ++lane) {
    for (int64_t shape = 0; shape < p.S; ++shape) {
      double sum = 0;
      for (int64_t i = 0; i < kChunks; ++i) sum += sums[(i * p.S + shape) * lanes + lane];
      p.grad_coefficients[(frame + lane) * p.S + shape] = static_cast<T>(sum);
    }
  }
}

template <class T>
void sum_frames(const BlendshapesBackward<T>& p) {
  const int64_t numbers = 3 * p.V;
  op::parallel_for(numbers, 4096, [&](int64_t begin, int64_t end) {
    std::fill(p.grad_neutral + begin, p.grad_neutral + end, T(0));
    for (int64_t frame = 0; frame < p.N; ++frame) {
      const T* grad = p.grad_verts + frame * numbers;
      for (int64_t i = begin; i < end; ++i) p.grad_neutral[i] += grad[i];
    }
  });
}

}  // namespace

template <class T>
void Blendshapes<T>::run(const OnCpu&) const {
  const Blendshapes& params = *this;
  const std::vector<T> shape_coefficients = by_shape(params);
  op::parallel_for((params.V + kBlock - 1) / kBlock, 8, [&](int64_t begin, int64_t end) {
    for (int64_t block = begin; block < end; ++block) {
      const int64_t first = block * kBlock;
      blend_block(params, shape_coefficients.data(), first, std::min(first + kBlock, params.V));
    }
  });
}

template void Blendshapes<float>::run(const OnCpu&) const;
template void Blendshapes<double>::run(const OnCpu&) const;

template <class T>
void BlendshapesBackward<T>::run(const OnCpu&) const {
  const BlendshapesBackward& params = *this;
  if (params.grad_coefficients) {
    for (int64_t frame = 0; frame < params.N; frame += 4 * kQuads) {
      sum_coefficients(params, frame, std::min<int64_t>(4 * kQuads, params.N - frame));
    }
  }
  if (params.grad_neutral) sum_frames(params);
  if (params.grad_deltas) {
    std::fill(params.grad_deltas, params.grad_deltas + 3 * params.D, T(0));
    op::parallel_for(params.V, 512, [&](int64_t begin, int64_t end) {
      for (int64_t vert = begin; vert < end; ++vert) grad_delta_rows(params, vert);
    });
  }
}

template void BlendshapesBackward<float>::run(const OnCpu&) const;
template void BlendshapesBackward<double>::run(const OnCpu&) const;

}  // namespace bisque
