// Files of tensors, for `info`, `convert` and `diff`.
#pragma once
#include <ATen/core/Tensor.h>

#include <cstdint>
#include <map>
#include <nlohmann/json_fwd.hpp>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <bisque/core/value.h>

namespace bisque {
class SafetensorsFile;
}

namespace bisque::cli {

struct NamedTensor {
  std::string path;     // in the value of the file; may not be unique
  std::string name;     // its path, or its indices if the path is not unique
  std::string indices;  // Python indices: ["model"][0]
  std::string device;   // it was saved from; the tensor itself is on the CPU
  at::Tensor tensor;
};

struct NamedValue {
  std::string name;  // as for a tensor
  std::string indices;
  Value value;
};

struct TensorFile {
  bool is_nested = false;  // the value of a torch file, whose containers are known
  uint64_t num_bytes = 0;
  std::vector<NamedTensor> tensors;
  std::vector<NamedValue> values;                               // for a .safetensors file its metadata
  std::vector<std::pair<std::string, std::string>> containers;  // by their indices: "list", "tuple", "set" or "dict"
};

/// Whether the name is that of a torch.save file: .pt, .pth, .bin or .ckpt.
bool is_torch_file(const std::string& path);
/// Whether it is .safetensors, or the .safetensors.index.json of several.
bool is_safetensors(const std::string& path);

/// Views the file. Error, with the file: those of load() and load_safetensors().
TensorFile read_tensor_file(const std::string& path);
/// The same for an open .safetensors file, which is mapped with Mapping::kCopyOnWrite.
TensorFile read_tensor_file(const SafetensorsFile& file);

/// A plain value as JSON: strings for values that JSON lacks ("nan", "torch.float32", an integer beyond 64 bits as
/// hex).
nlohmann::ordered_json to_json(const Value& value);

/// A plain value as metadata of .safetensors files: strings unmodified unless they look like another value, otherwise
/// the JSON of to_json().
std::string metadata_text(const Value& value);

/// The JSON as text, without characters that a terminal would interpret.
std::string json_text(const nlohmann::ordered_json& json, int indent = -1);

/// Writes the tensors of any file of tensors in another format. Tensors that the new format cannot hold are an error;
/// other values that it cannot hold are listed in a note on stderr.
void convert_tensors(const std::string& input, const std::string& output);

}  // namespace bisque::cli
