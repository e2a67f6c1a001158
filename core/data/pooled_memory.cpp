#include <bisque/core/data/pooled_memory.h>

#include <ATen/ops/empty.h>
#include <ATen/ops/from_blob.h>
#include <c10/core/CPUAllocator.h>
#include <c10/util/accumulate.h>

#include <algorithm>
#include <bit>
#include <map>
#include <mutex>
#include <utility>
#include <vector>

namespace bisque::data {
namespace {

constexpr size_t kLeastPooled = 65536;  // the heap itself keeps smaller ones

}  // namespace

size_t rounded_block_size(size_t size) {
  constexpr size_t kPage = 4096;
  const size_t step = std::max(kPage, std::bit_floor(size) / 8);
  return (size + step - 1) / step * step;
}

struct PooledMemory::Pool {
  std::mutex mutex;
  std::multimap<size_t, c10::DataPtr> free;  // by size
  size_t free_bytes = 0, used_bytes = 0, most_used = 0;

  /// The smallest block that is large enough and less than twice as large, or a new one.
  std::pair<size_t, c10::DataPtr> take(size_t size) {
    size = rounded_block_size(size);
    std::pair<size_t, c10::DataPtr> block;
    {
      const std::scoped_lock lock(mutex);
      if (const auto found = free.lower_bound(size); found != free.end() && found->first <= 2 * size) {
        block = {found->first, std::move(found->second)};
        free_bytes -= block.first;
        free.erase(found);
      } else {
        block.first = size;
      }
      used_bytes += block.first;
      most_used = std::max(most_used, used_bytes);
    }
    if (!block.second) block.second = c10::GetCPUAllocator()->allocate(size);
    return block;
  }

  void give_back(size_t size, c10::DataPtr data) {
    std::vector<c10::DataPtr> dropped;  // freed outside the lock
    const std::scoped_lock lock(mutex);
    used_bytes -= size;
    free_bytes += size;
    free.emplace(size, std::move(data));
    while (used_bytes + free_bytes > most_used) {  // of sizes that are not requested
      const auto least = free.begin();
      free_bytes -= least->first;
      dropped.push_back(std::move(least->second));
      free.erase(least);
    }
  }
};

PooledMemory::PooledMemory() : pool_(std::make_shared<Pool>()) {}

size_t PooledMemory::free_bytes() const {
  const std::scoped_lock lock(pool_->mutex);
  return pool_->free_bytes;
}

at::Tensor PooledMemory::empty(at::IntArrayRef sizes, at::ScalarType dtype) {
  const size_t size = static_cast<size_t>(c10::multiply_integers(sizes)) * at::elementSize(dtype);
  if (size < kLeastPooled) return at::empty(sizes, at::TensorOptions(dtype));
  auto [has, data] = pool_->take(size);
  void* memory = data.get();
  auto owner = std::make_shared<c10::DataPtr>(std::move(data));
  const auto give_back = [pool = pool_, has = has, owner](void*) { pool->give_back(has, std::move(*owner)); };
  return at::from_blob(memory, sizes, give_back, at::TensorOptions(dtype));
}

}  // namespace bisque::data
