#include "cli/tensor_file.h"

#include <ATen/ATen.h>
#include <c10/util/complex.h>

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <nlohmann/json.hpp>
#include <span>
#include <unordered_map>

#include <bisque/core/checkpoint/flatten.h>
#include <bisque/core/checkpoint/safetensors_state.h>
#include <bisque/core/checkpoint/save.h>
#include <bisque/core/checkpoint/value_reader.h>
#include <bisque/core/dtype_name.h>
#include <bisque/core/error.h>
#include <bisque/core/serialization/mapped_file.h>
#include <bisque/core/serialization/safetensors_index.h>
#include <bisque/core/serialization/text.h>

namespace bisque::cli {
namespace {

using Json = nlohmann::ordered_json;

/// The places of the storages of a file that is viewed, by the addresses of their bytes.
std::unordered_map<const void*, std::string> storage_places(const TorchFile& file) {
  std::unordered_map<const void*, std::string> places;
  for (const auto& storage : file.storages()) places.emplace(storage.bytes.data(), storage.info.location);
  return places;
}

/// The storage that a tensor, or the first part of a sparse one, lies in.
const void* storage_address(const at::Tensor& tensor) {
  if (tensor.is_sparse()) return storage_address(tensor._values());
  if (tensor.layout() != at::kStrided) return storage_address(tensor.values());
  return tensor.storage().data();
}

TensorFile read_torch_file(const std::string& path) {
  const auto mapped = MappedFile::open(path, Mapping::kCopyOnWrite);
  const auto file = TorchFile::parse(mapped->bytes(), path, mapped);
  ReadOptions options;
  options.mmap = true;
  options.map_location = c10::Device(c10::kCPU);
  Flattened flat = flatten(ValueReader(*file, options).read());
  const auto places = storage_places(*file);
  TensorFile result;
  result.values = std::move(flat.values);
  for (auto& [name, tensor] : flat.tensors) {
    std::string device = tensor.device().str();
    if (tensor.device().is_cpu()) {
      const auto place = places.find(storage_address(tensor));
      if (place != places.end()) device = place->second;
    }
    result.tensors.push_back({name, std::move(device), std::move(tensor)});
  }
  return result;
}

TensorFile read_safetensors(const std::string& path) {
  SafetensorsReadOptions options;
  options.mmap = true;
  TensorFile result;
  for (const auto& [name, value] : load_safetensors(path, options)) {
    result.tensors.push_back({name, "cpu", value.as<at::Tensor>()});
  }
  const auto metadata = path.ends_with(kSafetensorsIndexEnding) ? ShardedSafetensors::open(path).index().metadata
                                                                : SafetensorsFile::open(path).metadata();
  for (const auto& [name, text] : metadata) result.values.emplace_back(name, text);
  return result;
}

Json real_json(double value) {
  if (std::isfinite(value)) return value;
  return std::isnan(value) ? "nan" : value > 0 ? "inf" : "-inf";
}

std::string hex_text(const BigInt& integer) {
  std::string magnitude = integer.bytes;
  const bool negative = !magnitude.empty() && (magnitude.back() & 0x80) != 0;
  if (negative) {  // two's complement
    unsigned carry = 1;
    for (char& byte : magnitude) {
      carry += static_cast<unsigned char>(~byte);
      byte = static_cast<char>(carry & 0xFF);
      carry >>= 8;
    }
  }
  std::reverse(magnitude.begin(), magnitude.end());
  std::string text = hex_digits(std::as_bytes(std::span(magnitude)));
  text.erase(0, std::min(text.find_first_not_of('0'), text.size() - 1));
  return (negative ? "-0x" : "0x") + text;
}

void write_safetensors_of(const TensorFile& file, const std::string& path) {
  Dict tensors;
  std::map<std::string, std::string> metadata;
  for (const auto& [name, device, tensor] : file.tensors) {
    if (!tensors.try_emplace(name, tensor).second) {
      fail("two tensors have the path ", quoted_text(name), ", and a .safetensors file holds each name once.");
    }
  }
  for (const auto& [name, value] : file.values) {
    const auto* text = value.get_if<std::string>();
    metadata[name] = text ? *text : to_json(value).dump();
  }
  save_safetensors(tensors, path, metadata);
}

void write_torch_of(const TensorFile& file, const std::string& path) {
  OrderedDict tensors;
  for (const auto& [name, device, tensor] : file.tensors) tensors.set(name, tensor.clone());
  for (const auto& [name, value] : file.values) {
    std::fprintf(stderr, "note: the metadata %s is left out, which a dict of tensors has no place for.\n",
                 quoted_text(name).c_str());
  }
  save(tensors, path);
}

}  // namespace

bool is_torch_file(const std::string& path) {
  const std::string extension = lower_extension(path);
  return extension == ".pt" || extension == ".pth" || extension == ".bin" || extension == ".ckpt";
}

bool is_safetensors(const std::string& path) {
  return path.ends_with(kSafetensorsIndexEnding) || lower_extension(path) == ".safetensors";
}

TensorFile read_tensor_file(const std::string& path) {
  if (is_torch_file(path)) return read_torch_file(path);
  if (is_safetensors(path)) return read_safetensors(path);
  fail("\"", path,
       "\" is no file of tensors; expected .pt, .pth, .bin, .ckpt, .safetensors or .safetensors.index.json.");
}

Json to_json(const Value& value) {
  if (value.is_none()) return nullptr;
  if (const auto* flag = value.get_if<bool>()) return *flag;
  if (const auto* integer = value.get_if<int64_t>()) return *integer;
  if (const auto* real = value.get_if<double>()) return real_json(*real);
  if (const auto* text = value.get_if<std::string>()) return *text;
  if (const auto* bytes = value.get_if<Bytes>()) return "b" + quoted_text(bytes->data);
  if (const auto* size = value.get_if<bisque::Size>()) return static_cast<const std::vector<int64_t>&>(*size);
  if (const auto* integer = value.get_if<BigInt>()) return hex_text(*integer);
  if (const auto* dtype = value.get_if<at::ScalarType>()) return dtype_name(*dtype);
  if (const auto* device = value.get_if<at::Device>()) return device->str();
  if (const auto* number = value.get_if<c10::complex<double>>()) {
    return Json::array({real_json(number->real()), real_json(number->imag())});
  }
  const std::string type = value.type_name();
  if (type == "dict" || type == "OrderedDict") return Json::object();  // flatten() leaves only empty ones
  if (type == "list" || type == "tuple" || type == "set") return Json::array();
  return type;
}

void convert_tensors(const std::string& input, const std::string& output) {
  const TensorFile file = read_tensor_file(input);
  if (is_torch_file(output)) {
    write_torch_of(file, output);
  } else if (is_safetensors(output)) {
    write_safetensors_of(file, output);
  } else {
    fail("\"", output,
         "\" is no file of tensors that can be written; expected .pt, .pth, .bin, .ckpt, .safetensors or ",
         ".safetensors.index.json.");
  }
  std::printf("%s: %zu tensors\n", output.c_str(), file.tensors.size());
}

}  // namespace bisque::cli
