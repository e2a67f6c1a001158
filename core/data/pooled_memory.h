// Memory of batches that is used again. What the heap gives back to the system between two batches costs more to get
// again, page by page, than a batch costs to fill.
#pragma once
#include <cstddef>
#include <memory>

#include <bisque/core/data/batch_memory.h>

namespace bisque::data {

/// Memory of the heap for the batches of one loader. A block is free when its tensor dies, in any thread, and serves
/// the next batch of about its size. Never more is kept than was in use at once; all goes when the last of this, its
/// copies and its tensors dies. Used by several threads at once.
class PooledMemory : public BatchMemory {
 public:
  PooledMemory();
  at::Tensor empty(at::IntArrayRef sizes, at::ScalarType dtype) override;
  /// Bytes of the blocks that are free.
  size_t free_bytes() const;

 private:
  struct Pool;
  std::shared_ptr<Pool> pool_;
};

/// Sizes in steps of an eighth of their power of two, so that batches of about one size use the same blocks.
size_t rounded_block_size(size_t size);

}  // namespace bisque::data
