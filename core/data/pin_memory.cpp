#include <bisque/core/data/pin_memory.h>

#include <ATen/Context.h>
#include <ATen/ops/empty.h>
#include <c10/util/Exception.h>

namespace bisque::data {

bool can_pin_memory() {
  if (at::hasCUDA()) return true;
  TORCH_WARN_ONCE("pin_memory: CUDA is not available, so batches are in ordinary memory.");
  return false;
}

at::Tensor PinnedMemory::empty(at::IntArrayRef sizes, at::ScalarType dtype) {
  return at::empty(sizes, at::TensorOptions(dtype).pinned_memory(true));
}

at::Tensor pinned(const at::Tensor& tensor) {
  if (!tensor.defined() || !tensor.device().is_cpu() || tensor.is_pinned()) return tensor;
  return tensor.pin_memory();
}

}  // namespace bisque::data
