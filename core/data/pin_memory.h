// Pinned memory, from which copies to a GPU need not be waited for.
#pragma once
#include <bisque/core/data/batch_memory.h>
#include <bisque/core/data/fields.h>

namespace bisque::data {

/// Whether there is CUDA; warns once where there is none.
bool can_pin_memory();

class PinnedMemory : public BatchMemory {
 public:
  at::Tensor empty(at::IntArrayRef sizes, at::ScalarType dtype) override;
};

at::Tensor pinned(const at::Tensor& tensor);

/// Moves all tensors of a value into pinned memory. Where there is no CUDA they stay where they are, with a warning.
template <class T>
void pin_memory(T& value) {
  if (can_pin_memory()) for_each_tensor(value, [](at::Tensor& tensor) { tensor = pinned(tensor); });
}

/// Moves all tensors of a value to a device; `non_blocking` copies from pinned memory go on while the CPU does.
template <class T>
void to_device(T& value, at::Device device, bool non_blocking = false) {
  for_each_tensor(value, [&](at::Tensor& tensor) {
    if (tensor.defined()) tensor = tensor.to(tensor.options().device(device), non_blocking);
  });
}

}  // namespace bisque::data
