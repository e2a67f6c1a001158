#include <bisque/core/checkpoint/safetensors_state.h>

#include <ATen/ATen.h>

#include <algorithm>
#include <cstring>
#include <memory>
#include <span>
#include <utility>
#include <vector>

#include <bisque/core/dtype_name.h>
#include <bisque/core/error.h>
#include <bisque/core/plugin/needed_plugins.h>
#include <bisque/core/serialization/mapped_file.h>
#include <bisque/core/serialization/safetensors_index.h>
#include <bisque/core/serialization/text.h>

namespace bisque {
namespace {

/// The parts of "a, b".
std::vector<std::string> split_list(const std::string& text) {
  std::vector<std::string> parts;
  for (size_t begin = 0; begin < text.size();) {
    const size_t end = std::min(text.find(", ", begin), text.size());
    if (end > begin) parts.push_back(text.substr(begin, end - begin));
    begin = end + 2;
  }
  return parts;
}

constexpr std::pair<Dtype, at::ScalarType> kTensorDtypes[] = {
    {Dtype::BOOL, at::kBool},
    {Dtype::U8, at::kByte},
    {Dtype::I8, at::kChar},
    {Dtype::F8_E5M2, at::kFloat8_e5m2},
    {Dtype::F8_E4M3, at::kFloat8_e4m3fn},
    {Dtype::F8_E8M0, at::kFloat8_e8m0fnu},
    {Dtype::F8_E4M3FNUZ, at::kFloat8_e4m3fnuz},
    {Dtype::F8_E5M2FNUZ, at::kFloat8_e5m2fnuz},
    {Dtype::I16, at::kShort},
    {Dtype::U16, at::kUInt16},
    {Dtype::F16, at::kHalf},
    {Dtype::BF16, at::kBFloat16},
    {Dtype::I32, at::kInt},
    {Dtype::U32, at::kUInt32},
    {Dtype::F32, at::kFloat},
    {Dtype::C64, at::kComplexFloat},
    {Dtype::F64, at::kDouble},
    {Dtype::I64, at::kLong},
    {Dtype::U64, at::kUInt64},
};

at::ScalarType scalar_type_of(const TensorView& tensor, const std::string& where) {
  for (const auto& [dtype, type] : kTensorDtypes) {
    if (dtype == tensor.dtype) return type;
  }
  fail(where, ": the tensor ", quoted_text(tensor.name), " has the dtype ", dtype_name(tensor.dtype),
       ", which tensors of torch do not have.");
}

Dtype stored_dtype(const std::string& name, at::ScalarType type) {
  for (const auto& [dtype, known] : kTensorDtypes) {
    if (known == type) return dtype;
  }
  fail("save_safetensors: the tensor ", quoted_text(name), " is of ", dtype_name(type),
       ", which .safetensors files do not support.");
}

at::Tensor view_or_copy(const TensorView& tensor, const std::shared_ptr<const void>& owner, bool view,
                        at::ScalarType type) {
  const auto address = reinterpret_cast<uintptr_t>(tensor.bytes.data());
  if (view && address % c10::elementSize(type) == 0 && !tensor.bytes.empty()) {
    auto* data = const_cast<std::byte*>(tensor.bytes.data());  // the mapping is private and writable
    return at::from_blob(
        data, tensor.shape, [owner](void*) {}, at::TensorOptions(type));
  }
  at::Tensor copy = at::empty(tensor.shape, type);
  if (!tensor.bytes.empty()) std::memcpy(copy.mutable_data_ptr(), tensor.bytes.data(), tensor.bytes.size());
  return copy;
}

void read_into(OrderedDict& result, const SafetensorsFile& file, const SafetensorsReadOptions& options) {
  for (const TensorView& tensor : file.tensors()) {
    const at::ScalarType type = scalar_type_of(tensor, file.where());
    result.set(tensor.name, view_or_copy(tensor, file.owner(), options.mmap, type).to(options.device));
  }
}

SafetensorsFile open_file(const std::string& path, bool writable) {
  if (!writable) return SafetensorsFile::open(path);
  const auto file = MappedFile::open(path, Mapping::kCopyOnWrite);
  return SafetensorsFile::parse(file->bytes(), path, file);
}

void warn_of_missing(const std::map<std::string, std::string>& metadata, const std::string& where) {
  const auto plugins = metadata.find(kSafetensorsPlugins);
  if (plugins != metadata.end()) warn_of_missing_plugins(split_list(plugins->second), where);
}

at::Tensor plain_tensor(const std::string& name, const Value& value) {
  const auto* tensor = value.get_if<at::Tensor>();
  if (!tensor) {
    fail("save_safetensors: expected ", quoted_text(name),
         " to be a tensor, as all of a .safetensors file are, but got ", value.type_name(), ".");
  }
  if (tensor->layout() != at::kStrided || tensor->is_quantized()) {
    fail("save_safetensors: the tensor ", quoted_text(name), " is ", tensor->is_quantized() ? "quantized" : "sparse",
         ", which .safetensors files do not support; expected a dense one.");
  }
  return tensor->detach().resolve_conj().resolve_neg().cpu().contiguous();
}

}  // namespace

OrderedDict load_safetensors(const SafetensorsFile& file, const SafetensorsReadOptions& options) {
  warn_of_missing(file.metadata(), file.where());
  OrderedDict result;
  read_into(result, file, options);
  return result;
}

OrderedDict load_safetensors(const std::string& path, const SafetensorsReadOptions& options) {
  if (!path.ends_with(kSafetensorsIndexEnding)) return load_safetensors(open_file(path, options.mmap), options);
  OrderedDict result;
  // The index is checked completely before any tensor is made.
  const auto sharded = ShardedSafetensors::open(path);
  warn_of_missing(sharded.index().metadata, path);
  for (const SafetensorsFile& shard : sharded.shards()) {
    read_into(result, options.mmap ? open_file(shard.where(), true) : shard, options);
  }
  return result;
}

void save_safetensors(const Dict& tensors, const std::string& path,
                      const std::map<std::string, std::string>& metadata) {
  std::vector<at::Tensor> kept;
  std::vector<TensorView> views;
  for (const auto& [name, value] : tensors) {
    const at::Tensor& tensor = kept.emplace_back(plain_tensor(name, value));
    const auto* data = static_cast<const std::byte*>(tensor.const_data_ptr());
    views.push_back(
        {name, stored_dtype(name, tensor.scalar_type()), tensor.sizes().vec(), std::span(data, tensor.nbytes())});
  }
  if (path.ends_with(kSafetensorsIndexEnding)) {
    write_sharded_safetensors(path, views, metadata);
  } else {
    write_safetensors(path, views, metadata);
  }
}

void save_safetensors(const OrderedDict& state, const std::string& path, std::map<std::string, std::string> metadata) {
  const std::vector<std::string> plugins = needed_plugins(state);
  if (!plugins.empty()) metadata[kSafetensorsPlugins] = comma_list(plugins);
  save_safetensors(static_cast<const Dict&>(state), path, metadata);
}

}  // namespace bisque
