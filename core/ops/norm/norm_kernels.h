// The params of the kernels that row_norm, group_norm and batch_norm share: no torch, no CUDA. Each op normalises
// slices, and a View says where in memory the values of a slice are.
#pragma once
#include <cstdint>

#include <bisque/core/ops/half.h>
#include <bisque/core/ops/host_device.h>

namespace bisque::norm {

constexpr int64_t kFewValues = 16;  // shorter runs do not get a separate loop

enum class Kind {
  kPlanes,    // a slice is `planes` runs of `inner` values; all values of a run share a weight
  kElements,  // a slice is a run of `inner` values, and the weights go on from value to value
  kColumns,   // a slice is `merge` adjacent columns of a matrix [rows, columns]; of these there are `batches`
};

struct View {
  Kind kind;
  int64_t slices;
  int64_t planes, inner;               // kPlanes, kElements (one plane)
  int64_t slice_stride, plane_stride;  // kPlanes: value i is at slice_stride * slice + plane_stride * plane + i
  int64_t weight_of_slice;             // kPlanes: the index of a run's weight is
  int64_t weight_of_plane;             //   (weight_of_slice * slice + weight_of_plane * plane) % weights
  int64_t batches, rows, columns;      // kColumns
  int64_t merge;                       // kColumns: columns a slice
  int64_t repeat;   // kElements: value e of x has weight (e / repeat) % weights; kColumns: column c has c / repeat
  int64_t weights;  // 1 where there are none

  /// Values of one slice.
  BISQUE_HOST_DEVICE int64_t count() const { return kind == Kind::kColumns ? rows * merge : planes * inner; }
  BISQUE_HOST_DEVICE int64_t values() const { return slices * count(); }
};

template <class T>
struct ForwardParams {
  View view;
  const T* x;
  T* y;                    // null: statistics alone
  const void* weight;      // [weights], null: ones
  const void* bias;        // [weights], null: zeros
  bool weights_are_float;  // though x is of half precision
  bool center;             // false: the mean counts as 0
  bool given;              // mean and var are inputs
  double eps;
  double* mean;  // [slices]; not used where center is false
  double* var;   // [slices], biased; the mean square where center is false
};

enum class Part {
  kAll,
  kSums,      // of a slice that lies on many devices: its local sums,
  kGradient,  // and grad_x out of the sums of all devices
};

template <class T>
struct BackwardParams {
  View view;
  const T* x;
  const T* grad_y;
  const void* weight;
  bool weights_are_float;
  bool center;
  bool given;  // mean and var are constants
  double eps;
  const double* mean;
  const double* var;
  T* grad_x;          // null: not wanted
  void* grad_weight;  // null: not wanted
  void* grad_bias;
  Part part;
  double* sums;  // kSums, kGradient: [2, slices], of grad_y and of grad_y * x_hat; such a view has one weight a slice
  double count;  // kGradient: values of a slice on all devices
};

void run_cpu_kernel(const ForwardParams<float>& params);
void run_cpu_kernel(const ForwardParams<double>& params);
void run_cpu_kernel(const ForwardParams<Half>& params);
void run_cpu_kernel(const ForwardParams<BFloat16>& params);

void run_cpu_kernel(const BackwardParams<float>& params);
void run_cpu_kernel(const BackwardParams<double>& params);
void run_cpu_kernel(const BackwardParams<Half>& params);
void run_cpu_kernel(const BackwardParams<BFloat16>& params);

}  // namespace bisque::norm
