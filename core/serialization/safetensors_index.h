// Tensors in several .safetensors files (shards) with an index, as Hugging Face saves large models:
// model.safetensors.index.json maps tensors to shards.
#pragma once
#include <cstddef>
#include <cstdint>
#include <map>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include <bisque/core/serialization/safetensors.h>

namespace bisque {

inline constexpr std::string_view kSafetensorsIndexEnding = ".safetensors.index.json";

struct SafetensorsIndexLimits {
  size_t max_bytes = 100'000'000;  // size of the index
  size_t max_shards = 10'000;
};

/// The content of an index.
struct SafetensorsIndex {
  /// Strings unmodified, other values as JSON: {"total_size", "123"}.
  std::map<std::string, std::string> metadata;
  /// Tensors to the names of their shards: plain names of files beside the index.
  std::map<std::string, std::string, std::less<>> weight_map;
};

/// Error: not strict JSON, another key than metadata and weight_map, a shard that is not a plain file name, a limit.
/// `where` is the prefix of messages.
SafetensorsIndex parse_safetensors_index(std::string_view text, const std::string& where,
                                         const SafetensorsIndexLimits& limits = {});

/// An index and all of its shards, mapped: each tensor is in the shard that the index gives, and the shards hold
/// nothing else. (total_size is not compared: published models have wrong ones.)
class ShardedSafetensors {
 public:
  /// Error: the index or a shard is missing or invalid, or they disagree.
  static ShardedSafetensors open(const std::string& path, const SafetensorsIndexLimits& limits = {});

  const SafetensorsIndex& index() const { return index_; }
  /// In the order of their names.
  const std::vector<SafetensorsFile>& shards() const { return shards_; }
  /// The shard that holds the tensor; nullptr if there is no tensor of that name.
  const SafetensorsFile* find(std::string_view name) const;
  /// Error: no tensor of that name.
  const TensorView& at(std::string_view name) const;

 private:
  std::string where_;
  SafetensorsIndex index_;
  std::vector<SafetensorsFile> shards_;
  std::map<std::string, size_t, std::less<>> shard_numbers_;  // file names to shards_
};

/// Hugging Face's default.
inline constexpr uint64_t kMaxShardBytes = 5'000'000'000;

/// Writes NAME.safetensors.index.json and NAME-00001-of-00003.safetensors and so on beside it, each completely or not
/// at all. They are renamed into place when all are written, the index last. (A program killed during the renaming
/// leaves shards of both saves.) A shard takes tensors in the given order until their bytes would exceed
/// `max_shard_bytes`; a larger tensor has its own shard. `metadata` is written to every shard and the index, which adds
/// total_size. Shards of an older save with another count are not removed. Error, before anything is written: a path
/// with another ending, the errors of write_safetensors, a key "total_size".
void write_sharded_safetensors(const std::string& path, std::span<const TensorView> tensors,
                               const std::map<std::string, std::string>& metadata = {},
                               uint64_t max_shard_bytes = kMaxShardBytes);

}  // namespace bisque
