// The norms' CUDA kernels: prototypes and scratch. No torch, no CUDA.
#pragma once
#include <bisque/core/ops/norm/norm_kernels.h>

namespace bisque::norm {

/// How sums are cut on the device, by sizes alone, so that they run in one order on any GPU.
struct CudaParts {
  int64_t slice_parts;  // of the values of a slice (kColumns: of its rows)
  int64_t slice_size;   // values (rows) in a part
  int64_t outer;        // x is [outer, weights, inner]: the values that share a weight
  int64_t inner;
  int64_t weight_parts;  // of the values of a weight
  int64_t weight_size;

  explicit CudaParts(const View& view) {
    const bool columns = view.kind == Kind::kColumns;
    const int64_t values = columns ? view.rows : view.count(), least = columns ? 256 : 8192;
    cut(values, least, slice_parts, slice_size);
    inner = view.kind == Kind::kPlanes ? view.inner : view.repeat;
    outer = view.values() / (view.weights * inner);
    cut(outer * inner, 2048, weight_parts, weight_size);
  }

  static constexpr int64_t kFactors = 5;  // of a slice

  /// Sums of parts of slices, sums of slices, sums of parts of weights, factors of slices.
  int64_t scratch_doubles(const View& view) const {
    const int64_t units = view.kind == Kind::kColumns ? view.batches * view.columns : view.slices;
    return 2 * (units * slice_parts + view.slices + view.weights * weight_parts) + kFactors * view.slices;
  }

 private:
  static void cut(int64_t values, int64_t least, int64_t& parts, int64_t& size) {
    size = values / 128 > least ? values / 128 : least;
    parts = (values + size - 1) / size;
  }
};

/// `scratch` holds CudaParts::scratch_doubles; `stream` is a cudaStream_t.
template <class T>
void run_cuda_kernels(const ForwardParams<T>& params, double* scratch, void* stream);
template <class T>
void run_cuda_kernels(const BackwardParams<T>& params, double* scratch, void* stream);

}  // namespace bisque::norm
