// Internal. Makes values from a file's pickle.
#pragma once
#include <bisque/core/checkpoint/tensor_reader.h>

namespace bisque {

class ValueReader {
 public:
  ValueReader(const TorchFile& file, const ReadOptions& options)
      : file_(file),
        options_(options),
        budget_(file, options.max_bytes),
        storages_(file, options),
        tensors_(file, storages_, budget_) {}

  /// The whole value.
  Value read() { return read(file_.pickle().root, 0); }

 private:
  Value read(NodeId node, size_t depth);
  template <class Container>
  Container read_list(NodeId node, size_t depth);
  Value read_dict(NodeId dict, size_t depth, bool is_ordered);
  Value read_object(NodeId node, size_t depth);
  Value read_mapping(const MappingInfo& info, size_t depth);
  Value read_own(const OwnCallInfo& info, size_t depth);
  Value read_tensor(const TensorObject& object);

  const TorchFile& file_;
  const ReadOptions& options_;
  MemoryBudget budget_;
  const StorageReader storages_;
  const TensorReader tensors_;
};

}  // namespace bisque
