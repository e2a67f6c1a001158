#include <bisque/core/data/shared_blocks.h>

#include <ATen/ops/empty.h>
#include <ATen/ops/from_blob.h>
#include <c10/util/accumulate.h>
#include <sys/mman.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>

#include <bisque/core/data/pooled_memory.h>

namespace bisque::data {

SharedMapping::SharedMapping(int file, size_t size) : size_(size) {
  void* data = mmap(nullptr, size, PROT_READ | PROT_WRITE, MAP_SHARED, file, 0);
  if (data == MAP_FAILED) fail("DataLoader: cannot map ", size, " bytes of shared memory: ", std::strerror(errno), ".");
  data_ = static_cast<std::byte*>(data);
}

SharedMapping::~SharedMapping() { munmap(data_, size_); }

at::Tensor SharedBlocks::empty(at::IntArrayRef sizes, at::ScalarType dtype) {
  const size_t size = static_cast<size_t>(c10::multiply_integers(sizes)) * at::elementSize(dtype);
  if (size < kLeast) return at::empty(sizes, at::TensorOptions(dtype));
  const std::scoped_lock lock(mutex_);
  Block& block = free_block(size);
  std::byte* data = block.mapping->data();
  free_ -= block.mapping->size();
  used_ += block.mapping->size();
  most_used_ = std::max(most_used_, used_);
  block.tensors = 1;
  const auto forget = [this, data](void*) {
    const std::scoped_lock lock(mutex_);
    release(blocks_.at(data), &Block::tensors);
  };
  return at::from_blob(data, sizes, forget, at::TensorOptions(dtype));
}

/// The smallest block that is large enough and less than twice as large, or a new one.
SharedBlocks::Block& SharedBlocks::free_block(size_t size) {
  Block* best = nullptr;
  for (auto& [address, block] : blocks_) {
    const size_t has = block.mapping->size();
    if (block.tensors > 0 || block.lent > 0 || block.is_discarded || has < size || has > 2 * rounded_block_size(size))
      continue;
    if (!best || has < best->mapping->size()) best = &block;
  }
  return best ? *best : make_block(rounded_block_size(size));
}

SharedBlocks::Block& SharedBlocks::make_block(size_t size) {
  const int file = memfd_create("bisque_batch", MFD_CLOEXEC);
  if (file < 0 || ftruncate(file, static_cast<off_t>(size)) != 0) {
    const int error = errno;
    if (file >= 0) close(file);
    fail("DataLoader: cannot make ", size, " bytes of shared memory: ", std::strerror(error), ".");
  }
  Block block{next_id_++, nullptr};
  try {
    block.mapping = std::make_unique<SharedMapping>(file, size);
    announce_(block.id, file, size);
  } catch (...) {
    close(file);
    throw;
  }
  close(file);  // the mappings keep the memory, and file descriptors do not run out
  const std::byte* address = block.mapping->data();
  addresses_[block.id] = address;
  free_ += size;
  return blocks_.emplace(address, std::move(block)).first->second;
}

std::optional<BlockReference> SharedBlocks::find(const void* data) {
  const auto* at = static_cast<const std::byte*>(data);
  const std::scoped_lock lock(mutex_);
  auto after = blocks_.upper_bound(at);
  if (after == blocks_.begin()) return std::nullopt;
  const auto& [address, block] = *--after;
  const auto offset = static_cast<size_t>(at - address);
  if (offset >= block.mapping->size()) return std::nullopt;
  return BlockReference{block.id, offset};
}

void SharedBlocks::lend(uint64_t id) {
  const std::scoped_lock lock(mutex_);
  ++blocks_.at(addresses_.at(id)).lent;
}

void SharedBlocks::give_back(uint64_t id) {
  const std::scoped_lock lock(mutex_);
  release(blocks_.at(addresses_.at(id)), &Block::lent);
}

void SharedBlocks::discard(uint64_t id) {
  const std::scoped_lock lock(mutex_);
  const auto found = addresses_.find(id);
  if (found != addresses_.end()) blocks_.at(found->second).is_discarded = true;
}

void SharedBlocks::release(Block& block, int64_t Block::*count) {
  --(block.*count);
  if (block.tensors > 0 || block.lent > 0) return;
  used_ -= block.mapping->size();
  free_ += block.mapping->size();
}

std::vector<uint64_t> SharedBlocks::drop_spare() {
  const std::scoped_lock lock(mutex_);
  std::vector<uint64_t> dropped;
  for (auto at = blocks_.begin(); at != blocks_.end();) {
    const Block& block = at->second;
    const bool is_spare = block.is_discarded || free_ > most_used_;
    if (block.tensors > 0 || block.lent > 0 || !is_spare) {
      ++at;
      continue;
    }
    free_ -= block.mapping->size();
    dropped.push_back(block.id);
    addresses_.erase(block.id);
    at = blocks_.erase(at);
  }
  return dropped;
}

}  // namespace bisque::data
