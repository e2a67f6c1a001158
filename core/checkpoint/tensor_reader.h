// Tensors out of what a file says of them.
#pragma once
#include <ATen/core/Tensor.h>

#include <string>

#include <bisque/core/checkpoint/storage_reader.h>
#include <bisque/core/serialization/torch_pickle.h>

namespace bisque {

class TensorReader {
 public:
  TensorReader(const TorchFile& file, const StorageReader& storages, const MapLocation& map_location)
      : file_(file), storages_(storages), map_location_(map_location) {}

  /// Error: a dtype that this torch does not have; indices of a sparse tensor that its sizes do not have.
  at::Tensor read(const TensorObject& object) const;

 private:
  at::Tensor read(const TensorInfo& info) const;
  at::Tensor read(const SparseTensorInfo& info) const;
  at::Tensor read(const MetaTensorInfo& info) const;
  at::Tensor read_quantized(const TensorInfo& info, const c10::Storage& storage) const;

  const TorchFile& file_;
  const StorageReader& storages_;
  const MapLocation& map_location_;
};

/// Error: this torch does not have it.
at::ScalarType scalar_type(TorchDtype dtype, const std::string& where);
at::Layout layout_of(TorchLayout layout);

}  // namespace bisque
