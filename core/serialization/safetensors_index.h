// Tensors in several .safetensors files (shards) beside an index, as Hugging Face saves big models:
// model.safetensors.index.json says which shard holds which tensor.
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
  size_t max_bytes = 100'000'000;  // of the index
  size_t max_shards = 10'000;
};

/// What an index says.
struct SafetensorsIndex {
  /// Texts as they are, other values as JSON: {"total_size", "123"}.
  std::map<std::string, std::string> metadata;
  /// Tensors to the names of their shards: plain file names, which lie beside the index.
  std::map<std::string, std::string, std::less<>> weight_map;
};

/// Error: no strict JSON, another key than metadata and weight_map, a shard that is no plain file name, a limit.
/// `where` begins the messages.
SafetensorsIndex parse_safetensors_index(std::string_view text, const std::string& where,
                                         const SafetensorsIndexLimits& limits = {});

/// An index and all of its shards, mapped: each tensor lies in the one shard that the index says, and the shards hold
/// nothing else. (total_size is not compared: models are published with wrong ones.)
class ShardedSafetensors {
 public:
  /// Error: the index or a shard is missing or bad, or they do not agree.
  static ShardedSafetensors open(const std::string& path, const SafetensorsIndexLimits& limits = {});

  const SafetensorsIndex& index() const { return index_; }
  /// By their names.
  const std::vector<SafetensorsFile>& shards() const { return shards_; }
  /// The shard that holds the tensor; nullptr where there is no tensor of that name.
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

/// Writes NAME.safetensors.index.json and NAME-00001-of-00003.safetensors and so on beside it, each whole or not at
/// all; the names are taken when all are written, the index's last. (Killed among these moments, it leaves shards of
/// both saves.) A shard takes tensors in the order given until their bytes would pass `max_shard_bytes`; a larger
/// tensor has a shard of its own. `metadata` goes into every shard and the index, where total_size joins it. Shards of
/// an older save with another count stay. Error, before anything is written: a path that does not end so, what
/// write_safetensors refuses, a key "total_size".
void write_sharded_safetensors(const std::string& path, std::span<const TensorView> tensors,
                               const std::map<std::string, std::string>& metadata = {},
                               uint64_t max_shard_bytes = kMaxShardBytes);

}  // namespace bisque
