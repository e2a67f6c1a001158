// What the norms' CUDA kernels share: values of any type, where they belong, sums over blocks. Torch-free.
#pragma once
#include <cuda_fp16.h>

#include <bisque/core/ops/norm/norm_cuda.h>
#include <bisque/core/ops/launch.cuh>

namespace bisque::norm {

struct Pair {
  double a, b;
};

// --- Values ---

__device__ inline float widen(float value) { return value; }
__device__ inline double widen(double value) { return value; }
__device__ inline float widen(Half value) { return __half2float(__ushort_as_half(value.bits)); }
__device__ inline float widen(BFloat16 value) { return __uint_as_float(static_cast<uint32_t>(value.bits) << 16); }

__device__ inline void narrow(float value, float* p) { *p = value; }
__device__ inline void narrow(double value, double* p) { *p = value; }
__device__ inline void narrow(float value, Half* p) { p->bits = __half_as_ushort(__float2half_rn(value)); }
__device__ inline void narrow(float value, BFloat16* p) {
  const uint32_t bits = __float_as_uint(value);
  p->bits = value != value ? 0x7fc0 : static_cast<uint16_t>((bits + 0x7fff + (bits >> 16 & 1)) >> 16);
}

template <class T>
__device__ inline Accumulate<T> weight_at(const void* weights, bool are_float, int64_t i, Accumulate<T> fallback) {
  if (!weights) return fallback;
  if (are_float) return static_cast<const float*>(weights)[i];
  return widen(static_cast<const T*>(weights)[i]);
}

template <class T>
__device__ inline void set_weight(void* weights, bool are_float, int64_t i, double value) {
  if (!weights) return;
  const auto rounded = static_cast<Accumulate<T>>(value);
  if (are_float) {
    static_cast<float*>(weights)[i] = static_cast<float>(value);
  } else {
    narrow(rounded, static_cast<T*>(weights) + i);
  }
}

// --- Where values belong ---

/// i / by and i % by; in 32 bits where they fit, since division of 64 bits takes a hundred instructions.
__device__ inline int64_t divide(int64_t i, int64_t by, int64_t& rest) {
  if ((static_cast<uint64_t>(i) | static_cast<uint64_t>(by)) >> 32 == 0) {
    const auto a = static_cast<uint32_t>(i), b = static_cast<uint32_t>(by);
    const uint32_t quotient = a / b;
    rest = a - quotient * b;
    return quotient;
  }
  rest = i % by;
  return i / by;
}

struct Place {
  int64_t slice, weight;
};

/// Of the value at `i` of x.
__device__ inline Place place_of(const View& v, int64_t i) {
  int64_t rest, weight;
  if (v.kind == Kind::kColumns) {
    int64_t column, unused;
    const int64_t row = divide(i, v.columns, column);
    divide(divide(column, v.repeat, unused), v.weights, weight);
    return {divide(row, v.rows, unused) * (v.columns / v.merge) + divide(column, v.merge, unused), weight};
  }
  if (v.kind == Kind::kElements) {
    divide(divide(i, v.repeat, rest), v.weights, weight);
    return {divide(i, v.inner, rest), weight};
  }
  int64_t slice = divide(i, v.inner, rest), plane = 0;  // the run
  if (v.planes > 1) {
    // Runs lie by slice and plane, or by plane and slice.
    if (v.plane_stride == v.inner) {
      slice = divide(slice, v.planes, plane);
    } else {
      plane = divide(slice, v.slices, slice);
    }
  }
  divide(v.weight_of_slice * slice + v.weight_of_plane * plane, v.weights, weight);
  return {slice, weight};
}

/// Where value i of a slice is (not of kColumns).
__device__ inline int64_t index_in_slice(const View& v, int64_t slice, int64_t i) {
  if (v.planes == 1) return slice * v.slice_stride + i;
  int64_t rest;
  const int64_t plane = divide(i, v.inner, rest);
  return slice * v.slice_stride + plane * v.plane_stride + rest;
}

/// The factors of a slice; the mean in two parts, since it may be large beside the deviations.
template <class A>
struct Factors {
  A mean, rest, rstd;
  A by_x, shift;  // of its gradient

  __device__ A standardize(A x) const { return (x - mean - rest) * rstd; }
};

template <class A>
__device__ inline Factors<A> factors_of(const double* means, const double* vars, int64_t slice, double eps,
                                        bool center) {
  Factors<A> factors = {0, 0, static_cast<A>(1 / sqrt(vars[slice] + eps)), 0, 0};
  if (!center) return factors;
  factors.mean = static_cast<A>(means[slice]);
  if (isfinite(factors.mean)) factors.rest = static_cast<A>(means[slice] - static_cast<double>(factors.mean));
  return factors;
}

/// The parts of the scratch, see CudaParts::scratch_doubles.
struct Scratch {
  Pair *parts, *slices, *weights;
  double* factors;

  Scratch(double* all, const CudaParts& cut, const View& v) {
    parts = reinterpret_cast<Pair*>(all);
    slices = parts + (v.kind == Kind::kColumns ? v.batches * v.columns : v.slices) * cut.slice_parts;
    weights = slices + v.slices;
    factors = reinterpret_cast<double*>(weights + v.weights * cut.weight_parts);
  }
};

// --- Sums over the threads of a block, in the same order each time ---

__device__ inline Pair block_sum(Pair value) {
  __shared__ Pair warps[kThreads / 32];
  for (int step = 16; step > 0; step /= 2) {
    value.a += __shfl_down_sync(~0u, value.a, step);
    value.b += __shfl_down_sync(~0u, value.b, step);
  }
  if (threadIdx.x % 32 == 0) warps[threadIdx.x / 32] = value;
  __syncthreads();
  Pair all = {0, 0};
  for (int i = 0; i < kThreads / 32; ++i) {
    all.a += warps[i].a;
    all.b += warps[i].b;
  }
  __syncthreads();
  return all;
}

// Blocks of kColumnThreads columns by kRowThreads rows.
constexpr int kColumnThreads = 32, kRowThreads = 8;

/// The sum over threadIdx.y, for each threadIdx.x.
__device__ inline Pair rows_sum(Pair value) {
  __shared__ Pair rows[kRowThreads][kColumnThreads];
  rows[threadIdx.y][threadIdx.x] = value;
  __syncthreads();
  Pair all = {0, 0};
  for (int i = 0; i < kRowThreads; ++i) {
    all.a += rows[i][threadIdx.x].a;
    all.b += rows[i][threadIdx.x].b;
  }
  __syncthreads();
  return all;
}

inline unsigned grid_of(int64_t blocks) { return static_cast<unsigned>(blocks < 65535 * 16 ? blocks : 65535 * 16); }

}  // namespace bisque::norm
