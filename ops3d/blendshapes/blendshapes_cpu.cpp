#include <cstring>
#include <vector>

#include <bisque/core/ops/parallel.h>
#include <bisque/ops3d/blendshapes/blendshapes_lanes.h>
#include <bisque/ops3d/blendshapes/blendshapes_math.h>

// The rows of a vertex are summed even and odd ones apart, since one sum would wait for each addition in turn; in this
// order for any number of frames, so that a frame does not depend on its neighbours.
namespace bisque {
namespace {

constexpr int64_t kBlock = 64;  // vertices whose deltas stay in the cache while all frames pass over them

// One frame: the lanes are x, y and z of a row, and the next row's x, which nobody looks at.
template <class T>
void blend_frame(const BlendshapesParams<T>& p, int64_t frame, int64_t vert) {
  const T* coefficients = p.coefficients + frame * p.num_shapes;
  const int64_t last = p.vert_first[vert + 1];
  Vec4<T> even = {}, odd = {}, delta;
  const auto coefficient = [&](int64_t row) { return coefficients[p.delta_shape[row]]; };
  int64_t row = p.vert_first[vert];
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
  T* out = p.verts + 3 * (frame * p.num_verts + vert);
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

// Up to eight frames; `coefficients` holds those of a shape side by side, zeros where there is no frame.
template <class T>
void blend_frames(const BlendshapesParams<T>& p, const T* coefficients, int64_t frame, int64_t frames, int64_t vert) {
  FrameSums<T> even, odd;
  const auto add = [&](FrameSums<T>& sums, int64_t row) {
    sums.add(p.deltas + 3 * row, coefficients + 4 * kQuads * p.delta_shape[row]);
  };
  const int64_t last = p.vert_first[vert + 1];
  int64_t row = p.vert_first[vert];
  for (; row + 1 < last; row += 2) {
    add(even, row);
    add(odd, row + 1);
  }
  if (row < last) add(even, row);
  const T* neutral = p.neutral + 3 * vert;
  for (int q = 0; q < kQuads; ++q) {
    const Vec4<T> x = even.x[q] + odd.x[q], y = even.y[q] + odd.y[q], z = even.z[q] + odd.z[q];
    for (int64_t i = 0; i < 4 && 4 * q + i < frames; ++i) {
      T* out = p.verts + 3 * ((frame + 4 * q + i) * p.num_verts + vert);
      out[0] = neutral[0] + x[i];
      out[1] = neutral[1] + y[i];
      out[2] = neutral[2] + z[i];
    }
  }
}

// The coefficients as blend_frames takes them: groups of eight frames, [groups, S, 8].
template <class T>
std::vector<T> by_shape(const BlendshapesParams<T>& p) {
  if (p.num_frames < 2) return {};
  std::vector<T> result(static_cast<size_t>((p.num_frames + 7) / 8 * 8 * p.num_shapes));
  for (int64_t frame = 0; frame < p.num_frames; ++frame) {
    T* out = result.data() + frame / 8 * 8 * p.num_shapes + frame % 8;
    for (int64_t shape = 0; shape < p.num_shapes; ++shape)
      out[8 * shape] = p.coefficients[frame * p.num_shapes + shape];
  }
  return result;
}

template <class T>
void blend_block(const BlendshapesParams<T>& p, const T* shape_coefficients, int64_t first, int64_t last) {
  const bool good = well_formed(p, first, last);
  for (int64_t frame = 0; frame < p.num_frames; frame += 8) {
    const int64_t frames = std::min<int64_t>(8, p.num_frames - frame);
    for (int64_t vert = first; vert < last; ++vert) {
      if (!good) {
        for (int64_t i = 0; i < frames; ++i) blend_vertex(p, frame + i, vert);
      } else if (frames == 1) {
        blend_frame(p, frame, vert);
      } else {
        blend_frames(p, shape_coefficients + frame * p.num_shapes, frame, frames, vert);
      }
    }
  }
}

}  // namespace

template <class T>
void blendshapes_cpu_kernel(const BlendshapesParams<T>& params) {
  const std::vector<T> shape_coefficients = by_shape(params);
  op::parallel_for((params.num_verts + kBlock - 1) / kBlock, 8, [&](int64_t begin, int64_t end) {
    for (int64_t block = begin; block < end; ++block) {
      const int64_t first = block * kBlock;
      blend_block(params, shape_coefficients.data(), first, std::min(first + kBlock, params.num_verts));
    }
  });
}

template void blendshapes_cpu_kernel(const BlendshapesParams<float>&);
template void blendshapes_cpu_kernel(const BlendshapesParams<double>&);

}  // namespace bisque
