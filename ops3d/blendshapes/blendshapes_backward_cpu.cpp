#include <cstring>
#include <vector>

#include <bisque/core/ops/parallel.h>
#include <bisque/ops3d/blendshapes/blendshapes_backward_math.h>
#include <bisque/ops3d/blendshapes/blendshapes_lanes.h>

namespace bisque {
namespace {

// The vertices are cut into so many chunks for any number of threads; each has sums of its own, added in order at the
// end.
constexpr int64_t kChunks = 64;
constexpr int64_t kRowsInFew = 16;  // that a shape gets, on average, before its sum in T is added to the one in double

// Adds the products of a vertex's rows with its gradient to sums [S]. kChecked looks at each row before it is used.
template <bool kChecked, class T>
void add_frame(const BlendshapesBackwardParams<T>& p, int64_t frame, int64_t vert, T* sums) {
  const T* grad = p.grad_verts + 3 * (frame * p.num_verts + vert);
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
void add_frames(const BlendshapesBackwardParams<T>& p, int64_t frame, int64_t frames, int64_t vert, T* sums) {
  T grads[3][4 * kQuads];
  for (int64_t i = 0; i < 4 * kQuads; ++i) {
    const T* grad = p.grad_verts + 3 * ((frame + (i < frames ? i : 0)) * p.num_verts + vert);
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
void add_verts(const BlendshapesBackwardParams<T>& p, int64_t frame, int64_t frames, int64_t first, int64_t last,
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
    if (rows_in_few < kRowsInFew * p.num_shapes && vert + 1 < last) continue;
    for (size_t i = 0; i < few.size(); ++i) sums[i] += static_cast<double>(few[i]);
    std::fill(few.begin(), few.end(), T(0));
    rows_in_few = 0;
  }
}

// Of up to eight frames.
template <class T>
void grad_coefficients(const BlendshapesBackwardParams<T>& p, int64_t frame, int64_t frames) {
  const int64_t lanes = frames == 1 ? 1 : 4 * kQuads, chunk = (p.num_verts + kChunks - 1) / kChunks;
  std::vector<double> sums(static_cast<size_t>(kChunks * p.num_shapes * lanes));
  op::parallel_for(kChunks, 1, [&](int64_t begin, int64_t end) {
    for (int64_t i = begin; i < end; ++i) {
      const int64_t first = std::min(i * chunk, p.num_verts), last = std::min(first + chunk, p.num_verts);
      double* own = sums.data() + i * p.num_shapes * lanes;
      std::vector<T> few(static_cast<size_t>(p.num_shapes * lanes));
      if (well_formed(p, first, last)) {
        add_verts<false>(p, frame, frames, first, last, few, own);
      } else {
        add_verts<true>(p, frame, frames, first, last, few, own);
      }
    }
  });
  for (int64_t lane = 0; lane < frames; ++lane) {
    for (int64_t shape = 0; shape < p.num_shapes; ++shape) {
      double sum = 0;
      for (int64_t i = 0; i < kChunks; ++i) sum += sums[(i * p.num_shapes + shape) * lanes + lane];
      p.grad_coefficients[(frame + lane) * p.num_shapes + shape] = static_cast<T>(sum);
    }
  }
}

template <class T>
void grad_neutral(const BlendshapesBackwardParams<T>& p) {
  const int64_t numbers = 3 * p.num_verts;
  op::parallel_for(numbers, 4096, [&](int64_t begin, int64_t end) {
    std::fill(p.grad_neutral + begin, p.grad_neutral + end, T(0));
    for (int64_t frame = 0; frame < p.num_frames; ++frame) {
      const T* grad = p.grad_verts + frame * numbers;
      for (int64_t i = begin; i < end; ++i) p.grad_neutral[i] += grad[i];
    }
  });
}

}  // namespace

template <class T>
void blendshapes_backward_cpu_kernel(const BlendshapesBackwardParams<T>& params) {
  if (params.grad_coefficients) {
    for (int64_t frame = 0; frame < params.num_frames; frame += 4 * kQuads) {
      grad_coefficients(params, frame, std::min<int64_t>(4 * kQuads, params.num_frames - frame));
    }
  }
  if (params.grad_neutral) grad_neutral(params);
  if (params.grad_deltas) {
    op::parallel_for(params.num_verts, 512, [&](int64_t begin, int64_t end) {
      for (int64_t vert = begin; vert < end; ++vert) grad_delta_rows(params, vert);
    });
  }
}

template void blendshapes_backward_cpu_kernel(const BlendshapesBackwardParams<float>&);
template void blendshapes_backward_cpu_kernel(const BlendshapesBackwardParams<double>&);

}  // namespace bisque
