// The memory of batch tensors, which default_collate allocates here.
#pragma once
#include <ATen/core/Tensor.h>

#include <cstddef>
#include <span>

namespace bisque::data {

/// Memory for batches: pinned, or shared with another process.
class BatchMemory {
 public:
  virtual ~BatchMemory() = default;
  virtual at::Tensor empty(at::IntArrayRef sizes, at::ScalarType dtype) = 0;
};

/// An uninitialized tensor on the CPU, from the memory of this thread's BatchMemoryScope, if there is one. A batch that
/// a collate function writes there is not copied again.
at::Tensor empty_batch(at::IntArrayRef sizes, at::ScalarType dtype);

/// During its lifetime, empty_batch of this thread allocates from `memory` (from the heap if that is null).
class BatchMemoryScope {
 public:
  explicit BatchMemoryScope(BatchMemory* memory);
  BatchMemoryScope(const BatchMemoryScope&) = delete;
  BatchMemoryScope& operator=(const BatchMemoryScope&) = delete;
  ~BatchMemoryScope();

 private:
  BatchMemory* outer_;
};

/// Copies pieces of `bytes` bytes each, one after the other, to `to`. Outside of workers, it uses the thread pool.
void copy_pieces(std::span<const void* const> pieces, size_t bytes, void* to);

/// Whether its values are plain bytes in order: on the CPU, contiguous, without a gradient to record.
bool is_plain(const at::Tensor& tensor);

}  // namespace bisque::data
