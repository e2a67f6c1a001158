// Files of tensors, as `info`, `convert` and `diff` see them.
#pragma once
#include <ATen/core/Tensor.h>

#include <map>
#include <nlohmann/json_fwd.hpp>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <bisque/core/value.h>

namespace bisque::cli {

struct NamedTensor {
  std::string name;    // its path in the value of the file
  std::string device;  // that it was saved from; the tensor itself is on the CPU
  at::Tensor tensor;
};

struct TensorFile {
  std::vector<NamedTensor> tensors;
  std::vector<std::pair<std::string, Value>> values;  // by path; of a .safetensors file its metadata
};

/// Whether the name is that of a file that torch.save writes: .pt, .pth, .bin or .ckpt.
bool is_torch_file(const std::string& path);
/// Whether it is .safetensors, or the .safetensors.index.json of several.
bool is_safetensors(const std::string& path);

/// Views the file. Error: what load() and load_safetensors() refuse.
TensorFile read_tensor_file(const std::string& path);

/// A plain value as JSON: text for what JSON does not have ("nan", "torch.float32", an integer beyond 64 bits as hex).
nlohmann::ordered_json to_json(const Value& value);

/// Writes the tensors of any file of tensors as another; what the new form cannot hold is an error, or, where it is
/// beside the tensors, named in a note on stderr.
void convert_tensors(const std::string& input, const std::string& output);

}  // namespace bisque::cli
