// Pinned memory, from which copies to a GPU are asynchronous.
#pragma once
#include <bisque/core/data/batch_memory.h>
#include <bisque/core/data/fields.h>

namespace bisque::data {

/// Whether CUDA is available; warns once if it is not.
bool can_pin_memory();

class PinnedMemory : public BatchMemory {
 public:
  at::Tensor empty(at::IntArrayRef sizes, at::ScalarType dtype) override;
};

at::Tensor pinned(const at::Tensor& tensor);

/// Moves all tensors of a value to pinned memory. Without CUDA they are not moved, with a warning.
template <class T>
void pin_memory(T& value) {
  if (can_pin_memory()) for_each_tensor(value, [](at::Tensor& tensor) { tensor = pinned(tensor); });
}

/// Moves all tensors of a value to a device; `non_blocking` copies from pinned memory are asynchronous.
template <class T>
void to_device(T& value, at::Device device, bool non_blocking = false) {
  for_each_tensor(value, [&](at::Tensor& tensor) {
    if (tensor.defined()) tensor = tensor.to(tensor.options().device(device), non_blocking);
  });
}

}  // namespace bisque::data
