// Tensors to and from .safetensors files.
#pragma once
#include <c10/core/Device.h>

#include <map>
#include <string>

#include <bisque/core/value.h>

namespace bisque {

class SafetensorsFile;

struct SafetensorsReadOptions {
  c10::Device device = c10::kCPU;
  /// Tensors on the CPU view the file, see ReadOptions::mmap; a misaligned tensor is copied.
  bool mmap = false;
};

/// The entry of the file's metadata that names the plugins whose Modules have their state in it: "acme 1.0, blur 2.1".
inline constexpr const char* kSafetensorsPlugins = "bisque_plugins";

/// The tensors of a file, in the order of their data, or of all shards of an index (NAME.safetensors.index.json). A
/// plugin that the metadata names and that is not loaded is one warning. Errors: those of SafetensorsFile and
/// ShardedSafetensors; a dtype that torch does not have (F4, F6).
OrderedDict load_safetensors(const std::string& path, const SafetensorsReadOptions& options = {});

/// Those of an open file, which must be mapped with Mapping::kCopyOnWrite if tensors view it.
OrderedDict load_safetensors(const SafetensorsFile& file, const SafetensorsReadOptions& options = {});

/// Writes tensors as contiguous copies on the CPU: strides, devices and shared storages are not kept. For a path that
/// ends in .safetensors.index.json, shards are written beside it. The file is written completely or not at all. Errors:
/// those of write_safetensors; a value that is not a tensor; a sparse or quantized tensor, or a dtype that the format
/// does not support.
void save_safetensors(const Dict& tensors, const std::string& path,
                      const std::map<std::string, std::string>& metadata = {});
/// The same for a state_dict, whose plugins the metadata then names.
void save_safetensors(const OrderedDict& state, const std::string& path,
                      std::map<std::string, std::string> metadata = {});

}  // namespace bisque
