#include <cstring>
#include <vector>

#include <bisque/core/ops/parallel.h>
#include <bisque/ops3d/blendshapes/blendshapes_backward_math.h>
#include <bisque/ops3d/blendshapes/blendshapes_vec4.h>

namespace bisque {
namespace {

// The vertices are cut into so many chunks for any number of threads; each has sums of its own, added in order at the
// end.
constexpr int64_t kChunks = 64;

// The products of a row with the gradients of its vertex are summed in double, since a shape may move every vertex.
template <class T>
void add_frame(const BlendshapesBackwardParams<T>& p, int64_t frame, int64_t vert, double* sums) {
  const T* grad = p.grad_verts + 3 * (frame * p.num_verts + vert);
  const T x = grad[0], y = grad[1], z = grad[2];
  const RowRange rows = rows_of(p, vert, vert + 1);
  for (int64_t row = rows.first; row < rows.last; ++row) {
    if (!known_shape(p, row)) continue;
    const T* delta = p.deltas + 3 * row;
    sums[p.delta_shape[row]] += delta[0] * x + delta[1] * y + delta[2] * z;
  }
}

// Four frames, a lane each; sums [S, 4]. Frames that are not there read frame 0.
template <class T>
void add_frames(const BlendshapesBackwardParams<T>& p, int64_t frame, int64_t frames, int64_t vert, double* sums) {
  Vec4<T> x, y, z;
  for (int64_t i = 0; i < 4; ++i) {
    const T* grad = p.grad_verts + 3 * ((frame + (i < frames ? i : 0)) * p.num_verts + vert);
    x[i] = grad[0];
    y[i] = grad[1];
    z[i] = grad[2];
  }
  const RowRange rows = rows_of(p, vert, vert + 1);
  for (int64_t row = rows.first; row < rows.last; ++row) {
    if (!known_shape(p, row)) continue;
    const T* delta = p.deltas + 3 * row;
    const Vec4<T> dot = delta[0] * x + delta[1] * y + delta[2] * z;
    double* sum = sums + 4 * p.delta_shape[row];
    Vec4<double> total;
    std::memcpy(&total, sum, sizeof total);
    total += __builtin_convertvector(dot, Vec4<double>);
    std::memcpy(sum, &total, sizeof total);
  }
}

template <class T>
void grad_coefficients(const BlendshapesBackwardParams<T>& p, int64_t frame, int64_t frames) {
  const int64_t lanes = frames == 1 ? 1 : 4, chunk = (p.num_verts + kChunks - 1) / kChunks;
  std::vector<double> sums(static_cast<size_t>(kChunks * p.num_shapes * lanes));
  op::parallel_for(kChunks, 1, [&](int64_t begin, int64_t end) {
    for (int64_t i = begin; i < end; ++i) {
      double* own = sums.data() + i * p.num_shapes * lanes;
      for (int64_t vert = i * chunk; vert < std::min((i + 1) * chunk, p.num_verts); ++vert) {
        if (lanes == 1) {
          add_frame(p, frame, vert, own);
        } else {
          add_frames(p, frame, frames, vert, own);
        }
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
    for (int64_t frame = 0; frame < params.num_frames; frame += 4) {
      grad_coefficients(params, frame, std::min<int64_t>(4, params.num_frames - frame));
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
