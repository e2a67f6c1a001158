#include "cli/tensor_file.h"

#include <ATen/ATen.h>
#include <c10/util/complex.h>

#include <cmath>
#include <cstdio>
#include <new>
#include <nlohmann/json.hpp>
#include <span>
#include <unordered_map>

#include <bisque/core/checkpoint/flatten.h>
#include <bisque/core/checkpoint/safetensors_state.h>
#include <bisque/core/checkpoint/save.h>
#include <bisque/core/checkpoint/value_reader.h>
#include <bisque/core/checkpoint/value_text.h>
#include <bisque/core/dtype_name.h>
#include <bisque/core/error.h>
#include <bisque/core/serialization/mapped_file.h>
#include <bisque/core/serialization/safetensors_index.h>
#include <bisque/core/serialization/text.h>

#include "cli/tensor_pieces.h"
#include "cli/values.h"

namespace bisque::cli {
namespace {

using Json = nlohmann::ordered_json;

/// The indices of the storages of a viewed file, by the addresses of their bytes.
std::unordered_map<const void*, std::string> storage_places(const TorchFile& file) {
  std::unordered_map<const void*, std::string> places;
  for (const auto& storage : file.storages()) places.emplace(storage.bytes.data(), storage.info.location);
  return places;
}

/// The storage of a tensor, or of the first part of a sparse one.
const void* storage_address(const at::Tensor& tensor) {
  if (tensor.is_nested()) return storage_address(tensor.values());
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
  Flattened flat = flatten(ValueReader(*file, options).read(), path);
  LeafNames names = leaf_names(flat);
  const auto places = storage_places(*file);
  TensorFile result{
      .is_nested = true, .num_bytes = mapped->bytes().size(), .tensors = {}, .values = {}, .containers = {}};
  for (size_t i = 0; i < flat.values.size(); ++i) {
    auto& [name, indices, value] = flat.values[i];
    result.values.push_back({std::move(names.values[i]), std::move(indices), std::move(value)});
  }
  for (auto& [name, indices, kind] : flat.containers)
    result.containers.emplace_back(std::move(indices), std::move(kind));
  for (size_t i = 0; i < flat.tensors.size(); ++i) {
    auto& [place_in_value, indices, tensor] = flat.tensors[i];
    std::string device = tensor.device().str();
    if (tensor.device().is_cpu()) {
      const auto place = places.find(storage_address(tensor));
      if (place != places.end()) device = place->second;
    }
    result.tensors.push_back({std::move(place_in_value), std::move(names.tensors[i]), std::move(indices),
                              std::move(device), std::move(tensor)});
  }
  return result;
}

TensorFile tensor_file_of(const OrderedDict& tensors, const std::map<std::string, std::string>& metadata) {
  TensorFile result;
  for (const auto& [name, value] : tensors) {
    const auto& tensor = value.as<at::Tensor>();
    result.num_bytes += tensor.nbytes();
    result.tensors.push_back({name, name, "[" + value_text(name) + "]", "cpu", tensor});
  }
  for (const auto& [name, text] : metadata) result.values.push_back({name, "[" + value_text(name) + "]", text});
  return result;
}

TensorFile read_safetensors(const SafetensorsFile& file) {
  return tensor_file_of(load_safetensors(file, {.mmap = true}), file.metadata());
}

TensorFile read_safetensors(const std::string& path) {
  if (path.ends_with(kSafetensorsIndexEnding)) {
    return tensor_file_of(load_safetensors(path, {.mmap = true}), ShardedSafetensors::open(path).index().metadata);
  }
  const auto mapped = MappedFile::open(path, Mapping::kCopyOnWrite);
  return read_safetensors(SafetensorsFile::parse(mapped->bytes(), path, mapped));
}

TensorFile read_by_name(const std::string& path) {
  if (is_torch_file(path)) return read_torch_file(path);
  if (is_safetensors(path)) return read_safetensors(path);
  fail("\"", path,
       "\" is not a file of tensors; expected .pt, .pth, .bin, .ckpt, .safetensors or .safetensors.index.json.");
}

Json real_json(double value) {
  if (std::isfinite(value)) return value;
  return std::isnan(value) ? "nan" : value > 0 ? "inf" : "-inf";
}

/// Text that JSON can represent: invalid UTF-8 and lone surrogates are escaped.
Json text_json(const std::string& text) { return is_utf8(text) ? text : escaped(text); }

Json list_json(const List& items) {
  Json array = Json::array();
  for (const Value& item : items) array.push_back(to_json(item));
  return array;
}

/// Makes separate copies of elements and tensors that share memory; a short file may request any number of them.
void check_copies(const TensorFile& file) {
  constexpr uint64_t kFreeBytes = uint64_t{256} << 20;
  ByteBudget budget(file.num_bytes, kFreeBytes);
  for (const NamedTensor& entry : file.tensors) {
    const bool is_dense = entry.tensor.layout() == at::kStrided && !entry.tensor.is_nested();
    if (!is_dense || budget.take(entry.tensor)) continue;
    fail("save_safetensors: with the tensor ", quoted_text(entry.name), " of ", entry.tensor.numel(),
         " elements, its tensors expand to more than 256 MiB and 16 times the file, which is not written.");
  }
}

void write_safetensors_of(const TensorFile& file, const std::string& path) {
  check_copies(file);
  Dict tensors;
  std::map<std::string, std::string> metadata;
  for (const NamedTensor& entry : file.tensors) {
    if (!tensors.try_emplace(entry.path, entry.tensor).second) {
      fail("two tensors have the path ", quoted_text(entry.path), ", and a .safetensors file holds each name once.");
    }
  }
  for (const auto& [name, indices, value] : file.values) metadata[name] = metadata_text(value);
  save_safetensors(tensors, path, metadata);
}

/// The value of a torch file, or a dict of the tensors of other files.
size_t write_torch_of(const std::string& input, const std::string& output) {
  if (is_torch_file(input)) {
    const Value value = load(input, {.map_location = at::kCPU, .mmap = true});
    save(value, output);
    return flatten(value, input).tensors.size();
  }
  const TensorFile file = read_by_name(input);
  OrderedDict tensors;
  for (const NamedTensor& entry : file.tensors) tensors.set(entry.name, entry.tensor.clone());
  for (const auto& [name, indices, value] : file.values) {
    std::fprintf(stderr, "note: the metadata %s is dropped, because a dict of tensors has no place for it.\n",
                 quoted_text(name).c_str());
  }
  save(tensors, output);
  return file.tensors.size();
}

size_t convert_file(const std::string& input, const std::string& output) {
  if (is_torch_file(output)) return write_torch_of(input, output);
  if (!is_safetensors(output)) {
    fail("\"", output,
         "\" is not a supported file of tensors for output; expected .pt, .pth, .bin, .ckpt, .safetensors or ",
         ".safetensors.index.json.");
  }
  const TensorFile file = read_by_name(input);
  write_safetensors_of(file, output);
  return file.tensors.size();
}

/// Calls `work` on a file. Every error that does not contain a file gets this one.
template <class Work>
auto with_file(const std::string& path, const Work& work) {
  try {
    return work();
  } catch (const c10::Error& error) {
    fail(path, ": ", first_line(error.what_without_backtrace()));
  } catch (const Json::exception& error) {
    fail(path, ": ", first_line(error.what()));
  } catch (const Error& error) {
    const std::string message = error.what();
    if (message.starts_with("save")) fail(path, ": ", message);  // about a tensor or value, without a file
    throw;
  } catch (const std::bad_alloc&) {
    fail(path, ": there is not enough memory for what it holds.");
  }
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
  return with_file(path, [&] { return read_by_name(path); });
}

TensorFile read_tensor_file(const SafetensorsFile& file) {
  return with_file(file.where(), [&] { return read_safetensors(file); });
}

Json to_json(const Value& value) {
  if (value.is_none()) return nullptr;
  if (const auto* flag = value.get_if<bool>()) return *flag;
  if (const auto* integer = value.get_if<int64_t>()) return *integer;
  if (const auto* real = value.get_if<double>()) return real_json(*real);
  if (const auto* text = value.get_if<std::string>()) return text_json(*text);
  if (value.is<Bytes>()) return text_json(value_text(value));
  if (const auto* size = value.get_if<bisque::Size>()) return static_cast<const std::vector<int64_t>&>(*size);
  if (const auto* integer = value.get_if<BigInt>()) return hex_text(*integer);
  if (const auto* dtype = value.get_if<at::ScalarType>()) return dtype_name(*dtype);
  if (const auto* device = value.get_if<at::Device>()) return device->str();
  if (const auto* number = value.get_if<c10::complex<double>>()) {
    return Json::array({real_json(number->real()), real_json(number->imag())});
  }
  if (const auto* set = value.get_if<Set>()) return list_json(*set);
  if (const auto* tuple = value.get_if<Tuple>()) return list_json(*tuple);
  if (const auto* list = value.get_if<List>()) return list_json(*list);
  if (container_kind(value) == "dict") return Json::object();  // flatten() keeps only empty ones
  return value_text(value);
}

std::string metadata_text(const Value& value) {
  const auto* text = value.get_if<std::string>();
  if (!text) return to_json(value).dump();
  // An object is not a plain value, and no other value's text is an object.
  const bool is_object = text->starts_with('{') && *text != "{}";
  return !is_object && Json::accept(*text) ? Json(*text).dump() : *text;
}

std::string json_text(const Json& json, int indent) {
  const std::string text = json.dump(indent, ' ', false, Json::error_handler_t::replace);
  std::string result;
  result.reserve(text.size());
  for (size_t i = 0; i < text.size(); ++i) {
    const bool is_c1 = text[i] == '\xC2' && i + 1 < text.size() && static_cast<unsigned char>(text[i + 1]) < 0xA0;
    if (text[i] != '\x7F' && !is_c1) {
      result += text[i];
      continue;
    }
    if (is_c1) ++i;
    result += "\\u00" + hex_digits(std::as_bytes(std::span(&text[i], 1)));
  }
  return result;
}

void convert_tensors(const std::string& input, const std::string& output) {
  const size_t count = with_file(input, [&] { return convert_file(input, output); });
  std::printf("%s: %zu tensors\n", one_line(output).c_str(), count);
}

}  // namespace bisque::cli
