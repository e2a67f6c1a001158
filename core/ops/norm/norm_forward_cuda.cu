#include <bisque/core/ops/norm/norm_device.cuh>

namespace bisque::norm {
namespace {

__device__ Pair moments_of(double shift, double count, Pair sums) {
  const double offset = sums.a / count, m2 = sums.b - sums.a * offset;
  return {shift + offset, m2 < 0 ? 0 : m2};
}

// A block takes a part of a slice: its mean, then the deviations from that. moments [slices, parts].
template <class T>
__global__ void norm_moments(ForwardParams<T> p, CudaParts parts, Pair* moments) {
  const View& v = p.view;
  for (int64_t block = blockIdx.x; block < v.slices * parts.slice_parts; block += gridDim.x) {
    const int64_t slice = block / parts.slice_parts, first = block % parts.slice_parts * parts.slice_size;
    const int64_t end = first + parts.slice_size < v.count() ? first + parts.slice_size : v.count();
    const auto count = static_cast<double>(end - first);
    Accumulate<T> shift = 0;
    if (p.center) {
      Pair sum = {0, 0};
      for (int64_t i = first + threadIdx.x; i < end; i += kThreads) sum.a += widen(p.x[index_in_slice(v, slice, i)]);
      shift = static_cast<Accumulate<T>>(block_sum(sum).a / count);
      if (!isfinite(shift)) shift = 0;
    }
    Accumulate<T> sum = 0, squares = 0;
    for (int64_t i = first + threadIdx.x; i < end; i += kThreads) {
      const Accumulate<T> deviation = widen(p.x[index_in_slice(v, slice, i)]) - shift;
      sum += deviation;
      squares += deviation * deviation;
    }
    const Pair all = block_sum({sum, squares});
    if (threadIdx.x == 0) moments[block] = p.center ? moments_of(shift, count, all) : Pair{0, all.b};
  }
}

// The same for columns: a block takes kColumnThreads of them in a part of the rows. moments [batches, parts, columns].
template <class T>
__global__ void norm_column_moments(ForwardParams<T> p, CudaParts parts, int64_t groups, Pair* moments) {
  const View& v = p.view;
  for (int64_t block = blockIdx.x; block < v.batches * parts.slice_parts * groups; block += gridDim.x) {
    const int64_t tile = block / groups, first = tile % parts.slice_parts * parts.slice_size;
    const int64_t end = first + parts.slice_size < v.rows ? first + parts.slice_size : v.rows;
    const int64_t column = block % groups * kColumnThreads + threadIdx.x;
    const bool there = column < v.columns;
    const T* x = p.x + tile / parts.slice_parts * v.rows * v.columns + (there ? column : 0);
    const auto count = static_cast<double>(end - first);
    Accumulate<T> shift = 0;
    if (p.center) {
      Pair sum = {0, 0};
      for (int64_t row = first + threadIdx.y; row < end; row += kRowThreads) sum.a += widen(x[row * v.columns]);
      shift = static_cast<Accumulate<T>>(rows_sum(sum).a / count);
      if (!isfinite(shift)) shift = 0;
    }
    Accumulate<T> sum = 0, squares = 0;
    for (int64_t row = first + threadIdx.y; row < end; row += kRowThreads) {
      const Accumulate<T> deviation = widen(x[row * v.columns]) - shift;
      sum += deviation;
      squares += deviation * deviation;
    }
    const Pair all = rows_sum({sum, squares});
    if (threadIdx.y == 0 && there) {
      moments[tile * v.columns + column] = p.center ? moments_of(shift, count, all) : Pair{0, all.b};
    }
  }
}

// A thread merges the parts of a slice, in order: Chan, Golub and LeVeque, 1979.
template <class T>
__global__ void norm_merge(ForwardParams<T> p, CudaParts parts, const Pair* moments) {
  const View& v = p.view;
  const bool columns = v.kind == Kind::kColumns;
  const int64_t values = columns ? v.rows : v.count(), in_batch = columns ? v.columns / v.merge : v.slices;
  for (int64_t slice = grid_first(); slice < v.slices; slice += grid_step()) {
    double count = 0, mean = 0, m2 = 0;
    for (int64_t i = 0; i < parts.slice_parts * v.merge; ++i) {
      const int64_t part = i / v.merge, first = part * parts.slice_size;
      const int64_t column = slice % in_batch * v.merge + i % v.merge;
      const int64_t at = columns ? (slice / in_batch * parts.slice_parts + part) * v.columns + column
                                 : slice * parts.slice_parts + part;
      const auto more = static_cast<double>(first + parts.slice_size < values ? parts.slice_size : values - first);
      const double delta = moments[at].a - mean, share = more / (count + more);
      mean += delta * share;
      m2 += moments[at].b + delta * delta * count * share;
      count += more;
    }
    if (p.center) p.mean[slice] = mean;
    p.var[slice] = m2 / count;
  }
}

template <class T>
__global__ void norm_factors(ForwardParams<T> p, Factors<Accumulate<T>>* factors) {
  for (int64_t slice = grid_first(); slice < p.view.slices; slice += grid_step()) {
    factors[slice] = factors_of<Accumulate<T>>(p.mean, p.var, slice, p.eps, p.center);
  }
}

template <class T>
__global__ void norm_write(ForwardParams<T> p, const Factors<Accumulate<T>>* factors) {
  using A = Accumulate<T>;
  const int64_t values = p.view.values();
  for (int64_t i = grid_first(); i < values; i += grid_step()) {
    const Place place = place_of(p.view, i);
    const A weight = weight_at<T>(p.weight, p.weights_are_float, place.weight, 1);
    const A bias = weight_at<T>(p.bias, p.weights_are_float, place.weight, 0);
    narrow(factors[place.slice].standardize(widen(p.x[i])) * weight + bias, p.y + i);
  }
}

__global__ void norm_fill(double* values, int64_t size, double value) {
  for (int64_t i = grid_first(); i < size; i += grid_step()) values[i] = value;
}

}  // namespace

template <class T>
void run_cuda_kernels(const ForwardParams<T>& params, double* scratch, void* stream) {
  const auto cuda_stream = static_cast<cudaStream_t>(stream);
  const View& v = params.view;
  if (v.values() == 0) {
    if (params.given || v.slices == 0) return;
    if (params.center) norm_fill<<<blocks_for(v.slices), kThreads, 0, cuda_stream>>>(params.mean, v.slices, NAN);
    norm_fill<<<blocks_for(v.slices), kThreads, 0, cuda_stream>>>(params.var, v.slices, NAN);
    return;
  }
  const CudaParts parts(v);
  const Scratch space(scratch, parts, v);
  if (!params.given) {
    if (v.kind == Kind::kColumns) {
      const int64_t groups = (v.columns + kColumnThreads - 1) / kColumnThreads;
      const unsigned grid = grid_of(v.batches * parts.slice_parts * groups);
      const dim3 threads(kColumnThreads, kRowThreads);
      norm_column_moments<<<grid, threads, 0, cuda_stream>>>(params, parts, groups, space.parts);
    } else {
      norm_moments<<<grid_of(v.slices * parts.slice_parts), kThreads, 0, cuda_stream>>>(params, parts, space.parts);
    }
    norm_merge<<<blocks_for(v.slices), kThreads, 0, cuda_stream>>>(params, parts, space.parts);
  }
  if (!params.y) return;
  auto* factors = reinterpret_cast<Factors<Accumulate<T>>*>(space.factors);
  norm_factors<<<blocks_for(v.slices), kThreads, 0, cuda_stream>>>(params, factors);
  norm_write<<<blocks_for(v.values()), kThreads, 0, cuda_stream>>>(params, factors);
}

template void run_cuda_kernels(const ForwardParams<float>&, double*, void*);
template void run_cuda_kernels(const ForwardParams<double>&, double*, void*);
template void run_cuda_kernels(const ForwardParams<Half>&, double*, void*);
template void run_cuda_kernels(const ForwardParams<BFloat16>&, double*, void*);

}  // namespace bisque::norm
