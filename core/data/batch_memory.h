// Where the tensors of batches lie: default_collate asks for them here.
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

/// A tensor on the CPU whose values are not set, from the memory of this thread's BatchMemoryScope, if there is one:
/// what a collate function fills is then a batch that is not copied again.
at::Tensor empty_batch(at::IntArrayRef sizes, at::ScalarType dtype);

/// While it lives, empty_batch of this thread takes memory from there (or from the heap, where it is null).
class BatchMemoryScope {
 public:
  explicit BatchMemoryScope(BatchMemory* memory);
  BatchMemoryScope(const BatchMemoryScope&) = delete;
  BatchMemoryScope& operator=(const BatchMemoryScope&) = delete;
  ~BatchMemoryScope();

 private:
  BatchMemory* outer_;
};

/// Copies pieces of so many bytes one after the other to `to`. Outside of workers, which are many already, the thread
/// pool helps.
void copy_pieces(std::span<const void* const> pieces, size_t bytes, void* to);

/// Whether its values are plain bytes in order: on the CPU, contiguous, without a gradient to record.
bool is_plain(const at::Tensor& tensor);

}  // namespace bisque::data
