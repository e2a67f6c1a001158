// Internal. Limits the memory that the values of a file take.
#pragma once
#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>

#include <bisque/core/error.h>
#include <bisque/core/torch_file/torch_file.h>

namespace bisque {

/// Counts bytes. A short pickle can refer to one large value many times; the resulting values are counted each time.
class MemoryBudget {
 public:
  MemoryBudget(const TorchFile& file, std::optional<size_t> limit)
      : where_(file.where()), limit_(limit.value_or(kFreeBytes + kBytesPerByte * file.pickle_bytes())) {}

  /// Error: fewer bytes are left.
  void charge(size_t bytes) {
    if (bytes > limit_ - used_) {
      fail(where_, ": its values take more than ", limit_,
           " bytes of memory, as it repeats large values; raise ReadOptions::max_bytes for that.");
    }
    used_ += bytes;
  }

  /// Counts the bytes that views of a storage cover; coverage beyond twice its size is charged, because it takes time.
  void look(const StorageInfo& storage, size_t bytes) {
    constexpr size_t kBytesLookedAtPerByte = 64;
    size_t& looked_at = looked_at_[storage.key];
    looked_at += bytes;
    if (looked_at / 2 > storage.root_bytes()) charge(bytes / kBytesLookedAtPerByte);
  }

 private:
  static constexpr size_t kFreeBytes = size_t{64} << 20;
  static constexpr size_t kBytesPerByte = 512;  // maximum of a value that is not repeated

  const std::string& where_;
  size_t limit_;
  size_t used_ = 0;
  std::unordered_map<std::string_view, size_t> looked_at_;  // bytes by storage
};

}  // namespace bisque
