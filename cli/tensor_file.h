// Files of tensors, as `info`, `convert` and `diff` see them.
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

namespace bisque::cli {

struct NamedTensor {
  std::string path;     // in the value of the file; perhaps another tensor's, too
  std::string name;     // its path, or its indices where the path is not its own alone
  std::string indices;  // that lead to it in Python: ["model"][0]
  std::string device;   // that it was saved from; the tensor itself is on the CPU
  at::Tensor tensor;
};

struct NamedValue {
  std::string name;  // as of a tensor
  std::string indices;
  Value value;
};

struct TensorFile {
  bool is_nested = false;  // a torch file's value, whose containers are known
  uint64_t num_bytes = 0;
  std::vector<NamedTensor> tensors;
  std::vector<NamedValue> values;                               // of a .safetensors file its metadata
  std::vector<std::pair<std::string, std::string>> containers;  // by their indices: "list", "tuple", "set" or "dict"
};

/// Whether the name is that of a file that torch.save writes: .pt, .pth, .bin or .ckpt.
bool is_torch_file(const std::string& path);
/// Whether it is .safetensors, or the .safetensors.index.json of several.
bool is_safetensors(const std::string& path);

/// Views the file. Error, which names it: what load() and load_safetensors() refuse.
TensorFile read_tensor_file(const std::string& path);

/// A plain value as JSON: text for what JSON does not have ("nan", "torch.float32", an integer beyond 64 bits as hex).
nlohmann::ordered_json to_json(const Value& value);

/// A plain value as metadata of .safetensors files, each value as a text of its own: text as it is unless it could be
/// taken for another value, then and else the JSON of to_json().
std::string metadata_text(const Value& value);

/// The JSON as text, without characters that a terminal would take for commands.
std::string json_text(const nlohmann::ordered_json& json, int indent = -1);

/// Writes the tensors of any file of tensors as another; what the new form cannot hold is an error, or, where it is
/// beside the tensors, named in a note on stderr.
void convert_tensors(const std::string& input, const std::string& output);

}  // namespace bisque::cli
