#include <bisque/core/data/batch_memory.h>

#include <ATen/core/grad_mode.h>
#include <ATen/ops/empty.h>

namespace bisque::data {
namespace {

thread_local BatchMemory* memory_of_thread = nullptr;

}  // namespace

at::Tensor empty_batch(at::IntArrayRef sizes, at::ScalarType dtype) {
  return memory_of_thread ? memory_of_thread->empty(sizes, dtype) : at::empty(sizes, at::TensorOptions(dtype));
}

BatchMemoryScope::BatchMemoryScope(BatchMemory* memory) : outer_(std::exchange(memory_of_thread, memory)) {}
BatchMemoryScope::~BatchMemoryScope() { memory_of_thread = outer_; }

bool is_plain(const at::Tensor& tensor) {
  return tensor.device().is_cpu() && tensor.layout() == at::kStrided && !tensor.is_quantized() && !tensor.is_conj() &&
         !tensor.is_neg() && !(tensor.requires_grad() && at::GradMode::is_enabled()) && tensor.is_contiguous();
}

}  // namespace bisque::data
