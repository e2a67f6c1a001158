// Internal. What a file says of tensors, and the storages that it has to hold for them.
#pragma once
#include <ATen/core/Tensor.h>

#include <deque>
#include <string>
#include <unordered_map>
#include <vector>

#include <bisque/core/torch_file/torch_pickle.h>

namespace bisque {

class TensorWriter {
 public:
  struct Storage {
    std::string key;  // "0", "1", ... by first mention
    std::string location;
    c10::Storage storage;
    TorchDtype dtype;
    bool is_untyped;
    size_t bytes;  // of whole elements
  };

  /// Views texts of storages(). Error: a tensor of a kind that files do not have; one that views a storage as another
  /// dtype than a tensor before it.
  TensorObject describe(const at::Tensor& tensor);
  StorageInfo describe(const c10::Storage& storage) { return storage_info(storage, TorchDtype::UInt8, true); }

  const std::deque<Storage>& storages() const { return storages_; }

 private:
  TensorInfo strided(const at::Tensor& tensor);
  SparseTensorInfo sparse(const at::Tensor& tensor);
  NestedTables nested_tables(const at::Tensor& tensor);
  StorageInfo storage_info(const c10::Storage& storage, TorchDtype dtype, bool is_untyped);

  std::deque<Storage> storages_;
  std::unordered_map<const c10::StorageImpl*, size_t> index_;
};

/// Error: files have no name for it.
TorchDtype torch_dtype(at::ScalarType dtype);
TorchLayout torch_layout(at::Layout layout);

}  // namespace bisque
