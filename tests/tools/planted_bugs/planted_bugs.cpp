// Ops of a library of the tests: torch.ops.planted_bugs.NAME(x, planted) has its bug where planted is true, and is its
// correct twin where it is false. x: float32, not empty, contiguous, on CUDA; no check stands in the way of the bugs.
#include "planted_bugs.h"

#include <bisque/core/ops/cuda_glue.h>

namespace planted_bugs {
namespace {

using bisque::op::CudaScope;
using bisque::op::data;
using bisque::op::mutable_data;
using bisque::op::new_empty;
using torch::stable::Tensor;

/// An op y = f(x) of one launch.
template <auto launch>
Tensor elementwise(const Tensor& x, bool planted) {
  Tensor y = new_empty(x, {x.numel()});
  const CudaScope scope(x);
  launch(data<float>(x), mutable_data<float>(y), x.numel(), planted, scope.stream());
  STD_CUDA_KERNEL_LAUNCH_CHECK();
  return y;
}

Tensor count_blocks_of(const Tensor& x, bool planted) {
  Tensor total = new_empty(x, {1});
  const CudaScope scope(x);
  count_blocks(mutable_data<float>(total), x.numel(), planted, scope.stream());
  STD_CUDA_KERNEL_LAUNCH_CHECK();
  return total;
}

Tensor copy(const Tensor& x, bool planted) {
  Tensor y = new_empty(x, {x.numel()});
  Tensor scratch = new_empty(x, {x.numel()});
  const CudaScope scope(x);
  copy_by_scratch(data<float>(x), mutable_data<float>(scratch), mutable_data<float>(y), x.numel(), planted,
                  scope.stream());
  STD_CUDA_KERNEL_LAUNCH_CHECK();
  return y;
}

STABLE_TORCH_LIBRARY(planted_bugs, m) {
  m.def("missing_barrier(Tensor x, bool planted) -> Tensor");
  m.def("read_past_end(Tensor x, bool planted) -> Tensor");
  m.def("write_past_end(Tensor x, bool planted) -> Tensor");
  m.def("blocks_race(Tensor x, bool planted) -> Tensor");
  m.def("uninitialised_read(Tensor x, bool planted) -> Tensor");
}

STABLE_TORCH_LIBRARY_IMPL(planted_bugs, CUDA, m) {
  m.impl("missing_barrier", TORCH_BOX(&elementwise<&reverse_blocks>));
  m.impl("read_past_end", TORCH_BOX(&elementwise<&add_next>));
  m.impl("write_past_end", TORCH_BOX(&elementwise<&twice>));
  m.impl("blocks_race", TORCH_BOX(&count_blocks_of));
  m.impl("uninitialised_read", TORCH_BOX(&copy));
}

}  // namespace
}  // namespace planted_bugs
