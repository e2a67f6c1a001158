#include <bisque/core/serialization/safetensors_index.h>

#include <algorithm>
#include <deque>
#include <set>
#include <utility>

#include <nlohmann/json.hpp>

#include <bisque/core/error.h>
#include <bisque/core/serialization/atomic_file.h>
#include <bisque/core/serialization/json.h>
#include <bisque/core/serialization/mapped_file.h>
#include <bisque/core/serialization/text.h>

namespace bisque {

using nlohmann::json;

namespace {

constexpr int kMaxIndexDepth = 8;      // index, weight_map; metadata may hold more
constexpr size_t kMaxShards = 99'999;  // five digits

bool is_plain_file_name(std::string_view name) {
  using namespace std::string_view_literals;
  return !name.empty() && name != "." && name != ".." && name.find_first_of("/\\\0"sv) == std::string_view::npos;
}

const json* object_member(const json& root, const char* key, const std::string& where) {
  const auto found = root.find(key);
  if (found == root.end()) return nullptr;
  if (!found->is_object()) fail(where, ": ", key, " is not a JSON object.");
  return &*found;
}

void read_metadata(const json& metadata, SafetensorsIndex& index, const std::string& where) {
  for (const auto& [key, value] : metadata.items()) {
    if (key == "total_size" && !value.is_number_unsigned()) {
      fail(where, ": total_size is ", printable(value.dump()), ", expected a non-negative integer.");
    }
    index.metadata.emplace(key, value.is_string() ? value.get<std::string>() : value.dump());
  }
}

void read_weight_map(const json& map, SafetensorsIndex& index, const std::string& where,
                     const SafetensorsIndexLimits& limits) {
  std::set<std::string_view> shards;
  for (const auto& [tensor, file] : map.items()) {
    if (!file.is_string()) {
      fail(where, ": weight_map places tensor ", quoted_text(tensor), " in ", printable(file.dump()),
           ", expected the name of a file.");
    }
    const auto& name = file.get_ref<const std::string&>();
    if (!is_plain_file_name(name)) {
      fail(where, ": weight_map places tensor ", quoted_text(tensor), " in ", quoted_text(name),
           ", expected the name of a file beside the index.");
    }
    shards.insert(name);
    if (shards.size() > limits.max_shards) {
      fail(where, ": weight_map lists more than ", limits.max_shards, " files, which is the limit.");
    }
    index.weight_map.emplace(tensor, name);
  }
}

// The tensors of one shard, in the given order.
using Shard = std::vector<TensorView>;

std::vector<Shard> split(std::span<const TensorView> tensors, uint64_t max_shard_bytes) {
  std::vector<Shard> shards(1);
  uint64_t bytes = 0;
  for (const TensorView& tensor : tensors) {
    if (!shards.back().empty() && (bytes > max_shard_bytes || tensor.bytes.size() > max_shard_bytes - bytes)) {
      shards.emplace_back();
      bytes = 0;
    }
    shards.back().push_back(tensor);
    bytes += tensor.bytes.size();
  }
  return shards;
}

std::string shard_name(const std::string& stem, size_t number, size_t count) {
  const auto digits = [](size_t value) {
    const std::string text = std::to_string(value);
    return std::string(5 - std::min<size_t>(5, text.size()), '0') + text;
  };
  return stem + "-" + digits(number) + "-of-" + digits(count) + ".safetensors";
}

}  // namespace

SafetensorsIndex parse_safetensors_index(std::string_view text, const std::string& where,
                                         const SafetensorsIndexLimits& limits) {
  const json root = parse_json(text, where, {limits.max_bytes, kMaxIndexDepth});
  if (!root.is_object()) fail(where, ": is not a JSON object, as the index of safetensors files is.");
  for (const auto& [key, unused] : root.items()) {
    if (key != "metadata" && key != "weight_map") {
      fail(where, ": has an unknown key ", quoted_text(key), ", expected metadata and weight_map.");
    }
  }
  SafetensorsIndex index;
  const json* map = object_member(root, "weight_map", where);
  if (map == nullptr) fail(where, ": has no weight_map, as the index of safetensors files does.");
  read_weight_map(*map, index, where, limits);
  if (const json* metadata = object_member(root, "metadata", where)) read_metadata(*metadata, index, where);
  return index;
}

ShardedSafetensors ShardedSafetensors::open(const std::string& path, const SafetensorsIndexLimits& limits) {
  ShardedSafetensors result;
  result.where_ = path;
  result.index_ = parse_safetensors_index(MappedFile::open(path)->text(), path, limits);
  const auto& map = result.index_.weight_map;
  std::map<std::string, size_t, std::less<>>& numbers = result.shard_numbers_;
  for (const auto& [tensor, file] : map) numbers.emplace(file, 0);
  for (auto& [file, number] : numbers) {
    number = result.shards_.size();
    result.shards_.push_back(SafetensorsFile::open(folder_prefix(path) + file));
    for (const TensorView& tensor : result.shards_.back().tensors()) {
      const auto place = map.find(tensor.name);
      if (place == map.end() || place->second != file) {
        fail(path, ": ", file, " holds tensor ", quoted_text(tensor.name), ", which weight_map ",
             place == map.end() ? "does not have." : "places in " + quoted_text(place->second) + ".");
      }
    }
  }
  for (const auto& [tensor, file] : map) {
    if (result.shards_[numbers.at(file)].find(tensor) == nullptr) {
      fail(path, ": ", file, " has no tensor ", quoted_text(tensor), ", which weight_map places there.");
    }
  }
  return result;
}

const SafetensorsFile* ShardedSafetensors::find(std::string_view name) const {
  const auto place = index_.weight_map.find(name);
  return place == index_.weight_map.end() ? nullptr : &shards_[shard_numbers_.find(place->second)->second];
}

const TensorView& ShardedSafetensors::at(std::string_view name) const {
  const SafetensorsFile* shard = find(name);
  if (shard == nullptr) fail(where_, ": has no tensor ", quoted_text(name), ".");
  return shard->at(name);
}

void write_sharded_safetensors(const std::string& path, std::span<const TensorView> tensors,
                               const std::map<std::string, std::string>& metadata, uint64_t max_shard_bytes) {
  const std::string name = path.substr(folder_prefix(path).size());
  if (!name.ends_with(kSafetensorsIndexEnding) || name.size() == kSafetensorsIndexEnding.size()) {
    fail(path, ": is not the name of an index, expected one that ends with ", kSafetensorsIndexEnding, ".");
  }
  if (metadata.contains("total_size")) fail(path, ": the metadata have a key total_size, which the index uses.");
  check_safetensors(path, tensors, metadata);
  const std::vector<Shard> shards = split(tensors, max_shard_bytes);
  if (shards.size() > kMaxShards) fail(path, ": needs ", shards.size(), " shards, expected at most ", kMaxShards, ".");

  const std::string stem = name.substr(0, name.size() - kSafetensorsIndexEnding.size());
  json root = {{"metadata", metadata}, {"weight_map", json::object()}};
  uint64_t total_size = 0;
  for (size_t i = 0; i < shards.size(); ++i) {
    for (const TensorView& tensor : shards[i]) {
      root["weight_map"][tensor.name] = shard_name(stem, i + 1, shards.size());
      total_size += tensor.bytes.size();
    }
  }
  root["metadata"]["total_size"] = total_size;
  // All are complete before the first is renamed, so a full disk leaves an older save unchanged.
  std::deque<AtomicFile> files;
  for (size_t i = 0; i < shards.size(); ++i) {
    const std::string shard = folder_prefix(path) + shard_name(stem, i + 1, shards.size());
    write_safetensors(files.emplace_back(shard), shard, shards[i], metadata);
    files.back().finish();
  }
  files.emplace_back(path).write(root.dump(2) + "\n");
  files.back().finish();
  for (AtomicFile& file : files) file.commit();
}

}  // namespace bisque
