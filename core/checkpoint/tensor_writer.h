// Internal. Describes tensors for a file, and collects their storages.
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
    std::string key;  // "0", "1", ... in the order of first use
    std::string location;
    c10::Storage storage;
    TorchDtype dtype;
    bool is_untyped;
    size_t bytes;  // of complete elements
  };

  /// The result views texts of storages(). Error: a tensor of an unsupported kind; one that views a storage with
  /// another dtype than an earlier tensor.
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

/// Error: the format has no name for it.
TorchDtype torch_dtype(at::ScalarType dtype);
TorchLayout torch_layout(at::Layout layout);

}  // namespace bisque
