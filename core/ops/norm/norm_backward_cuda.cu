#include <bisque/core/ops/norm/norm_device.cuh>

namespace bisque::norm {
namespace {

// Whether all values of a slice have one weight: then its sums are those of the weight too.
__host__ __device__ inline bool is_uniform(const View& v) {
  return v.kind == Kind::kPlanes ? v.weight_of_plane == 0 || v.planes == 1
                                 : v.kind == Kind::kColumns && v.merge == v.repeat;
}

template <class T>
__global__ void norm_grad_factors(BackwardParams<T> p, Factors<Accumulate<T>>* factors) {
  for (int64_t slice = grid_first(); slice < p.view.slices; slice += grid_step()) {
    factors[slice] = factors_of<Accumulate<T>>(p.mean, p.var, slice, p.eps, p.center);
  }
}

// grad_y and grad_y * x_hat at i, times `weight`.
template <class T>
__device__ Pair products_at(const BackwardParams<T>& p, const Factors<Accumulate<T>>& f, int64_t i,
                            Accumulate<T> weight) {
  const Accumulate<T> grad = widen(p.grad_y[i]) * weight;
  return {static_cast<double>(grad), static_cast<double>(grad * f.standardize(widen(p.x[i])))};
}

// A block takes a part of a slice; the products are times the weights where those differ. sums [slices, parts].
template <class T>
__global__ void norm_grad_sums(BackwardParams<T> p, CudaParts parts, const Factors<Accumulate<T>>* factors,
                               Pair* sums) {
  using A = Accumulate<T>;
  const View& v = p.view;
  const bool uniform = is_uniform(v);
  for (int64_t block = blockIdx.x; block < v.slices * parts.slice_parts; block += gridDim.x) {
    const int64_t slice = block / parts.slice_parts, first = block % parts.slice_parts * parts.slice_size;
    const int64_t end = first + parts.slice_size < v.count() ? first + parts.slice_size : v.count();
    const Factors<A> f = factors[slice];
    Pair sum = {0, 0};
    for (int64_t i = first + threadIdx.x; i < end; i += kThreads) {
      const int64_t at = index_in_slice(v, slice, i);
      const A weight = uniform ? A(1) : weight_at<T>(p.weight, p.weights_are_float, place_of(v, at).weight, 1);
      const Pair products = products_at(p, f, at, weight);
      sum.a += products.a;
      sum.b += products.b;
    }
    const Pair all = block_sum(sum);
    if (threadIdx.x == 0) sums[block] = all;
  }
}

// The same for columns, see norm_column_moments. sums [batches, parts, columns].
template <class T>
__global__ void norm_column_grad_sums(BackwardParams<T> p, CudaParts parts, int64_t groups,
                                      const Factors<Accumulate<T>>* factors, Pair* sums) {
  using A = Accumulate<T>;
  const View& v = p.view;
  const bool uniform = is_uniform(v);
  for (int64_t block = blockIdx.x; block < v.batches * parts.slice_parts * groups; block += gridDim.x) {
    const int64_t tile = block / groups, first = tile % parts.slice_parts * parts.slice_size;
    const int64_t end = first + parts.slice_size < v.rows ? first + parts.slice_size : v.rows;
    const int64_t column = block % groups * kColumnThreads + threadIdx.x, batch = tile / parts.slice_parts;
    const bool there = column < v.columns;
    Pair sum = {0, 0};
    if (there) {
      const int64_t start = batch * v.rows * v.columns + column;
      const Factors<A> f = factors[batch * (v.columns / v.merge) + column / v.merge];
      const A weight = uniform ? A(1) : weight_at<T>(p.weight, p.weights_are_float, place_of(v, start).weight, 1);
      for (int64_t row = first + threadIdx.y; row < end; row += kRowThreads) {
        const Pair products = products_at(p, f, start + row * v.columns, weight);
        sum.a += products.a;
        sum.b += products.b;
      }
    }
    const Pair all = rows_sum(sum);
    if (threadIdx.y == 0 && there) sums[tile * v.columns + column] = all;
  }
}

// A thread adds the parts of a slice.
__global__ void norm_add_parts(View v, CudaParts parts, const Pair* of_parts, Pair* sums) {
  const bool columns = v.kind == Kind::kColumns;
  const int64_t in_batch = columns ? v.columns / v.merge : v.slices;
  for (int64_t slice = grid_first(); slice < v.slices; slice += grid_step()) {
    Pair sum = {0, 0};
    for (int64_t i = 0; i < parts.slice_parts * v.merge; ++i) {
      const int64_t part = i / v.merge, column = slice % in_batch * v.merge + i % v.merge;
      const int64_t at = columns ? (slice / in_batch * parts.slice_parts + part) * v.columns + column
                                 : slice * parts.slice_parts + part;
      sum.a += of_parts[at].a;
      sum.b += of_parts[at].b;
    }
    sums[slice] = sum;
  }
}

__global__ void norm_write_sums(const Pair* sums, int64_t slices, double* out) {
  for (int64_t slice = grid_first(); slice < slices; slice += grid_step()) {
    out[slice] = sums[slice].a;
    out[slices + slice] = sums[slice].b;
  }
}

// The means over a slice that grad_x takes away, as factors of x and a shift.
template <class T>
__global__ void norm_grad_means(BackwardParams<T> p, const Pair* sums, Factors<Accumulate<T>>* factors) {
  using A = Accumulate<T>;
  const View& v = p.view;
  const bool uniform = is_uniform(v);
  for (int64_t slice = grid_first(); slice < v.slices; slice += grid_step()) {
    Pair sum = {0, 0};
    double count = static_cast<double>(v.count());
    if (p.part == Part::kGradient) {
      sum = {p.sums[slice], p.sums[v.slices + slice]};
      count = p.count;
    } else if (!p.given) {
      sum = sums[slice];
    }
    if (uniform) {
      const int64_t weight = v.kind == Kind::kColumns ? slice % (v.columns / v.merge) : slice * v.weight_of_slice;
      const auto by = static_cast<double>(weight_at<T>(p.weight, p.weights_are_float, weight % v.weights, 1));
      sum = {sum.a * by, sum.b * by};
    }
    if (!p.center) sum.a = 0;
    Factors<A>& f = factors[slice];
    const auto rstd = static_cast<double>(f.rstd), by_x = -rstd * rstd * sum.b / count;
    f.by_x = static_cast<A>(by_x);
    f.shift = static_cast<A>(-rstd * sum.a / count - by_x * static_cast<double>(f.rest));
  }
}

template <class T>
__global__ void norm_grad_write(BackwardParams<T> p, const Factors<Accumulate<T>>* factors) {
  using A = Accumulate<T>;
  const int64_t values = p.view.values();
  for (int64_t i = grid_first(); i < values; i += grid_step()) {
    const Place place = place_of(p.view, i);
    const Factors<A> f = factors[place.slice];
    const A weight = weight_at<T>(p.weight, p.weights_are_float, place.weight, 1);
    narrow(widen(p.grad_y[i]) * weight * f.rstd + ((widen(p.x[i]) - f.mean) * f.by_x + f.shift), p.grad_x + i);
  }
}

// --- Gradients of the weights ---

// Out of the sums of slices that have one weight: a thread adds those of a weight.
template <class T>
__global__ void norm_uniform_weights(BackwardParams<T> p, const Pair* sums) {
  const View& v = p.view;
  const int64_t times = v.slices / v.weights;  // slice s has weight s % weights
  for (int64_t w = grid_first(); w < v.weights; w += grid_step()) {
    Pair sum = {0, 0};
    for (int64_t i = 0; i < times; ++i) {
      sum.a += sums[i * v.weights + w].a;
      sum.b += sums[i * v.weights + w].b;
    }
    set_weight<T>(p.grad_weight, p.weights_are_float, w, sum.b);
    set_weight<T>(p.grad_bias, p.weights_are_float, w, sum.a);
  }
}

// x is [outer, weights, inner]: a block takes kColumnThreads weights and a part of the values of each. sums [parts,
// weights].
template <class T>
__global__ void norm_weight_sums(BackwardParams<T> p, CudaParts parts, int64_t groups,
                                 const Factors<Accumulate<T>>* factors, Pair* sums) {
  const View& v = p.view;
  const int64_t values = parts.outer * parts.inner;
  for (int64_t block = blockIdx.x; block < parts.weight_parts * groups; block += gridDim.x) {
    const int64_t part = block / groups, w = block % groups * kColumnThreads + threadIdx.x;
    const int64_t first = part * parts.weight_size;
    const int64_t end = first + parts.weight_size < values ? first + parts.weight_size : values;
    Pair sum = {0, 0};
    for (int64_t i = first + threadIdx.y; w < v.weights && i < end; i += kRowThreads) {
      int64_t rest;
      const int64_t outer = divide(i, parts.inner, rest), at = (outer * v.weights + w) * parts.inner + rest;
      const Pair products = products_at(p, factors[place_of(v, at).slice], at, Accumulate<T>(1));
      sum.a += products.a;
      sum.b += products.b;
    }
    const Pair all = rows_sum(sum);
    if (threadIdx.y == 0 && w < v.weights) sums[part * v.weights + w] = all;
  }
}

template <class T>
__global__ void norm_write_weights(BackwardParams<T> p, int64_t parts, const Pair* sums) {
  for (int64_t w = grid_first(); w < p.view.weights; w += grid_step()) {
    Pair sum = {0, 0};
    for (int64_t part = 0; part < parts; ++part) {
      sum.a += sums[part * p.view.weights + w].a;
      sum.b += sums[part * p.view.weights + w].b;
    }
    set_weight<T>(p.grad_weight, p.weights_are_float, w, sum.b);
    set_weight<T>(p.grad_bias, p.weights_are_float, w, sum.a);
  }
}

// --- Launches ---

template <class T>
void sum_slices(const BackwardParams<T>& p, const CudaParts& parts, const Scratch& space,
                const Factors<Accumulate<T>>* factors, cudaStream_t stream) {
  const View& v = p.view;
  if (v.kind == Kind::kColumns) {
    const int64_t groups = (v.columns + kColumnThreads - 1) / kColumnThreads;
    const dim3 threads(kColumnThreads, kRowThreads);
    norm_column_grad_sums<<<grid_of(v.batches * parts.slice_parts * groups), threads, 0, stream>>>(
        p, parts, groups, factors, space.parts);
  } else {
    norm_grad_sums<<<grid_of(v.slices * parts.slice_parts), kThreads, 0, stream>>>(p, parts, factors, space.parts);
  }
  norm_add_parts<<<blocks_for(v.slices), kThreads, 0, stream>>>(v, parts, space.parts, space.slices);
}

template <class T>
void write_weights(const BackwardParams<T>& p, const CudaParts& parts, const Scratch& space,
                   const Factors<Accumulate<T>>* factors, cudaStream_t stream) {
  const View& v = p.view;
  if (is_uniform(v)) {
    norm_uniform_weights<<<blocks_for(v.weights), kThreads, 0, stream>>>(p, space.slices);
    return;
  }
  const int64_t groups = (v.weights + kColumnThreads - 1) / kColumnThreads;
  const dim3 threads(kColumnThreads, kRowThreads);
  norm_weight_sums<<<grid_of(parts.weight_parts * groups), threads, 0, stream>>>(p, parts, groups, factors,
                                                                                 space.weights);
  norm_write_weights<<<blocks_for(v.weights), kThreads, 0, stream>>>(p, parts.weight_parts, space.weights);
}

// Without values sums are zero.
template <class T>
void clear(const BackwardParams<T>& p, cudaStream_t stream) {
  const auto zero = [&](void* values, size_t size) {
    if (values && size > 0) cudaMemsetAsync(values, 0, size, stream);
  };
  const size_t weights = static_cast<size_t>(p.view.weights) * (p.weights_are_float ? sizeof(float) : sizeof(T));
  zero(p.grad_weight, weights);
  zero(p.grad_bias, weights);
  if (p.part == Part::kSums) zero(p.sums, static_cast<size_t>(2 * p.view.slices) * sizeof(double));
}

}  // namespace

template <class T>
void run_cuda_kernels(const BackwardParams<T>& params, double* scratch, void* stream) {
  const auto cuda_stream = static_cast<cudaStream_t>(stream);
  const View& v = params.view;
  if (v.values() == 0) return clear(params, cuda_stream);
  const CudaParts parts(v);
  const Scratch space(scratch, parts, v);
  auto* factors = reinterpret_cast<Factors<Accumulate<T>>*>(space.factors);
  norm_grad_factors<<<blocks_for(v.slices), kThreads, 0, cuda_stream>>>(params, factors);
  const bool weights = params.grad_weight || params.grad_bias;
  const bool slices = params.grad_x && !params.given && params.part == Part::kAll;
  if (slices || params.part == Part::kSums || (weights && is_uniform(v))) {
    sum_slices(params, parts, space, factors, cuda_stream);
  }
  if (params.part == Part::kSums) {
    norm_write_sums<<<blocks_for(v.slices), kThreads, 0, cuda_stream>>>(space.slices, v.slices, params.sums);
    return;
  }
  if (weights) write_weights(params, parts, space, factors, cuda_stream);
  if (!params.grad_x) return;
  norm_grad_means<<<blocks_for(v.slices), kThreads, 0, cuda_stream>>>(params, space.slices, factors);
  norm_grad_write<<<blocks_for(v.values()), kThreads, 0, cuda_stream>>>(params, factors);
}

template void run_cuda_kernels(const BackwardParams<float>&, double*, void*);
template void run_cuda_kernels(const BackwardParams<double>&, double*, void*);
template void run_cuda_kernels(const BackwardParams<Half>&, double*, void*);
template void run_cuda_kernels(const BackwardParams<BFloat16>&, double*, void*);

}  // namespace bisque::norm
