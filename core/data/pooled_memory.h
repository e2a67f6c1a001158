// Reuses the memory of batches. Memory that the heap returns to the system between two batches costs more to get back,
// page by page, than a batch costs to fill.
#pragma once
#include <cstddef>
#include <memory>

#include <bisque/core/data/batch_memory.h>

namespace bisque::data {

/// Heap memory for the batches of one loader. A block is free when its tensor is destroyed, in any thread, and is
/// reused for the next batch of about its size. It never keeps more than was in use at once. The memory is freed with
/// the last of this object, its copies and its tensors. Thread-safe.
class PooledMemory : public BatchMemory {
 public:
  PooledMemory();
  at::Tensor empty(at::IntArrayRef sizes, at::ScalarType dtype) override;
  /// Bytes of the free blocks.
  size_t free_bytes() const;

 private:
  struct Pool;
  std::shared_ptr<Pool> pool_;
};

/// Sizes in steps of an eighth of their power of two, so batches of about one size use the same blocks.
size_t rounded_block_size(size_t size);

}  // namespace bisque::data
