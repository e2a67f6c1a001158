// Internal. Makes tensors from their description in a file.
#pragma once
#include <ATen/core/Tensor.h>

#include <string>

#include <bisque/core/checkpoint/memory_budget.h>
#include <bisque/core/checkpoint/storage_reader.h>
#include <bisque/core/torch_file/torch_pickle.h>

namespace bisque {

class TensorReader {
 public:
  TensorReader(const TorchFile& file, const StorageReader& storages, MemoryBudget& budget)
      : file_(file), storages_(storages), budget_(budget) {}

  /// Error: a dtype that this torch does not have; indices of a sparse tensor that are outside its sizes; a nested
  /// tensor that is larger than its buffer.
  at::Tensor read(const TensorObject& object) const;

 private:
  at::Tensor read(const TensorInfo& info) const;
  at::Tensor read(const SparseTensorInfo& info) const;
  at::Tensor read_nested(const TensorInfo& info, const NestedTables& tables) const;
  at::Tensor read(const MetaTensorInfo& info) const;
  at::Tensor read_coo(const SparseTensorInfo& info, const at::Tensor& indices, const at::Tensor& values) const;
  at::Tensor read_compressed(const SparseTensorInfo& info, const at::Tensor& indices, const at::Tensor& values) const;
  at::Tensor read_quantized(const TensorInfo& info, const c10::Storage& storage) const;
  at::Tensor read_per_channel(const TensorInfo& info, at::TensorOptions type) const;
  at::Tensor read_part(const TensorInfo& info) const;

  const TorchFile& file_;
  const StorageReader& storages_;
  MemoryBudget& budget_;
};

/// Error: this torch does not have it.
at::ScalarType scalar_type(TorchDtype dtype, const std::string& where);
at::Layout layout_of(TorchLayout layout);

}  // namespace bisque
