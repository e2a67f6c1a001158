// Internal. Memory that a worker process shares with its parent, in blocks that are reused.
#pragma once
#include <cstddef>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <vector>

#include <bisque/core/data/batch_memory.h>
#include <bisque/core/data/codec.h>

namespace bisque::data {

/// A mapping of shared memory; the destructor unmaps it.
class SharedMapping {
 public:
  /// Maps `size` bytes of a memory file. Error: the system call fails.
  SharedMapping(int file, size_t size);
  SharedMapping(const SharedMapping&) = delete;
  SharedMapping& operator=(const SharedMapping&) = delete;
  ~SharedMapping();
  std::byte* data() const { return data_; }
  size_t size() const { return size_; }

 private:
  std::byte* data_;
  size_t size_;
};

/// The worker's side. A block is free when no tensor of the worker uses it and the parent has returned it.
class SharedBlocks : public BatchMemory {
 public:
  /// Tensors of fewer bytes are sent by value.
  static constexpr size_t kLeast = 16384;

  /// Called with each new block: its id, file and size; the file is closed afterwards.
  using Announce = std::function<void(uint64_t, int, size_t)>;
  explicit SharedBlocks(Announce announce) : announce_(std::move(announce)) {}

  at::Tensor empty(at::IntArrayRef sizes, at::ScalarType dtype) override;
  /// The block that contains an address, if any.
  std::optional<BlockReference> find(const void* data);
  /// The parent may read the block until give_back has been called as often as lend.
  void lend(uint64_t id);
  void give_back(uint64_t id);
  /// The parent cannot map the block: it is unmapped as soon as it is free.
  void discard(uint64_t id);
  /// Unmaps blocks if more are free than were ever in use; returns those that the parent must unmap.
  std::vector<uint64_t> drop_spare();

 private:
  struct Block {
    uint64_t id;
    std::unique_ptr<SharedMapping> mapping;
    int64_t tensors = 0, lent = 0;
    bool is_discarded = false;
  };
  using Blocks = std::map<const std::byte*, Block>;  // by address

  Block& free_block(size_t size);
  Block& make_block(size_t size);
  void release(Block& block, int64_t Block::*count);

  std::mutex mutex_;  // tensors may be destroyed in any thread
  Announce announce_;
  Blocks blocks_;
  std::map<uint64_t, const std::byte*> addresses_;
  size_t used_ = 0, free_ = 0, most_used_ = 0;  // bytes
  uint64_t next_id_ = 1;
};

}  // namespace bisque::data
