#include <bisque/core/data/batch_memory.h>

#include <ATen/core/grad_mode.h>
#include <ATen/ops/empty.h>

#include <cstring>
#include <utility>

#include <bisque/core/data/worker_info.h>
#include <bisque/core/ops/parallel.h>

namespace bisque::data {
namespace {

constexpr size_t kLeastOfAThread = 262144;  // minimum bytes worth a thread

thread_local BatchMemory* memory_of_thread = nullptr;

}  // namespace

at::Tensor empty_batch(at::IntArrayRef sizes, at::ScalarType dtype) {
  return memory_of_thread ? memory_of_thread->empty(sizes, dtype) : at::empty(sizes, at::TensorOptions(dtype));
}

BatchMemoryScope::BatchMemoryScope(BatchMemory* memory) : outer_(std::exchange(memory_of_thread, memory)) {}
BatchMemoryScope::~BatchMemoryScope() { memory_of_thread = outer_; }

void copy_pieces(std::span<const void* const> pieces, size_t bytes, void* to) {
  if (bytes == 0) return;
  const auto copy = [&](int64_t begin, int64_t end) {
    for (auto i = static_cast<size_t>(begin); i < static_cast<size_t>(end); ++i) {
      std::memcpy(static_cast<std::byte*>(to) + i * bytes, pieces[i], bytes);
    }
  };
  const auto count = static_cast<int64_t>(pieces.size());
  if (get_worker_info()) return copy(0, count);
  op::parallel_for(count, static_cast<int64_t>(kLeastOfAThread / bytes) + 1, copy);
}

bool is_plain(const at::Tensor& tensor) {
  return tensor.device().is_cpu() && tensor.layout() == at::kStrided && !tensor.is_quantized() && !tensor.is_conj() &&
         !tensor.is_neg() && !(tensor.requires_grad() && at::GradMode::is_enabled()) && tensor.is_contiguous();
}

}  // namespace bisque::data
