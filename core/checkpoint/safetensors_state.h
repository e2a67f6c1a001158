// Tensors to and from .safetensors files.
#pragma once
#include <c10/core/Device.h>

#include <map>
#include <string>

#include <bisque/core/value.h>

namespace bisque {

struct SafetensorsReadOptions {
  c10::Device device = c10::kCPU;
  /// Tensors on the CPU view the file, as ReadOptions::mmap says; one that lies misaligned in it is copied.
  bool mmap = false;
};

/// The tensors of a file, by their place in it, or of all shards that an index (NAME.safetensors.index.json) names.
/// Errors: what SafetensorsFile and ShardedSafetensors refuse; a dtype that torch does not have (F4, F6).
OrderedDict load_safetensors(const std::string& path, const SafetensorsReadOptions& options = {});

/// Writes tensors as contiguous copies on the CPU: strides, devices and shared storages are not kept. A path that ends
/// in .safetensors.index.json gets shards beside it. The file is written whole or not at all. Errors: what
/// write_safetensors refuses; a value that is no tensor; a sparse or quantized tensor, or a dtype that the format does
/// not have.
void save_safetensors(const Dict& tensors, const std::string& path,
                      const std::map<std::string, std::string>& metadata = {});

}  // namespace bisque
